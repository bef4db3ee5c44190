"""Tables as text: columns aligned, every value whole, nothing that a terminal would obey."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from emqxctl.output.query.fields import flatten, numeric, plain, reader
from emqxctl.output.results import Row
from emqxctl.resource import Column
from emqxctl.text.escaping import visible
from emqxctl.text.units import Relative

Cell = Callable[[Row], str]
GAP = "  "
# No value widens a column further: beyond it the one line is out of step, not all lines full of blanks.
WIDEST = 60
# What a writer raises when the server sent something else than it expects; the value is then shown as it is.
UNWRITABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
# Rows in a chunk: a reader who is gone is noticed at the next one.
PIECE = 100


def writer(column: Column, relative: bool) -> Callable[[object], str]:
    """Make the function that writes a column's values; `relative` allows times told from now."""
    write = column.write
    if write is None or (isinstance(write, Relative) and not relative):
        return plain

    def written(value: object) -> str:
        if value is None:
            return "-"
        try:
            return write(value) or "-"
        except UNWRITABLE:
            return plain(value)

    return written


def cell_maker(column: Column, relative: bool) -> Cell:
    """Make the function that writes a column's cell of a row (not yet escaped)."""
    write = writer(column, relative)
    if "." in column.field:
        read = reader(column.field)
        return lambda row: write(read(row))
    field = column.field
    return lambda row: write(row.get(field))


def display_width(text: str) -> int:
    """Count the terminal cells of a text: East Asian wide characters and emoji take two, marks none."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(
        2
        if east_asian_width(character) in "WF"
        else 0
        if combining(character) or "\ufe00" <= character <= "\ufe0f"
        else 1
        for character in text
    )


class Layout(NamedTuple):
    """The columns of a table: how each is written, how wide it is, and on which side its values stand."""

    columns: Sequence[Column]
    cells: Sequence[Cell]
    widths: Sequence[int]
    right: Sequence[bool]

    def pad(self, cells: Sequence[str]) -> str:
        """Bring cells to their widths and put one line together; the last gets no blanks after it."""
        last = len(cells) - 1
        parts = []
        for index, (cell, width, right) in enumerate(zip(cells, self.widths, self.right, strict=True)):
            blanks = " " * (width - display_width(cell))
            parts.append(blanks + cell if right else cell if index == last else cell + blanks)
        return GAP.join(parts)

    def template(self) -> str:
        """Make the `%` template that does the same as pad() for ASCII, ten times as fast."""
        last = len(self.columns) - 1
        return GAP.join(
            f"%{width}s" if right else "%s" if index == last else f"%-{width}s"
            for index, (width, right) in enumerate(zip(self.widths, self.right, strict=True))
        )


def lay_out(
    columns: Sequence[Column],
    rows: Sequence[Row],
    relative: bool,
    measure: Callable[[str], int] = display_width,
) -> Layout:
    """Fit the columns to the rows at hand: numbers stand right, all else left."""
    cells = [cell_maker(column, relative) for column in columns]
    widths = [
        max(measure(visible(column.heading)), *(measure(visible(cell(row))) for row in rows))
        for column, cell in zip(columns, cells, strict=True)
    ]
    return Layout(columns, cells, widths, [stands_right(column, rows) for column in columns])


def stands_right(column: Column, rows: Sequence[Row]) -> bool:
    """Tell on which side a column's values stand: numbers right, as those that say so."""
    return column.right or (column.write is None and numeric(column.field, rows))


def capped(layout: Layout) -> Layout:
    """Keep single long values from widening their columns for all the others."""
    return layout._replace(widths=[min(width, WIDEST) for width in layout.widths])


def table(batches: Iterable[Sequence[Row]], columns: Sequence[Column]) -> Iterator[str]:
    """Write a table: the first batch settles the widths, the rest streams through them."""
    source = iter(batches)
    first = next(source, None)
    if first is None:
        return
    layout = capped(lay_out(columns, first, relative=False))
    template = layout.template()
    heading = layout.pad([visible(column.heading) for column in columns]) + "\n"
    for batch in chain([first], source):
        for at in range(0, len(batch), PIECE):
            yield heading + body(batch[at : at + PIECE], layout, template)
            heading = ""


def body(rows: Iterable[Row], layout: Layout, template: str) -> str:
    """Write rows as lines."""
    cells = layout.cells
    lines = []
    for row in rows:
        written = [cell(row) for cell in cells]
        line = template % tuple(written)
        if not (line.isascii() and line.isprintable()):
            line = layout.pad([visible(cell) for cell in written])
        lines.append(line)
    return "\n".join(lines) + "\n"


def record(data: Row, columns: Sequence[Column]) -> str:
    """Write one thing, a field a line: the columns first, then whatever else it has."""
    lines = [("FIELD", "VALUE")]
    lines += [(visible(name), visible(text)) for name, text, _ in written(data, columns, relative=False)]
    if len(lines) == 1:
        return ""
    width = max(display_width(name) for name, _ in lines)
    return "".join(f"{name}{' ' * (width - display_width(name))}{GAP}{text}\n" for name, text in lines)


def written(data: Row, columns: Sequence[Column], relative: bool) -> Iterator[tuple[str, str, object]]:
    """Yield each field's name, its value as its column writes it (not yet escaped), and the value."""
    known = {column.field: column for column in columns}
    for name, value in flatten(data, known):
        yield name, writer(known.get(name, Column(name)), relative)(value), value
