"""Tables for a terminal, fitted to its width and colored; the only tables that rich lays out.

Rich fits all columns or none and needs every row at once, so columns are chosen and rows batched before.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

from emqxctl.output.formats.batches import BATCH_ROWS
from emqxctl.output.formats.plain_table import (
    COLUMN_GAP,
    MAX_COLUMN_WIDTH,
    Layout,
    build_layout,
    cap_widths,
    format_fields,
)
from emqxctl.output.formats.styles import HEADING_STYLE, choose_cell_style, choose_style
from emqxctl.output.query.fields import make_field_reader
from emqxctl.output.results import Row
from emqxctl.output.view import Chunk, Format, Note, View
from emqxctl.resource import Column
from emqxctl.text.escaping import escape_control_characters

MIN_KEY_WIDTH = 24  # the key is wrapped only if it is wider than this
MIN_FOLDED_WIDTH = 12  # -o wide folds text to at least this
MIN_TEXT_WIDTH = 16  # other text columns are cut to at least this, or dropped
MAX_FOLDED_LINES = 3  # of a cell that is not the key; the rest is cut
UNLIMITED_WIDTH = 1 << 30  # the console's width: the columns have theirs already


def format_fitted_table(
    batches: Iterable[Sequence[Row]], columns: Sequence[Column], key: str, view: View
) -> Iterator[Chunk]:
    """Yield a table; the first batch decides the columns and, except for longer values, their widths.

    Long values continue on up to three lines and are cut with an ellipsis after that; columns that do not fit
    are dropped (last first, with a note). The key is never cut. Under `wide` all columns are shown with their
    whole values: folded to the terminal's width, or one per line if there are too many for that.
    """
    source = iter(batches)
    first_batch = next(source, None)
    if first_batch is None:
        return
    layout = build_layout(columns, first_batch, relative=True, measure=cell_len)
    if not any(column.field == key for column in columns):
        key = columns[0].field if columns else ""
    if view.format is Format.WIDE:
        wide_layout = fold_layout(cap_widths(layout), first_batch, view.width)
        if wide_layout is None:
            yield from format_row_blocks(chain([first_batch], source), layout, view)
            return
        layout = wide_layout
    else:
        layout = fit_layout(layout, key, view.width)
    table = StreamingTable(layout, key, view)
    for start in range(0, len(first_batch), BATCH_ROWS):
        yield table.format_batch(first_batch[start : start + BATCH_ROWS], header=not start)
    for batch in source:
        yield table.format_batch(batch)
    dropped_columns = len(columns) - len(layout.columns)
    if dropped_columns and not view.quiet:
        yield Note(f"(+{dropped_columns} {'column' if dropped_columns == 1 else 'columns'}: -o wide)")


def format_record(data: Row, columns: Sequence[Column], view: View) -> str:
    """Format one object, one field per line: the columns first, then the other fields.

    Long values continue below the value, not below the field.
    """
    fields = list(format_fields(data, columns, relative=True))
    name_width = max((cell_len(escape_control_characters(name)) for name, *_ in fields), default=0)
    value_width = max(view.width - max(name_width, len("FIELD")) - len(COLUMN_GAP), MIN_TEXT_WIDTH)
    table = create_table(header=True)
    table.add_column(create_cell("FIELD", HEADING_STYLE), no_wrap=True)
    table.add_column(create_cell("VALUE", HEADING_STYLE), max_width=value_width, overflow="fold")
    columns_by_field = {column.field: column for column in columns}
    for name, text, value in fields:
        column = columns_by_field.get(name, Column(name))
        table.add_row(create_cell(name), create_cell(text, choose_style(column, value)))
    return draw_table(create_console(view), table) if table.rows else ""


def format_row_blocks(batches: Iterable[Sequence[Row]], layout: Layout, view: View) -> Iterator[str]:
    """Yield the rows as blocks of lines, one column per line, with an empty line between them."""
    label_width = max(cell_len(escape_control_characters(column.heading)) for column in layout.columns)
    value_width = max(view.width - label_width - len(COLUMN_GAP), MIN_TEXT_WIDTH)
    readers = [make_field_reader(column.field) for column in layout.columns]
    console = create_console(view)
    separator = ""
    for row in chain.from_iterable(batches):
        table = create_table(header=False)
        table.add_column(no_wrap=True, min_width=label_width)
        table.add_column(max_width=value_width, overflow="fold")
        for column, format_cell, read in zip(layout.columns, layout.cell_formatters, readers, strict=True):
            style = choose_cell_style(column, row, read(row))
            table.add_row(create_cell(column.heading, HEADING_STYLE), create_cell(format_cell(row), style))
        yield separator + draw_table(console, table)
        separator = "\n"


def fold_layout(layout: Layout, rows: Sequence[Row], width: int) -> Layout | None:
    """Return a layout of all columns that fits the width by folding text and headings, None if none does."""
    min_widths = []
    for column, format_cell, natural_width, align_right in zip(
        layout.columns, layout.cell_formatters, layout.widths, layout.right_aligned, strict=True
    ):
        cell_width = max(cell_len(escape_control_characters(format_cell(row))) for row in rows)
        text_width = cell_width if align_right else min(cell_width, MIN_FOLDED_WIDTH)
        heading_width = max(map(cell_len, escape_control_characters(column.heading).split()), default=0)
        min_widths.append(min(natural_width, max(text_width, heading_width)))
    spare_width = width - sum(min_widths) - len(COLUMN_GAP) * (len(min_widths) - 1)
    if spare_width < 0:
        return None
    return layout._replace(widths=distribute_width(min_widths, layout.widths, spare_width))


def fit_layout(layout: Layout, key: str, width: int) -> Layout:
    """Drop columns from the right until the others fit at minimum width, and distribute the spare width."""
    natural_widths = [
        min(natural_width, MAX_COLUMN_WIDTH) if column.field == key else natural_width
        for column, natural_width in zip(layout.columns, layout.widths, strict=True)
    ]
    min_widths = [
        compute_min_width(column, natural_width, align_right, key)
        for column, natural_width, align_right in zip(
            layout.columns, natural_widths, layout.right_aligned, strict=True
        )
    ]
    kept_indexes = keep_columns(min_widths, [column.field == key for column in layout.columns], width)
    spare_width = width - sum(min_widths[index] + len(COLUMN_GAP) for index in kept_indexes) + len(COLUMN_GAP)
    if spare_width < 0:  # the key alone is too wide: it is wrapped
        min_widths = [max(natural_width + spare_width, 2) for natural_width in min_widths]
    return Layout(
        [layout.columns[index] for index in kept_indexes],
        [layout.cell_formatters[index] for index in kept_indexes],
        distribute_width(
            [min_widths[index] for index in kept_indexes],
            [natural_widths[index] for index in kept_indexes],
            max(spare_width, 0),
        ),
        [layout.right_aligned[index] for index in kept_indexes],
    )


def keep_columns(min_widths: Sequence[int], is_key: Sequence[bool], width: int) -> list[int]:
    """Return the indexes of the columns that fit; the last are dropped first, the key never."""
    kept_indexes = list(range(len(min_widths)))
    while sum(min_widths[index] + len(COLUMN_GAP) for index in kept_indexes) - len(COLUMN_GAP) > width:
        removable = [index for index in kept_indexes if not is_key[index]]
        if not removable:
            break
        kept_indexes.remove(removable[-1])
    return kept_indexes


def compute_min_width(column: Column, natural_width: int, align_right: bool, key: str) -> int:
    """Return how narrow a column may become; a number is never cut, since that would change it."""
    if align_right:
        return natural_width
    return min(
        natural_width,
        MIN_KEY_WIDTH
        if column.field == key or column.wrap
        else max(MIN_TEXT_WIDTH, cell_len(column.heading)),
    )


def distribute_width(min_widths: Sequence[int], natural_widths: Sequence[int], spare_width: int) -> list[int]:
    """Return the widths after sharing the spare width, columns that need least first."""
    widths = list(min_widths)
    for index in sorted(range(len(widths)), key=lambda index: natural_widths[index] - min_widths[index]):
        added_width = min(spare_width, natural_widths[index] - widths[index])
        widths[index] += added_width
        spare_width -= added_width
    return widths


class StreamingTable:
    """A streamed table: each batch is a rich table of the same columns, which only get wider."""

    def __init__(self, layout: Layout, key: str, view: View) -> None:
        """Decide the widths and which columns are wrapped."""
        self.layout = layout
        self.widths = list(layout.widths)
        is_wide = view.format is Format.WIDE
        self.available_width = view.width
        self.is_wrapped = [is_wide or column.field == key or column.wrap for column in layout.columns]
        self.max_widths = [MAX_COLUMN_WIDTH if is_wrapped else view.width for is_wrapped in self.is_wrapped]
        self.readers = [make_field_reader(column.field) for column in layout.columns]
        self.console = create_console(view)

    def format_batch(self, rows: Iterable[Row], header: bool = False) -> str:
        """Format rows, with or without the heading line."""
        lines = [self.format_cells(row) for row in rows]
        self.widen_columns(lines)
        self.cut_cells(lines)
        table = create_table(header)
        for column, width, align_right in zip(
            self.layout.columns, self.widths, self.layout.right_aligned, strict=True
        ):
            table.add_column(
                create_cell(column.heading, HEADING_STYLE),
                width=width,
                justify="right" if align_right else "left",
                overflow="fold",
            )
        for line in lines:
            table.add_row(*line)
        return draw_table(self.console, table)

    def format_cells(self, row: Row) -> list[Text]:
        """Format the cells of one row."""
        return [
            create_cell(format_cell(row), choose_cell_style(column, row, read(row)))
            for column, format_cell, read in zip(
                self.layout.columns, self.layout.cell_formatters, self.readers, strict=True
            )
        ]

    def cut_cells(self, lines: Sequence[Sequence[Text]]) -> None:
        """Cut the cells that would take too many lines, except those of the key and of wrapped columns."""
        for line in lines:
            for cell, width, is_wrapped in zip(line, self.widths, self.is_wrapped, strict=True):
                if not is_wrapped and cell.cell_len > width * MAX_FOLDED_LINES:
                    cell.truncate(width * MAX_FOLDED_LINES, overflow="ellipsis")

    def widen_columns(self, lines: Sequence[Sequence[Text]]) -> None:
        """Widen columns for values longer than any before, text only as far as there is space."""
        spare_width = (
            self.available_width - sum(width + len(COLUMN_GAP) for width in self.widths) + len(COLUMN_GAP)
        )
        numbers_first = sorted(
            range(len(self.widths)), key=lambda index: not self.layout.right_aligned[index]
        )
        for index in numbers_first:
            needed_width = max(line[index].cell_len for line in lines)
            if not self.layout.right_aligned[index]:
                needed_width = min(
                    needed_width, self.max_widths[index], self.widths[index] + max(spare_width, 0)
                )
            spare_width -= max(needed_width - self.widths[index], 0)
            self.widths[index] = max(needed_width, self.widths[index])


def create_console(view: View, width: int = UNLIMITED_WIDTH, theme: Theme | None = None) -> Console:
    """Return a console that depends on the view alone, not on the environment."""
    return Console(
        width=width,
        height=25,
        color_system="standard" if view.color else None,
        force_terminal=view.color,
        no_color=not view.color,
        force_jupyter=False,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        theme=theme,
    )


def create_table(header: bool) -> Table:
    """Return a table without lines; headings are styled cell by cell."""
    return Table(
        box=None, pad_edge=False, padding=(0, len(COLUMN_GAP), 0, 0), show_header=header, header_style=""
    )


def create_cell(text: str, style: str = "") -> Text:
    """Return a cell of escaped text that is not parsed as markup; padding around it has no style."""
    cell = Text(escape_control_characters(text))
    if style:
        cell.stylize(style)
    return cell


def draw_table(console: Console, table: Table) -> str:
    """Return a drawn table without the spaces that rich puts at the ends of lines."""
    with console.capture() as capture:
        console.print(table, crop=False)
    return "".join(line.rstrip(" ") + "\n" for line in capture.get().split("\n")[:-1])
