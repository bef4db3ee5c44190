"""A page for a person: a sentence that says it all, then sections of sentences, facts and tables."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from emqxctl.output.formats.plain_table import GAP, display_width
from emqxctl.output.formats.rows import render_listing
from emqxctl.output.results import Page, Rows, Section
from emqxctl.output.view import Chunk, Format, View
from emqxctl.text.escaping import visible

LEAST = 40  # columns: what is narrower is left to the terminal to fold
STYLES = {"bold": "1", "green": "1;32", "red": "1;31", "yellow": "1;33"}


def page(result: Page, view: View) -> Iterator[Chunk]:
    """Write the page; on a terminal long sentences are folded to its width, elsewhere each is one line."""
    yield "".join(titled(line, view, result.style or "bold") for line in folded(result.lead, view))
    for section in result.sections:
        if section.lines or section.facts or section.rows:
            yield "\n"
            if section.title:
                yield titled(visible(section.title.upper()), view)
            yield from body(section, view)


def body(section: Section, view: View) -> Iterator[Chunk]:
    """Write what is in a section."""
    for line in section.lines:
        yield "\n".join(folded(line, view)) + "\n"
    width = max((display_width(visible(name)) for name, _ in section.facts), default=0)
    for name, text in section.facts:
        label = visible(name)
        head = label + " " * (width - display_width(label)) + GAP
        yield head + f"\n{' ' * (width + len(GAP))}".join(folded(text, view, width + len(GAP))) + "\n"
    if section.rows:
        rows = list(section.rows)
        yield from render_listing(rows, Rows(rows, section.columns), view, rows[0])


def titled(text: str, view: View, style: str = "bold") -> str:
    """Write a heading, which is shown already: coloured where colours are wanted."""
    if view.format is Format.MD:
        return f"**{text}**\n\n"
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m\n" if view.colour and style in STYLES else f"{text}\n"


def folded(text: str, view: View, indent: int = 0) -> Sequence[str]:
    """Fold a text between words to the terminal's width, from the second line on; never within a word."""
    shown = visible(text)
    room = view.width - indent
    if not view.terminal or room < LEAST or display_width(shown) <= room:
        return [shown]
    return wrap(shown, room, break_long_words=False, break_on_hyphens=False) or [""]
