"""A list in the format asked for: rows that are already chosen, streamed in handfuls.

A handful is enough rows to be quick, and few enough to be prompt. Each format is imported when asked for.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TypeVar

from emqxctl.output.results import Row, Rows
from emqxctl.output.view import STRUCTURED, Chunk, Format, Note, View
from emqxctl.resource import Column

T = TypeVar("T")

# About 64 KB of clients: more is no faster, and the first page (1000 rows and more) begins to show at once.
BATCH = 100
# A table's widths come from this many rows: never more than the first page holds.
SAMPLE = 1000


def render_listing(rows: Iterable[Row], result: Rows, view: View, sample: Row | None) -> Iterator[Chunk]:
    """Write the rows that are left after selection."""
    table = view.format in (Format.TABLE, Format.WIDE)
    size = 1 if result.live else BATCH
    source = batches(rows, first=SAMPLE if table and not result.live else size, size=size)
    first = next(source, None)
    if not view.quiet:
        yield from remarks(result, view, first, sample)
    if first is None:
        yield from empty(result, view)
    else:
        yield from listing(chain([first], source), first, result, view)


def remarks(result: Rows, view: View, first: Sequence[Row] | None, sample: Row | None) -> Iterator[Note]:
    """Tell that nothing is there, or that a field asked for is nowhere in it."""
    if first is not None:
        missing = absent(view.fields, result.columns, first)
    else:
        first = [] if sample is None else [sample]
        missing = absent([condition.field for condition in view.where], (), first)
        if missing or view.format.human:
            yield Note(f"No {result.nouns} match." if view.where and first else f"No {result.nouns}.")
    for field in missing:
        fields = list(dict.fromkeys(name for row in first for name in row))
        yield Note(f"There is no field {field!r} in these {result.nouns}.{suggestion(field, fields)}")


def absent(wanted: Sequence[str], columns: Sequence[Column], rows: Sequence[Row]) -> list[str]:
    """List the fields that are nowhere in the rows, if there are any rows."""
    if not wanted or not rows:
        return []
    from emqxctl.output.query.fields import known

    return [field for field in dict.fromkeys(wanted) if not known(field, columns, rows)]


def suggestion(field: str, fields: Sequence[str]) -> str:
    """Name the field that was probably meant."""
    from difflib import get_close_matches

    close = get_close_matches(field, fields, n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


def empty(result: Rows, view: View) -> Iterator[str]:
    """Write a list of nothing: what a program parses stays whole, a person gets a note instead."""
    from emqxctl.output.formats import delimited

    fields = view.fields or [column.field for column in result.columns]
    match view.format:
        case Format.JSON | Format.YAML:
            yield "[]\n"
        case Format.CSV if fields:
            yield from delimited.csv([], fields, view.terminal, safe=view.csv_safe)
        case Format.TSV if fields:
            yield from delimited.tsv([], fields, view.terminal, safe=view.csv_safe)
        case _:
            pass


def listing(source: Iterable[list[Row]], first: Sequence[Row], result: Rows, view: View) -> Iterator[Chunk]:
    """Write rows that are there; `first` is the first batch of the source again."""
    if view.format in STRUCTURED:
        from emqxctl.output.formats.json import structured

        return structured(narrowed(source, view.fields) if view.fields else source, view.format)
    if view.format in (Format.TABLE, Format.WIDE):
        return tabular(source, first, result, view)
    return delimited_listing(source, first, result, view)


def narrowed(source: Iterable[list[Row]], fields: Sequence[str]) -> Iterator[list[Row]]:
    """Keep the fields asked for."""
    from emqxctl.output.query.fields import narrow

    return ([narrow(row, fields) for row in batch] for batch in source)


def tabular(source: Iterable[list[Row]], first: Sequence[Row], result: Rows, view: View) -> Iterator[Chunk]:
    """Write a table: fitted to a terminal, or plain."""
    from emqxctl.output.query.fields import choose

    columns = choose(view.fields, result.columns, first, wide=view.format is Format.WIDE)
    if view.terminal:
        from emqxctl.output.formats import rich_table

        return rich_table.fitted(source, columns, result.key, view)
    from emqxctl.output.formats import plain_table

    return plain_table.table(source, columns)


def delimited_listing(
    source: Iterable[list[Row]], first: Sequence[Row], result: Rows, view: View
) -> Iterator[str]:
    """Write a list as CSV, TSV, Markdown or names."""
    from emqxctl.output.formats import delimited
    from emqxctl.output.query.fields import choose, name_field, numeric

    if view.format is Format.NAME:
        field = name_field(result.key, view.fields, result.columns, first)
        return delimited.names(source, field, view.terminal)
    fields = [
        column.field
        for column in choose(view.fields, result.columns, first, wide=view.format is not Format.MD)
    ]
    if view.format is Format.CSV:
        return delimited.csv(source, fields, view.terminal, safe=view.csv_safe)
    if view.format is Format.TSV:
        return delimited.tsv(source, fields, view.terminal, safe=view.csv_safe)
    return delimited.markdown(source, fields, [numeric(field, first) for field in fields])


def batches(values: Iterable[T], first: int = BATCH, size: int = BATCH) -> Iterator[list[T]]:
    """Group values; when the source fails, what came before is handed out first."""
    source = iter(values)
    wanted = first
    while True:
        batch, failure = take(source, wanted)
        if batch:
            yield batch
        if failure:
            raise failure
        if len(batch) < wanted:
            return
        wanted = size


def take(source: Iterator[T], count: int) -> tuple[list[T], BaseException | None]:
    """Take up to `count` values, and the failure that cut them short (Ctrl-C included)."""
    batch: list[T] = []
    try:
        batch.extend(islice(source, count))  # keeps what came when the source raises
    except BaseException as failure:  # noqa: BLE001 - the caller raises it again, after the rows
        return batch, failure
    return batch, None
