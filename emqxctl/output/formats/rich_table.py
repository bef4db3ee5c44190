"""Tables for a terminal, fitted to its width and coloured: rich lays them out, and only here.

What rich cannot do is done before it is asked: it fits all columns or none, and wants every row at once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from emqxctl.output.formats.plain_table import GAP, UNWRITABLE, WIDEST, Layout, capped, lay_out, written
from emqxctl.output.formats.rows import BATCH
from emqxctl.output.query.fields import reader
from emqxctl.output.results import Row
from emqxctl.output.view import Chunk, Format, Note, View
from emqxctl.resource import Column
from emqxctl.text.escaping import visible

LEAST_KEY = 24  # the key is folded below its width only when it is wider than this
LEAST = 16  # other columns of text are cut to no less, or dropped
ENDLESS = 1 << 30  # the console's width: columns have theirs already, and `wide` is as wide as it is


def fitted(
    batches: Iterable[Sequence[Row]], columns: Sequence[Column], key: str, view: View
) -> Iterator[Chunk]:
    """Write a table; the first batch settles the columns and, but for longer values, their widths.

    Values too long are cut with an ellipsis, and columns without room left out (last first, with a note);
    the key is folded, not cut. Under `wide` every column is there, however wide the table, and every value
    whole, the longest folded.
    """
    source = iter(batches)
    first = next(source, None)
    if first is None:
        return
    layout = lay_out(columns, first, relative=True, measure=cell_len)
    if not any(column.field == key for column in columns):
        key = columns[0].field if columns else ""
    layout = capped(layout) if view.format is Format.WIDE else fit(layout, key, view.width)
    sheet = Sheet(layout, key, view)
    for start in range(0, len(first), BATCH):
        yield sheet.write(first[start : start + BATCH], header=not start)
    for batch in source:
        yield sheet.write(batch)
    dropped = len(columns) - len(layout.columns)
    if dropped and not view.quiet:
        yield Note(f"(+{dropped} {'column' if dropped == 1 else 'columns'}: -o wide)")


def record(data: Row, columns: Sequence[Column], view: View) -> str:
    """Write one thing, a field a line: the columns first, then whatever else it has.

    Values stay on one line, however long: a terminal wraps it, and copies it whole.
    """
    table = new_table(header=True)
    table.add_column(cell("FIELD", "bold"), no_wrap=True)
    table.add_column(cell("VALUE", "bold"), no_wrap=True)
    styles = {column.field: column.style for column in columns}
    for name, text, value in written(data, columns, relative=True):
        table.add_row(cell(name), cell(text, style_of(styles.get(name), value)))
    return draw(new_console(view), table) if table.rows else ""


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
        least = [max(wanted + spare, 2) for wanted in least]
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
    return min(
        natural, LEAST_KEY if column.field == key or column.folds else max(LEAST, cell_len(column.heading))
    )


def share(least: Sequence[int], natural: Sequence[int], spare: int) -> list[int]:
    """Widen columns by the spare width, those that want least first: so that most are whole."""
    widths = list(least)
    for index in sorted(range(len(widths)), key=lambda index: natural[index] - least[index]):
        more = min(spare, natural[index] - widths[index])
        widths[index] += more
        spare -= more
    return widths


class Sheet:
    """A table that streams: batch after batch is a rich table of the same columns, only ever wider."""

    def __init__(self, layout: Layout, key: str, view: View) -> None:
        """Settle what stands where."""
        self.layout = layout
        self.widths = list(layout.widths)
        wide = view.format is Format.WIDE
        self.room = ENDLESS if wide else view.width
        self.folded = [wide or column.field == key or column.folds for column in layout.columns]
        self.most = [WIDEST if folded else view.width for folded in self.folded]
        self.readers = [reader(column.field) for column in layout.columns]
        self.console = new_console(view)

    def write(self, rows: Iterable[Row], header: bool = False) -> str:
        """Write rows, below the headings or below the rows before."""
        lines = [self.cells(row) for row in rows]
        self.widen(lines)
        table = new_table(header)
        for column, width, right, folded in zip(
            self.layout.columns, self.widths, self.layout.right, self.folded, strict=True
        ):
            table.add_column(
                cell(column.heading, "bold"),
                width=width,
                justify="right" if right else "left",
                no_wrap=not folded,
                overflow="fold" if folded else "ellipsis",
            )
        for line in lines:
            table.add_row(*line)
        return draw(self.console, table)

    def cells(self, row: Row) -> list[Text]:
        """Write the cells of one row."""
        return [
            cell(write(row), style_of(column.style, read(row)) if column.style else "")
            for column, write, read in zip(self.layout.columns, self.layout.cells, self.readers, strict=True)
        ]

    def widen(self, lines: Sequence[Sequence[Text]]) -> None:
        """Make room for values longer than any before, as far as there is some; for numbers always."""
        spare = self.room - sum(width + len(GAP) for width in self.widths) + len(GAP)
        numbers_first = sorted(range(len(self.widths)), key=lambda index: not self.layout.right[index])
        for index in numbers_first:
            wanted = max(line[index].cell_len for line in lines)
            if not self.layout.right[index]:
                wanted = min(wanted, self.most[index], self.widths[index] + max(spare, 0))
            spare -= max(wanted - self.widths[index], 0)
            self.widths[index] = max(wanted, self.widths[index])


def new_console(view: View) -> Console:
    """Make a console that writes to nobody, and whose looks depend on the view alone, not the environment."""
    return Console(
        width=ENDLESS,
        height=25,
        color_system="standard" if view.colour else None,
        force_terminal=view.colour,
        no_color=not view.colour,
        force_jupyter=False,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
    )


def new_table(header: bool) -> Table:
    """Make a table without lines; headings are styled cell by cell."""
    return Table(box=None, pad_edge=False, padding=(0, len(GAP), 0, 0), show_header=header, header_style="")


def cell(text: str, style: str = "") -> Text:
    """Make a cell of text that is neither obeyed nor taken for markup; blanks around it have no style."""
    made = Text(visible(text))
    if style:
        made.stylize(style)
    return made


def style_of(style: Callable[[object], str] | None, value: object) -> str:
    """Ask for a value's style; null and what the column does not expect have none."""
    if style is None or value is None:
        return ""
    try:
        return style(value)
    except UNWRITABLE:
        return ""


def draw(console: Console, table: Table) -> str:
    """Draw a table, without the blanks that rich puts at the ends of lines."""
    with console.capture() as drawn:
        console.print(table, crop=False)
    return "".join(line.rstrip(" ") + "\n" for line in drawn.get().split("\n")[:-1])
