"""A list in the format asked for: rows that are already chosen, streamed in handfuls.

A handful is enough rows to be quick, and few enough to be prompt. Each format is imported when asked for.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from emqxctl.output.formats.batches import BATCH_ROWS, FIRST_TABLE_BATCH_ROWS, batches
from emqxctl.output.results import Row, Rows
from emqxctl.output.view import STRUCTURED_FORMATS, Chunk, Format, Note, View
from emqxctl.resource import Column


def render_listing(rows: Iterable[Row], result: Rows, view: View, sample: Row | None) -> Iterator[Chunk]:
    """Write the rows that are left after selection."""
    table = view.format in (Format.TABLE, Format.WIDE)
    size = 1 if result.is_live else BATCH_ROWS
    source = batches(rows, first=FIRST_TABLE_BATCH_ROWS if table and not result.is_live else size, size=size)
    first = next(source, None)
    if not view.quiet:
        yield from notes_for(result, view, first, sample)
    if first is None:
        yield from format_empty_listing(result, view)
    else:
        yield from format_listing(chain([first], source), first, result, view)


def notes_for(result: Rows, view: View, first: Sequence[Row] | None, sample: Row | None) -> Iterator[Note]:
    """Tell that nothing is there, or that a field asked for is nowhere in it."""
    if first is not None:
        missing = missing_fields(view.fields, result.columns, first)
    else:
        first = [] if sample is None else [sample]
        missing = missing_fields([condition.field for condition in view.where], (), first)
        if missing or view.format.is_human_readable:
            yield Note(
                f"No {result.plural_noun} match." if view.where and first else f"No {result.plural_noun}."
            )
    for field in missing:
        fields = list(dict.fromkeys(name for row in first for name in row))
        yield Note(
            f"There is no field {field!r} in these {result.plural_noun}.{suggest_field(field, fields)}"
        )


def missing_fields(fields: Sequence[str], columns: Sequence[Column], rows: Sequence[Row]) -> list[str]:
    """List the fields that are nowhere in the rows, if there are any rows."""
    if not fields or not rows:
        return []
    from emqxctl.output.query.fields import has_field

    return [field for field in dict.fromkeys(fields) if not has_field(field, columns, rows)]


def suggest_field(field: str, fields: Sequence[str]) -> str:
    """Name the field that was probably meant."""
    from difflib import get_close_matches

    close = get_close_matches(field, fields, n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


def format_empty_listing(result: Rows, view: View) -> Iterator[str]:
    """Write a list of nothing: what a program parses stays whole, a person gets a note instead."""
    from emqxctl.output.formats import delimited

    fields = view.fields or [column.field for column in result.columns]
    match view.format:
        case Format.JSON | Format.YAML:
            yield "[]\n"
        case Format.CSV if fields:
            yield from delimited.format_csv([], fields, view.is_terminal, safe=view.csv_safe)
        case Format.TSV if fields:
            yield from delimited.format_tsv([], fields, view.is_terminal, safe=view.csv_safe)
        case _:
            pass


def format_listing(
    source: Iterable[list[Row]], first: Sequence[Row], result: Rows, view: View
) -> Iterator[Chunk]:
    """Write rows that are there; `first` is the first batch of the source again."""
    if view.format in STRUCTURED_FORMATS:
        from emqxctl.output.formats.json import format_structured

        return format_structured(
            keep_fields_of_batches(source, view.fields) if view.fields else source, view.format
        )
    if view.format in (Format.TABLE, Format.WIDE):
        return format_table(source, first, result, view)
    return format_delimited(source, first, result, view)


def keep_fields_of_batches(source: Iterable[list[Row]], fields: Sequence[str]) -> Iterator[list[Row]]:
    """Keep the fields asked for."""
    from emqxctl.output.query.fields import keep_fields

    return ([keep_fields(row, fields) for row in batch] for batch in source)


def format_table(
    source: Iterable[list[Row]], first: Sequence[Row], result: Rows, view: View
) -> Iterator[Chunk]:
    """Write a table: fitted to a terminal, or plain."""
    from emqxctl.output.query.fields import choose_columns

    columns = choose_columns(view.fields, result.columns, first, wide=view.format is Format.WIDE)
    if view.is_terminal:
        from emqxctl.output.formats import rich_table

        return rich_table.format_fitted_table(source, columns, result.key, view)
    from emqxctl.output.formats import plain_table

    return plain_table.format_table(source, columns)


def format_delimited(
    source: Iterable[list[Row]], first: Sequence[Row], result: Rows, view: View
) -> Iterator[str]:
    """Write a list as CSV, TSV, Markdown or names."""
    from emqxctl.output.formats import delimited
    from emqxctl.output.query.fields import choose_columns, choose_name_field, is_numeric

    if view.format is Format.NAME:
        field = choose_name_field(result.key, view.fields, result.columns, first)
        return delimited.format_names(source, field, view.is_terminal)
    fields = [
        column.field
        for column in choose_columns(view.fields, result.columns, first, wide=view.format is not Format.MD)
    ]
    if view.format is Format.CSV:
        return delimited.format_csv(source, fields, view.is_terminal, safe=view.csv_safe)
    if view.format is Format.TSV:
        return delimited.format_tsv(source, fields, view.is_terminal, safe=view.csv_safe)
    return delimited.format_markdown(source, fields, [is_numeric(field, first) for field in fields])
