"""A page for a person: a sentence that says it all, then sections of sentences, facts and tables."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from emqxctl.output.formats.plain_table import COLUMN_GAP, measure_width
from emqxctl.output.formats.rows import render_listing
from emqxctl.output.results import Report, Rows, Section
from emqxctl.output.view import Chunk, Format, View
from emqxctl.text.escaping import escape_control_characters

MIN_WRAP_WIDTH = 40  # columns: what is narrower is left to the terminal to fold
STYLES = {"bold": "1", "green": "1;32", "red": "1;31", "yellow": "1;33"}


def format_report(result: Report, view: View) -> Iterator[Chunk]:
    """Write the page; on a terminal long sentences are folded to its width, elsewhere each is one line."""
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
    """Write what is in a section."""
    for line in section.lines:
        yield "\n".join(wrap_text(line, view)) + "\n"
    width = max((measure_width(escape_control_characters(name)) for name, _ in section.facts), default=0)
    for name, text in section.facts:
        label = escape_control_characters(name)
        prefix = label + " " * (width - measure_width(label)) + COLUMN_GAP
        yield (
            prefix
            + f"\n{' ' * (width + len(COLUMN_GAP))}".join(wrap_text(text, view, width + len(COLUMN_GAP)))
            + "\n"
        )
    if section.rows:
        rows = list(section.rows)
        yield from render_listing(rows, Rows(rows, section.columns), view, rows[0])


def format_heading(text: str, view: View, style: str = "bold") -> str:
    """Write a heading, which is shown already: coloured where colours are wanted."""
    if view.format is Format.MD:
        return f"**{text}**\n\n"
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m\n" if view.color and style in STYLES else f"{text}\n"


def wrap_text(text: str, view: View, indent: int = 0) -> Sequence[str]:
    """Fold a text between words to the terminal's width, from the second line on; never within a word."""
    escaped = escape_control_characters(text)
    room = view.width - indent
    if not view.is_terminal or room < MIN_WRAP_WIDTH or measure_width(escaped) <= room:
        return [escaped]
    return wrap(escaped, room, break_long_words=False, break_on_hyphens=False) or [""]
