"""The rows of a result as pages, and which fields of them a view reads.

A paged list comes in pages already, whose rows are decoded only as far as they are read; other rows are put
into pages as they come.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from emqxctl.output.formats.batches import BATCH_ROWS, batches
from emqxctl.output.results import Row, Rows
from emqxctl.output.view import STRUCTURED_FORMATS, Format, View, list_conditions
from emqxctl.resource import Column
from emqxctl.text.row_page import ParsedPage, RowPage, RowStream


def iterate_pages(result: Rows, view: View) -> Iterator[RowPage]:
    """Yield the rows of a result in pages; of rows that come one by one, no more are read than needed."""
    rows = result.rows
    if isinstance(rows, RowStream):
        return rows.pages
    if view.limit is not None and not (view.where or view.sort):
        rows = islice(rows, view.limit)
    stops_at_limit = view.limit is not None and bool(view.where) and not view.sort
    return make_pages(rows, 1 if result.is_live or stops_at_limit else BATCH_ROWS)


def make_pages(rows: Iterable[Row], size: int = BATCH_ROWS) -> Iterator[RowPage]:
    """Yield rows in pages; a source that fails raises after its rows."""
    return (ParsedPage(batch) for batch in batches(rows, first=size, size=size))


def all_rows(pages: Iterable[RowPage]) -> Iterator[Row]:
    """Yield the rows of pages with all their fields."""
    return chain.from_iterable(page.read_all() for page in pages)


def prints_texts(view: View) -> bool:
    """Return whether rows are printed as the server sent them."""
    return view.format in {Format.JSON, Format.JSONL} and not view.fields and view.query is None


def printed_fields(view: View, columns: Sequence[Column], key: str) -> tuple[str, ...] | None:
    """Return the fields that are printed of each row; None if it is all of them."""
    if view.query is not None:
        return None
    if view.format is Format.NAME and (view.name_fields or key):
        return view.name_fields or (key,)
    if view.fields:
        return view.fields
    if view.format in STRUCTURED_FORMATS or not columns:
        return None
    if view.format is Format.NAME:
        return (columns[0].field,)
    include_wide = view.format not in {Format.TABLE, Format.MD}
    return tuple(column.field for column in columns if include_wide or not column.wide) or None


def selecting_fields(view: View) -> tuple[str, ...]:
    """Return the fields that --where and --sort read."""
    conditions = list_conditions(view.where)
    return (*(condition.field for condition in conditions), *(key.field for key in view.sort))
