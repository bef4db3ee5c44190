"""Lists in every format: selected rows, streamed in batches. Each format is imported when needed."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from emqxctl.output.formats.batches import BATCH_ROWS, CHUNK_ROWS, FIRST_TABLE_BATCH_ROWS, batches
from emqxctl.output.pages import printed_fields, prints_texts
from emqxctl.output.results import Row, Rows
from emqxctl.output.view import STRUCTURED_FORMATS, Chunk, Format, Note, View
from emqxctl.text.row_page import RowPage, RowStream


def render_listing(pages: Iterable[RowPage], result: Rows, view: View, *, has_rows: bool) -> Iterator[Chunk]:
    """Yield the rows in the format of the view, with notes; `has_rows`: there were rows before --where."""
    if prints_texts(view):
        source: Iterator[Sequence[object]] = text_batches(pages)
    else:
        source = row_batches(pages, result, view)
    first_batch = next(source, None)
    if not view.quiet:
        yield from notes_for(result, view, is_empty=first_batch is None, has_rows=has_rows)
    if first_batch is None:
        yield from format_empty_listing(result, view)
    else:
        yield from format_listing(chain([first_batch], source), first_batch, result, view)


def text_batches(pages: Iterable[RowPage]) -> Iterator[Sequence[object]]:
    """Yield the rows of each page as JSON texts, or as objects if they have none."""
    from emqxctl.output.formats.json import JsonTexts

    for page in pages:
        texts = page.texts()
        rows = page.read_all() if texts is None else []
        for start in range(0, len(page), CHUNK_ROWS):
            end = start + CHUNK_ROWS
            yield rows[start:end] if texts is None else JsonTexts(texts[start:end])
        del page, texts, rows  # or they would be in memory until the next page is here


def row_batches(pages: Iterable[RowPage], result: Rows, view: View) -> Iterator[list[Row]]:
    """Yield rows with the fields that are printed, in batches."""
    fields = printed_fields(view, result.columns, result.key)
    rows = chain.from_iterable(read_pages(pages, fields))
    if result.is_live:
        return batches(rows, first=1, size=1)
    size = CHUNK_ROWS if isinstance(result.rows, RowStream) else BATCH_ROWS
    is_table = view.format in (Format.TABLE, Format.WIDE)
    return batches(rows, first=FIRST_TABLE_BATCH_ROWS if is_table else size, size=size)


def read_pages(pages: Iterable[RowPage], fields: Sequence[str] | None) -> Iterator[list[Row]]:
    """Yield the rows of each page with these fields, None for all; pages and rows are not kept."""
    for page in pages:
        rows = [page.read_all() if fields is None else page.read(fields)]
        del page
        yield rows.pop()


def notes_for(result: Rows, view: View, *, is_empty: bool, has_rows: bool) -> Iterator[Note]:
    """Yield a note for a person if the list is empty or no row matches, unless errors explain it."""
    if is_empty and view.format.is_human_readable and not result.exit_code:
        yield Note(f"no {result.plural_noun}{' match' if view.where and has_rows else ''}")
    if is_empty and view.where:
        from emqxctl.output.query.no_match import explain_no_match

        yield from map(Note, explain_no_match(view.where))


def format_empty_listing(result: Rows, view: View) -> Iterator[str | bytes]:
    """Yield an empty list that programs can parse; nothing for a person, who gets a note."""
    from emqxctl.output.formats import delimited

    fields = view.fields or [column.field for column in result.columns]
    match view.format:
        case Format.JSON | Format.YAML:
            yield "[]\n"
        case Format.CSV if fields:
            yield from delimited.format_csv([], fields, view.is_terminal, csv_safe=view.csv_safe)
        case Format.TSV if fields:
            yield from delimited.format_tsv([], fields, view.is_terminal, csv_safe=view.csv_safe)
        case _:
            pass


def format_listing(
    source: Iterable[Sequence[Any]], first_batch: Sequence[Any], result: Rows, view: View
) -> Iterator[Chunk]:
    """Yield rows in the format of the view; `source` yields the first batch too."""
    if view.format in STRUCTURED_FORMATS:
        from emqxctl.output.formats.json import format_structured

        return format_structured(select_fields(source, view) if view.fields else source, view.format)
    if view.format in (Format.TABLE, Format.WIDE):
        return format_table(source, first_batch, result, view)
    return format_delimited(source, first_batch, result, view)


def select_fields(source: Iterable[Sequence[Row]], view: View) -> Iterator[Sequence[object]]:
    """Yield the batches with the selected fields only."""
    from emqxctl.output.formats.json_fields import format_fields
    from emqxctl.output.query.fields import keep_fields

    for batch in source:
        if view.format is Format.YAML:
            yield [keep_fields(row, view.fields) for row in batch]
        else:
            yield format_fields(batch, view.fields)


def format_table(
    source: Iterable[Sequence[Row]], first_batch: Sequence[Row], result: Rows, view: View
) -> Iterator[Chunk]:
    """Yield a table: fitted to a terminal, or plain text."""
    from emqxctl.output.query.fields import choose_columns

    columns = choose_columns(
        view.fields, result.columns, first_batch, include_wide=view.format is Format.WIDE
    )
    if view.is_terminal:
        from emqxctl.output.formats import rich_table

        return rich_table.format_fitted_table(source, columns, result.key, view)
    if view.color:
        from emqxctl.output.formats import colored_table

        return colored_table.format_table(source, columns)
    from emqxctl.output.formats import plain_table

    return plain_table.format_table(source, columns)


def format_delimited(
    source: Iterable[Sequence[Row]], first_batch: Sequence[Row], result: Rows, view: View
) -> Iterator[str | bytes]:
    """Yield a list as CSV, TSV, Markdown or names."""
    from emqxctl.output.formats import delimited
    from emqxctl.output.query.fields import choose_columns, choose_name_field, is_numeric

    if view.format is Format.NAME and view.name_fields:
        from emqxctl.output.formats.names import format_name_rows

        return format_name_rows(source, view.name_fields, view.is_terminal)
    if view.format is Format.NAME:
        field = choose_name_field(result.key, view.fields, result.columns, first_batch)
        return delimited.format_names(source, field, view.is_terminal)
    include_wide = view.format is not Format.MD
    columns = choose_columns(view.fields, result.columns, first_batch, include_wide=include_wide)
    fields = [column.field for column in columns]
    if view.format is Format.CSV:
        return delimited.format_csv(source, fields, view.is_terminal, csv_safe=view.csv_safe)
    if view.format is Format.TSV:
        return delimited.format_tsv(source, fields, view.is_terminal, csv_safe=view.csv_safe)
    return delimited.format_markdown(source, fields, [is_numeric(field, first_batch) for field in fields])
