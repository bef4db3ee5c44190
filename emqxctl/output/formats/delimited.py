"""Rows for other programs: CSV, TSV, Markdown, and names one per line.

Values are written as the server sent them: nested ones as compact JSON, null as nothing. A pipe gets the
exact data, with one exception: if a line is a record (TSV, names), a line break inside a value is escaped,
because one client ID must not read as two. On a terminal control characters are escaped too. With
`--csv-safe` an apostrophe keeps spreadsheets from running text as a formula.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import cast

from emqxctl.output.formats.batches import concatenate
from emqxctl.output.formats.columns import BOOLEANS, NULL, ToText, format_column, join_columns, read_columns
from emqxctl.output.query.fields import format_raw, make_field_reader
from emqxctl.output.results import Row
from emqxctl.text.escaping import escape_control_characters
from emqxctl.text.partial_rows import MISSING, encode_cells, read_cells

Batches = Iterable[Sequence[Row]]

CSV_BYTES, TSV_BYTES = bytes(range(256)), bytes.maketrans(b",", b"\t")
TSV_ESCAPES = str.maketrans({"\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\"})
LINE_BREAKS = str.maketrans({"\n": "\\n", "\r": "\\r"})
# What Markdown reads as markup: an underscore only at the edge of a word.
MARKDOWN_MARKUP = r"[\\`*\[\]<|~&]|(?<!\w)_|_(?!\w)"
# As `format_raw` does, without looking at each value.
PLAIN_TEXTS: Mapping[type, ToText] = {
    str: str,
    int: repr,  # quicker than str
    bool: BOOLEANS.__getitem__,
    NULL: {None: ""}.__getitem__,
}
# How a spreadsheet's formula begins, in full-width characters and after white space too.
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def leave_unchanged(text: str) -> str:
    """Return the text as it is, for a pipe."""
    return text


def escape_formula(value: object) -> object:
    """Put an apostrophe before text that a spreadsheet would run; numbers are unchanged."""
    return "'" + value if isinstance(value, str) and value.startswith(FORMULA_PREFIXES) else value


def format_cells(rows: Sequence[Row], fields: Sequence[str], csv_safe: bool) -> list[Sequence[str]]:
    """Return the columns of rows as text, not yet quoted or escaped."""
    if csv_safe:
        by_type: Mapping[type, ToText] = {}
        other = format_safe
    else:
        by_type, other = PLAIN_TEXTS, format_raw
    return [format_column(values, by_type, other) for values in read_columns(rows, fields)]


def format_safe(value: object) -> str:
    """Format a value with an apostrophe before formulas."""
    return format_raw(escape_formula(value))


def format_csv(
    batches: Batches, fields: Sequence[str], is_terminal: bool, *, csv_safe: bool = False
) -> Iterator[str | bytes]:
    """Yield CSV with a header, quoted if needed, with lines ending in a line feed."""
    names = [format_safe(field) for field in fields] if csv_safe else list(fields)
    header = format_csv_lines(
        [[escape_control_characters(name)] if is_terminal else [name] for name in names]
    )
    for batch in batches:
        lines = None if is_terminal or csv_safe else join_plain_values(batch, fields, CSV_BYTES)
        yield concatenate(header, lines or format_csv_batch(batch, fields, is_terminal, csv_safe=csv_safe))
        header = ""
    if header:
        yield header


def format_csv_batch(
    batch: Sequence[Row], fields: Sequence[str], is_terminal: bool, *, csv_safe: bool
) -> str:
    """Return the lines of some rows, quoted if needed."""
    columns = format_cells(batch, fields, csv_safe)
    if is_terminal:
        columns = [list(map(escape_control_characters, column)) for column in columns]
    return format_csv_lines(columns)


def join_plain_values(rows: Sequence[Row], fields: Sequence[str], byte_table: bytes) -> bytes | None:
    """Return lines of cells made of the rows' JSON; None if a cell needs quotes, escapes or a format.

    `byte_table` maps commas to the separator. Five times as fast as to format each value.
    """
    if len(fields) < 2:
        return None
    encoded = encode_cells(rows, read_cells(rows, fields) or zip(*read_columns(rows, fields), strict=True))
    if encoded is None or b"\\" in encoded or b"{" in encoded:
        return None
    row_count = len(rows)
    is_plain = (
        encoded.count(b",") == row_count * (len(fields) - 1)
        and encoded.count(b"[") == row_count
        and encoded.count(b"]") == row_count
    )
    if not is_plain:
        return None
    if b"null" in encoded:  # as a value it follows a comma or bracket, inside of text a quote or character
        encoded = encoded.replace(b",null", b",").replace(b"[null", b"[")
    return encoded.translate(byte_table, b'"[]')


def join_plain_cells(columns: Sequence[Sequence[str]], separator: str, special: str) -> str:
    """Return lines of cells, or nothing if a cell has a separator, a line feed or a special character."""
    lines = join_columns(columns, separator)
    text = "\n".join(lines) + "\n"
    is_plain = (
        len(columns) > 1
        and text.count(separator) == len(lines) * (len(columns) - 1)
        and text.count("\n") == len(lines)
        and not any(character in text for character in special)
    )
    return text if is_plain else ""


def format_csv_lines(columns: Sequence[Sequence[str]]) -> str:
    """Return lines of cells, quoted if needed."""
    lines_without_quotes = join_plain_cells(columns, ",", '"\r')
    if lines_without_quotes:
        return lines_without_quotes
    from csv import writer

    lines: list[str] = []
    # With \r\n a lone \r in a value is quoted too (Python < 3.13 compares with the line terminator).
    writer(LineCollector(lines), lineterminator="\r\n").writerows(zip(*columns, strict=True))
    return "\n".join([line[:-2] for line in lines]) + "\n"


class LineCollector:
    """A file object for the csv module that collects lines in a list."""

    __slots__ = ("write",)

    def __init__(self, lines: list[str]) -> None:
        """Append each written line to the list."""
        self.write: Callable[[str], object] = lines.append


def format_tsv_cell(value: object, is_terminal: bool = False) -> str:
    r"""Format a value for TSV: tab, line breaks and backslash as `\t \n \r \\`."""
    text = format_raw(value)
    if text.isprintable() and "\\" not in text:
        return text
    text = text.translate(TSV_ESCAPES)
    return escape_control_characters(text) if is_terminal else text


def format_tsv(
    batches: Batches, fields: Sequence[str], is_terminal: bool, *, csv_safe: bool = False
) -> Iterator[str | bytes]:
    """Yield tab-separated values with a header, for cut and awk."""
    headings = [escape_formula(field) if csv_safe else field for field in fields]
    header = "\t".join(format_tsv_cell(heading, is_terminal) for heading in headings) + "\n"
    for batch in batches:
        lines = None if is_terminal or csv_safe else join_plain_values(batch, fields, TSV_BYTES)
        yield concatenate(header, lines or format_tsv_batch(batch, fields, is_terminal, csv_safe=csv_safe))
        header = ""
    if header:
        yield header


def format_tsv_batch(
    batch: Sequence[Row], fields: Sequence[str], is_terminal: bool, *, csv_safe: bool
) -> str:
    """Return the lines of some rows, escaped."""
    columns = format_cells(batch, fields, csv_safe)
    lines = "" if is_terminal else join_plain_cells(columns, "\t", "\\\r")
    return lines or escape_tsv(columns, is_terminal)


def escape_tsv(columns: Sequence[Sequence[str]], is_terminal: bool) -> str:
    """Return lines of cells, escaped."""
    cells = [[format_tsv_cell(cell, is_terminal) for cell in column] for column in columns]
    return "\n".join(join_columns(cells, "\t")) + "\n"


def format_markdown_cell(value: object) -> str:
    """Format a value for a Markdown table, with markup and line breaks escaped."""
    return escape_control_characters(re.sub(MARKDOWN_MARKUP, r"\\\g<0>", format_raw(value)))


def format_markdown(batches: Batches, fields: Sequence[str], right_aligned: Sequence[bool]) -> Iterator[str]:
    """Yield a Markdown table."""
    readers = [make_field_reader(field) for field in fields]
    rules = ["---:" if align_right else "---" for align_right in right_aligned]
    header = join_markdown_cells(map(format_markdown_cell, fields)) + join_markdown_cells(rules)
    for batch in batches:
        lines = [join_markdown_cells([format_markdown_cell(read(row)) for read in readers]) for row in batch]
        yield header + "".join(lines)
        header = ""


def join_markdown_cells(cells: Iterable[str]) -> str:
    """Join the cells of a Markdown row."""
    return f"| {' | '.join(cells)} |\n"


def format_names(batches: Batches, field: str, is_terminal: bool) -> Iterator[str]:
    """Yield one field per line, nothing for rows without it."""
    for batch in batches:
        values = read_columns(batch, [field])[0]
        if set(map(type, values)) != {str}:
            values = [format_raw(value) for value in values if value is not None and value is not MISSING]
        if values:
            yield format_name_lines(cast("Sequence[str]", values), is_terminal)


def format_name_lines(values: Sequence[str], is_terminal: bool) -> str:
    """Format texts one per line, with the line breaks inside them escaped."""
    if not is_terminal:
        text = "\n".join(values) + "\n"
        if text.count("\n") == len(values) and "\r" not in text:
            return text
    escape = escape_control_characters if is_terminal else leave_unchanged
    return "".join(escape(value.translate(LINE_BREAKS)) + "\n" for value in values)
