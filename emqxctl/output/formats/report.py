"""A report for a person: a headline, then sections of sentences, facts and tables."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from emqxctl.output.formats.plain_table import COLUMN_GAP, measure_width
from emqxctl.output.formats.rows import render_listing
from emqxctl.output.results import Report, Rows, Section
from emqxctl.output.view import Chunk, Format, View
from emqxctl.text.escaping import escape_control_characters
from emqxctl.text.row_page import ParsedPage

MIN_WRAP_WIDTH = 40  # columns; narrower text is left to the terminal to wrap
STYLES = {"bold": "1", "green": "1;32", "red": "1;31", "yellow": "1;33"}


def format_report(result: Report, view: View) -> Iterator[Chunk]:
    """Yield the report; on a terminal long sentences are wrapped to its width, otherwise each is one line."""
    yield "".join(
        format_heading(line, view, result.style or "bold") for line in wrap_text(result.headline, view)
    )
    for section in result.sections:
        if section.lines or section.facts or section.rows:
            yield "\n"
            if section.title:
                yield format_heading(escape_control_characters(section.title.upper()), view)
            yield from format_section(section, view)


def format_section(section: Section, view: View) -> Iterator[Chunk]:
    """Yield the content of a section."""
    for line in section.lines:
        yield "\n".join(wrap_text(line, view)) + "\n"
    width = max((measure_width(escape_control_characters(name)) for name, _ in section.facts), default=0)
    indent = width + len(COLUMN_GAP)
    for name, text in section.facts:
        label = escape_control_characters(name)
        prefix = label + " " * (indent - measure_width(label))
        yield prefix + f"\n{' ' * indent}".join(wrap_text(text, view, indent)) + "\n"
    if section.rows:
        rows = list(section.rows)
        yield from render_listing([ParsedPage(rows)], Rows(rows, section.columns), view, has_rows=True)


def format_heading(text: str, view: View, style: str = "bold") -> str:
    """Format a heading, whose text is escaped already."""
    if view.format is Format.MD:
        return f"**{text}**\n\n"
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m\n" if view.color and style in STYLES else f"{text}\n"


def wrap_text(text: str, view: View, indent: int = 0) -> Sequence[str]:
    """Return the lines of a text wrapped between words to the terminal's width minus the indent."""
    escaped = escape_control_characters(text)
    available_width = view.width - indent
    if not view.is_terminal or available_width < MIN_WRAP_WIDTH or measure_width(escaped) <= available_width:
        return [escaped]
    return wrap(escaped, available_width, break_long_words=False, break_on_hyphens=False) or [""]
