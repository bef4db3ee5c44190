"""The style of a table's cell, by the column's own rule."""

from emqxctl.output.formats.plain_table import FORMAT_ERRORS
from emqxctl.output.results import Row
from emqxctl.resource import Column

DISABLED_STYLE = "bright_black"  # grey on dark and light terminals
HEADING_STYLE = "bold"


def choose_cell_style(column: Column, row: Row, value: object) -> str:
    """Return the style of a cell of a list: states of what is disabled are grey."""
    if column.style is None:
        return ""
    return DISABLED_STYLE if row.get("enable") is False else choose_style(column, value)


def choose_style(column: Column, value: object) -> str:
    """Return a value's style, empty for null and for values that the column does not expect."""
    if column.style is None or value is None:
        return ""
    try:
        return column.style(value)
    except FORMAT_ERRORS:
        return ""
