"""Rows for other programs to read: CSV, TSV, Markdown, and names one a line.

Values stand as the server sent them; nested ones as compact JSON, null as nothing. A pipe gets the data
exactly, with one exception: where a line is a record (TSV, names), a line break inside a value is written as
an escape, so that a client id can never pass for two. On a terminal all that it would obey is escaped too.
With `--csv-safe` a text that a spreadsheet would run as a formula is told to be text by an apostrophe.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from emqxctl.output.query.fields import Read, raw, reader
from emqxctl.output.results import Row
from emqxctl.text.escaping import visible

Batches = Iterable[Sequence[Row]]

TSV_ESCAPES = str.maketrans({"\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\"})
LINE_BREAKS = str.maketrans({"\n": "\\n", "\r": "\\r"})
# What Markdown would take for markup: an underscore only at the edge of a word.
MARKUP = r"[\\`*\[\]<|~&]|(?<!\w)_|_(?!\w)"
# What the csv module writes as we want it without our help.
EASY = frozenset({str, int, type(None)})
# How a spreadsheet's formula begins, also in full-width letters and after white space.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def shown(text: str) -> str:
    """Leave text as it is: what a pipe gets."""
    return text


def disarmed(value: object) -> object:
    """Put an apostrophe before a text that a spreadsheet would run; a number below zero is none."""
    return "'" + value if isinstance(value, str) and value.startswith(FORMULA) else value


def cell_reader(field: str, safe: bool) -> Read:
    """Make the function that reads a field of a row, disarmed where wanted."""
    read = reader(field)
    return (lambda row: disarmed(read(row))) if safe else read


def csv(batches: Batches, fields: Sequence[str], terminal: bool, *, safe: bool = False) -> Iterator[str]:
    """Write CSV with a header, quoted where needed, lines ending in a line feed."""
    from csv import writer

    lines: list[str] = []
    # Ends in \r\n so that a lone \r in a value is quoted too (Python < 3.13 looks at the line end for that).
    write = writer(Lines(lines), lineterminator="\r\n").writerow
    cells = [csv_cell(field, terminal, safe) for field in fields]
    header = [str(disarmed(field)) for field in fields] if safe else fields
    write([visible(field) for field in header] if terminal else header)
    for batch in batches:
        for row in batch:
            write([cell(row) for cell in cells])
        yield "\n".join([line[:-2] for line in lines]) + "\n"
        lines.clear()
    if lines:
        yield lines[0][:-2] + "\n"


class Lines:
    """A file of lines in a list, as the csv module wants it."""

    __slots__ = ("write",)

    def __init__(self, lines: list[str]) -> None:
        """Let each line written be appended."""
        self.write: Callable[[str], object] = lines.append


def csv_cell(field: str, terminal: bool, safe: bool) -> Callable[[Row], object]:
    """Make the function that reads a field for the csv module."""
    read = cell_reader(field, safe)
    if terminal:
        return lambda row: visible(raw(read(row)))
    if safe or "." in field:
        return lambda row: raw(read(row))

    def cell(row: Row) -> object:
        value = row.get(field)
        return value if type(value) in EASY else raw(value)

    return cell


def tsv_cell(value: object, terminal: bool = False) -> str:
    r"""Write a value for TSV: tab, line breaks and backslash as `\t \n \r \\`."""
    text = raw(value)
    if text.isprintable() and "\\" not in text:
        return text
    text = text.translate(TSV_ESCAPES)
    return visible(text) if terminal else text


def tsv(batches: Batches, fields: Sequence[str], terminal: bool, *, safe: bool = False) -> Iterator[str]:
    """Write tab-separated values with a header: what cut and awk read."""
    readers = [cell_reader(field, safe) for field in fields]
    header = "\t".join(tsv_cell(disarmed(field) if safe else field, terminal) for field in fields) + "\n"
    for batch in batches:
        lines = []
        for row in batch:
            cells = [raw(read(row)) for read in readers]
            probe = "".join(cells)
            if not probe.isprintable() or "\\" in probe:
                cells = [tsv_cell(cell, terminal) for cell in cells]
            lines.append("\t".join(cells))
        yield header + "\n".join(lines) + "\n"
        header = ""
    if header:
        yield header


def markdown_cell(value: object) -> str:
    """Write a value for a Markdown table: nothing in it is markup, nothing breaks the line."""
    return visible(re.sub(MARKUP, r"\\\g<0>", raw(value)))


def markdown(batches: Batches, fields: Sequence[str], right: Sequence[bool]) -> Iterator[str]:
    """Write a Markdown table."""
    readers = [reader(field) for field in fields]
    rules = ["---:" if numbers else "---" for numbers in right]
    header = markdown_line([markdown_cell(field) for field in fields]) + markdown_line(rules)
    for batch in batches:
        yield header + "".join(markdown_line([markdown_cell(read(row)) for read in readers]) for row in batch)
        header = ""


def markdown_line(cells: Iterable[str]) -> str:
    """Put the cells of a Markdown row together."""
    return f"| {' | '.join(cells)} |\n"


def names(batches: Batches, field: str, terminal: bool) -> Iterator[str]:
    """Write one field a line, nothing for the rows that lack it."""
    read = reader(field)
    for batch in batches:
        values = [raw(value) for value in map(read, batch) if value is not None]
        if values:
            yield named_lines(values, terminal)


def named_lines(values: Sequence[str], terminal: bool) -> str:
    """Write texts one a line, without letting any of them be two."""
    if not terminal:
        text = "\n".join(values) + "\n"
        if text.count("\n") == len(values) and "\r" not in text:
            return text
    clean = visible if terminal else shown
    return "".join(clean(value.translate(LINE_BREAKS)) + "\n" for value in values)
