"""Tables for a terminal: fitted to its width, with a little colour.

Made without rich, which would cost each command with a table 25 ms of start-up for nothing that it needs.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from emqxctl.output.fields import reader
from emqxctl.output.formats import Chunk, Format, Note, View
from emqxctl.output.plain import GAP, UNWRITABLE, WIDEST, Layout, capped, display_width, lay_out
from emqxctl.output.results import Row
from emqxctl.resource import Column
from emqxctl.values import visible

# SGR codes of the words that Column.style may answer with, as rich names them.
STYLES = {
    "bold": 1, "dim": 2, "italic": 3, "underline": 4, "reverse": 7,
    "black": 30, "red": 31, "green": 32, "yellow": 33, "blue": 34, "magenta": 35, "cyan": 36, "white": 37,
    "bright_black": 90, "bright_red": 91, "bright_green": 92, "bright_yellow": 93, "bright_blue": 94,
    "bright_magenta": 95, "bright_cyan": 96, "bright_white": 97,
}  # fmt: skip

LEAST_KEY = 24  # the key is folded below its width only when it is wider than this
LEAST = 16  # other columns of text are cut to no less, or dropped


def styled(text: str, style: str) -> str:
    """Colour a text: `green`, `bold red`; words that are no style are ignored."""
    codes = [str(STYLES[word]) for word in style.split() if word in STYLES]
    return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if codes and text else text


def bold(text: str) -> str:
    """Write a text in bold."""
    return styled(text, "bold")


def fitted(
    batches: Iterable[Sequence[Row]], columns: Sequence[Column], key: str, view: View
) -> Iterator[Chunk]:
    """Write a table; the first batch settles widths and columns, the rest streams through them.

    Under `wide` every column and value is there whole, however long the line. Otherwise values too long are
    cut with an ellipsis, and columns without room left out (last first, with a note); the key is folded, not
    cut.
    """
    source = iter(batches)
    first = next(source, None)
    if first is None:
        return
    layout = lay_out(columns, first, relative=True)
    if not any(column.field == key for column in columns):
        key = columns[0].field if columns else ""
    layout = capped(layout) if view.format is Format.WIDE else fit(layout, key, view.width)
    shape = Shape(layout, key, view)
    yield shape.header() + shape.body(first)
    for batch in source:
        yield shape.body(batch)
    dropped = len(columns) - len(layout.columns)
    if dropped and not view.quiet:
        yield Note(f"(+{dropped} {'column' if dropped == 1 else 'columns'}: -o wide)")


def fit(layout: Layout, key: str, width: int) -> Layout:
    """Leave out columns from the right until the rest has room at its least; share out what is left."""
    natural = [
        min(wanted, WIDEST) if column.field == key else wanted
        for column, wanted in zip(layout.columns, layout.widths, strict=True)
    ]
    least = [
        least_width(column, wanted, right, key)
        for column, wanted, right in zip(layout.columns, natural, layout.right, strict=True)
    ]
    keep = keep_columns(least, [column.field == key for column in layout.columns], width)
    spare = width - sum(least[index] + len(GAP) for index in keep) + len(GAP)
    if spare < 0:  # the key alone is too wide: it is folded
        least = [max(wanted + spare, 1) for wanted in least]
    return Layout(
        [layout.columns[index] for index in keep],
        [layout.cells[index] for index in keep],
        share([least[index] for index in keep], [natural[index] for index in keep], max(spare, 0)),
        [layout.right[index] for index in keep],
    )


def keep_columns(least: Sequence[int], is_key: Sequence[bool], width: int) -> list[int]:
    """Choose the columns that have room side by side: the last go first, the key never."""
    keep = list(range(len(least)))
    while sum(least[index] + len(GAP) for index in keep) - len(GAP) > width:
        others = [index for index in keep if not is_key[index]]
        if not others:
            break
        keep.remove(others[-1])
    return keep


def least_width(column: Column, natural: int, right: bool, key: str) -> int:
    """Tell how narrow a column may become; a number that is cut would lie."""
    if right:
        return natural
    return min(natural, LEAST_KEY if column.field == key else max(LEAST, display_width(column.heading)))


def share(least: Sequence[int], natural: Sequence[int], spare: int) -> list[int]:
    """Widen columns by the spare width, those that want least first: so that most are whole."""
    widths = list(least)
    for index in sorted(range(len(widths)), key=lambda index: natural[index] - least[index]):
        more = min(spare, natural[index] - widths[index])
        widths[index] += more
        spare -= more
    return widths


class Shape:
    """A table's shape on a terminal: turns rows into lines."""

    def __init__(self, layout: Layout, key: str, view: View) -> None:
        """Settle what stands where; `wide` cuts and folds nothing."""
        self.layout = layout
        self.key = next((i for i, column in enumerate(layout.columns) if column.field == key), -1)
        self.whole = view.format is Format.WIDE
        self.colour = view.colour
        self.styles = [column.style if view.colour else None for column in layout.columns]

    def header(self) -> str:
        """Write the titles, in bold where colour is allowed."""
        titles = [
            cut(visible(column.heading), width)
            for column, width in zip(self.layout.columns, self.layout.widths, strict=True)
        ]
        line = self.layout.pad(titles)
        return (bold(line) if self.colour else line) + "\n"

    def body(self, rows: Iterable[Row]) -> str:
        """Write rows; a folded key takes several lines."""
        return "".join(line + "\n" for row in rows for line in self.lines(row))

    def lines(self, row: Row) -> Iterator[str]:
        """Write one row."""
        cells = [visible(cell(row)) for cell in self.layout.cells]
        rest: list[str] = []
        if not self.whole:
            widths = self.layout.widths
            if self.key >= 0:
                cells[self.key], *rest = fold(cells[self.key], widths[self.key])
            cells = [
                cell if right else cut(cell, width)
                for cell, width, right in zip(cells, widths, self.layout.right, strict=True)
            ]
        yield self.line(cells, row)
        for piece in rest:
            blank = [""] * len(cells)
            blank[self.key] = piece
            yield self.layout.pad(blank).rstrip()

    def line(self, cells: list[str], row: Row) -> str:
        """Put one line together, then colour it: the widths must not count the codes."""
        if not any(self.styles):
            return self.layout.pad(cells)
        padded = self.layout.padded(cells)
        for index, style in enumerate(self.styles):
            if style:
                words = style_of(style, reader(self.layout.columns[index].field)(row))
                padded[index] = padded[index].replace(cells[index], styled(cells[index], words), 1)
        return GAP.join(padded)


def style_of(style: Callable[[object], str], value: object) -> str:
    """Ask for a value's style; null and what the column does not expect have none."""
    if value is None:
        return ""
    try:
        return style(value)
    except UNWRITABLE:
        return ""


def cut(text: str, width: int) -> str:
    """Cut a text to a width, with an ellipsis where something is missing."""
    if display_width(text) <= width:
        return text
    return fold(text, max(width - 1, 1))[0] + "…" if width > 1 else "…"


def fold(text: str, width: int) -> list[str]:
    """Break a text into pieces no wider than a width (at least one character each)."""
    if display_width(text) <= width:
        return [text]
    pieces, piece, used = [], "", 0
    for character in text:
        taken = display_width(character)
        if piece and used + taken > width:
            pieces.append(piece)
            piece, used = "", 0
        piece += character
        used += taken
    return [*pieces, piece]
