"""A page of several parts for a person: a heading, and below it one table after another."""

from collections.abc import Iterator

from emqxctl.output.formats import Chunk, Format, View
from emqxctl.output.listing import render_listing
from emqxctl.output.results import Page
from emqxctl.values import visible


def page(result: Page, view: View) -> Iterator[Chunk]:
    """Write the heading and those parts that have rows, a blank line between them."""
    if result.heading:
        yield titled(result.heading, view)
    for title, part in result.parts:
        rows = list(part.rows)
        if not rows:
            continue
        yield "\n"
        if title:
            yield titled(title, view)
        yield from render_listing(rows, part, view, rows[0])


def titled(text: str, view: View) -> str:
    """Write a title: bold where there is colour."""
    words = visible(text)
    if view.format is Format.MD:
        return f"**{words}**\n\n"
    return f"\x1b[1m{words}\x1b[0m\n" if view.colour else f"{words}\n"
