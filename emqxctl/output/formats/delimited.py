"""Rows for other programs to read: CSV, TSV, Markdown, and names one a line.

Values stand as the server sent them; nested ones as compact JSON, null as nothing. A pipe gets the data
exactly, with one exception: where a line is a record (TSV, names), a line break inside a value is written as
an escape, so that a client id can never pass for two. On a terminal all that it would obey is escaped too.
With `--csv-safe` a text that a spreadsheet would run as a formula is told to be text by an apostrophe.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from emqxctl.output.query.fields import FieldReader, format_raw, make_field_reader
from emqxctl.output.results import Row
from emqxctl.text.escaping import escape_control_characters

Batches = Iterable[Sequence[Row]]

TSV_ESCAPES = str.maketrans({"\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\"})
LINE_BREAKS = str.maketrans({"\n": "\\n", "\r": "\\r"})
# What Markdown would take for markup: an underscore only at the edge of a word.
MARKDOWN_MARKUP = r"[\\`*\[\]<|~&]|(?<!\w)_|_(?!\w)"
# What the csv module writes as we want it without our help.
CSV_NATIVE_TYPES = frozenset({str, int, type(None)})
# How a spreadsheet's formula begins, also in full-width letters and after white space.
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def leave_unchanged(text: str) -> str:
    """Leave text as it is: what a pipe gets."""
    return text


def disarm_formula(value: object) -> object:
    """Put an apostrophe before a text that a spreadsheet would run; a number below zero is none."""
    return "'" + value if isinstance(value, str) and value.startswith(FORMULA_PREFIXES) else value


def make_cell_reader(field: str, safe: bool) -> FieldReader:
    """Make the function that reads a field of a row, disarmed where wanted."""
    read = make_field_reader(field)
    return (lambda row: disarm_formula(read(row))) if safe else read


def format_csv(
    batches: Batches, fields: Sequence[str], terminal: bool, *, safe: bool = False
) -> Iterator[str]:
    """Write CSV with a header, quoted where needed, lines ending in a line feed."""
    from csv import writer

    lines: list[str] = []
    # Ends in \r\n so that a lone \r in a value is quoted too (Python < 3.13 looks at the line end for that).
    write = writer(LineCollector(lines), lineterminator="\r\n").writerow
    cells = [make_csv_cell_reader(field, terminal, safe) for field in fields]
    header = [str(disarm_formula(field)) for field in fields] if safe else fields
    write([escape_control_characters(field) for field in header] if terminal else header)
    for batch in batches:
        for row in batch:
            write([cell(row) for cell in cells])
        yield "\n".join([line[:-2] for line in lines]) + "\n"
        lines.clear()
    if lines:
        yield lines[0][:-2] + "\n"


class LineCollector:
    """A file of lines in a list, as the csv module wants it."""

    __slots__ = ("write",)

    def __init__(self, lines: list[str]) -> None:
        """Let each line written be appended."""
        self.write: Callable[[str], object] = lines.append


def make_csv_cell_reader(field: str, terminal: bool, safe: bool) -> Callable[[Row], object]:
    """Make the function that reads a field for the csv module."""
    read = make_cell_reader(field, safe)
    if terminal:
        return lambda row: escape_control_characters(format_raw(read(row)))
    if safe or "." in field:
        return lambda row: format_raw(read(row))

    def read_cell(row: Row) -> object:
        value = row.get(field)
        return value if type(value) in CSV_NATIVE_TYPES else format_raw(value)

    return read_cell


def format_tsv_cell(value: object, terminal: bool = False) -> str:
    r"""Write a value for TSV: tab, line breaks and backslash as `\t \n \r \\`."""
    text = format_raw(value)
    if text.isprintable() and "\\" not in text:
        return text
    text = text.translate(TSV_ESCAPES)
    return escape_control_characters(text) if terminal else text


def format_tsv(
    batches: Batches, fields: Sequence[str], terminal: bool, *, safe: bool = False
) -> Iterator[str]:
    """Write tab-separated values with a header: what cut and awk read."""
    readers = [make_cell_reader(field, safe) for field in fields]
    header = (
        "\t".join(format_tsv_cell(disarm_formula(field) if safe else field, terminal) for field in fields)
        + "\n"
    )
    for batch in batches:
        lines = []
        for row in batch:
            cells = [format_raw(read(row)) for read in readers]
            probe = "".join(cells)
            if not probe.isprintable() or "\\" in probe:
                cells = [format_tsv_cell(cell, terminal) for cell in cells]
            lines.append("\t".join(cells))
        yield header + "\n".join(lines) + "\n"
        header = ""
    if header:
        yield header


def format_markdown_cell(value: object) -> str:
    """Write a value for a Markdown table: nothing in it is markup, nothing breaks the line."""
    return escape_control_characters(re.sub(MARKDOWN_MARKUP, r"\\\g<0>", format_raw(value)))


def format_markdown(batches: Batches, fields: Sequence[str], right: Sequence[bool]) -> Iterator[str]:
    """Write a Markdown table."""
    readers = [make_field_reader(field) for field in fields]
    rules = ["---:" if numbers else "---" for numbers in right]
    header = join_markdown_cells([format_markdown_cell(field) for field in fields]) + join_markdown_cells(
        rules
    )
    for batch in batches:
        yield header + "".join(
            join_markdown_cells([format_markdown_cell(read(row)) for read in readers]) for row in batch
        )
        header = ""


def join_markdown_cells(cells: Iterable[str]) -> str:
    """Put the cells of a Markdown row together."""
    return f"| {' | '.join(cells)} |\n"


def format_names(batches: Batches, field: str, terminal: bool) -> Iterator[str]:
    """Write one field a line, nothing for the rows that lack it."""
    read = make_field_reader(field)
    for batch in batches:
        values = [format_raw(value) for value in map(read, batch) if value is not None]
        if values:
            yield format_name_lines(values, terminal)


def format_name_lines(values: Sequence[str], terminal: bool) -> str:
    """Write texts one a line, without letting any of them be two."""
    if not terminal:
        text = "\n".join(values) + "\n"
        if text.count("\n") == len(values) and "\r" not in text:
            return text
    clean = escape_control_characters if terminal else leave_unchanged
    return "".join(clean(value.translate(LINE_BREAKS)) + "\n" for value in values)
