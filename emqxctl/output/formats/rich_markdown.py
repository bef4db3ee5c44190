"""Markdown for a terminal: headings, lists and tables laid out by rich, commands on one line each."""

import re
from types import MappingProxyType
from typing import ClassVar

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Heading, Markdown, MarkdownElement
from rich.text import Text
from rich.theme import Theme

from emqxctl.output.formats.rich_table import create_console
from emqxctl.output.view import View

MAX_TEXT_WIDTH = 100  # longer lines of prose are hard to read
CODE_INDENT = "    "
LINK = re.compile(r"\[([^]]*)\]\((?:[\w./-]*/)?([\w-]+)\.md(?:#[\w-]*)?\)")
# Colors of the terminal's own palette, which a light and a dark background both set up to be readable.
STYLES = MappingProxyType(
    {
        "markdown.h1": "bold underline",
        "markdown.h2": "bold",
        "markdown.h3": "bold italic",
        "markdown.code": "cyan",
        "markdown.item.bullet": "bold",
        "markdown.item.number": "bold",
        "markdown.table.border": "",
        "markdown.table.header": "bold",
        "markdown.block_quote": "italic",
        "markdown.hr": "dim",
    }
)


class LeftHeading(Heading):
    """A heading at the left margin."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the heading."""
        self.text.justify = "left"
        yield self.text


class CommandBlock(CodeBlock):
    """A code block whose lines are neither wrapped nor padded: each can be copied."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines, indented; of a terminal session only the commands in color."""
        is_session = self.lexer_name == "console"
        for line in str(self.text).rstrip().split("\n"):
            style = "" if is_session and not line.startswith("$ ") else "cyan"
            yield Text(f"{CODE_INDENT}{line}".rstrip(), style=style, no_wrap=True, overflow="ignore")


class Guide(Markdown):
    """Markdown with the elements above."""

    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "heading_open": LeftHeading,
        "fence": CommandBlock,
        "code_block": CommandBlock,
    }


def format_markdown(text: str, view: View) -> str:
    """Return Markdown laid out for a terminal; links to other pages become the command that shows them."""
    console = create_console(view, min(view.width, MAX_TEXT_WIDTH), Theme(STYLES))
    with console.capture() as capture:
        console.print(Guide(link_to_commands(text), hyperlinks=False), crop=False)
    return "".join(line.rstrip() + "\n" for line in capture.get().rstrip().split("\n"))


def link_to_commands(text: str) -> str:
    """Replace each link to a page of ours by its text and the command that shows the page."""
    return LINK.sub(r"\1 (`emqxctl help \2`)", text)
