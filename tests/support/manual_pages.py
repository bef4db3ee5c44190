"""Man pages: `emqxctl.1` is the index, `emqxctl-GROUP.1` has the commands of one group."""

from collections.abc import Iterable, Iterator

from emqxctl import __version__
from emqxctl.cli.help_page import Entry
from emqxctl.cli.options import GLOBAL_PANELS
from tests.support.command_pages import (
    FILES,
    SHARED_PANELS,
    CommandPage,
    GroupReference,
    Paragraph,
    collect_groups,
    exit_codes,
    shared_option_entries,
    variables,
)

INDEX_EXAMPLES = (
    "emqxctl -p sandbox nodes list",
    "emqxctl keys add prod --url https://emqx.example.com:18084",
    "emqxctl status",
    "emqxctl clients list --where 'mqueue_len>100' -o json",
    "emqxctl help find-out-why",
)


def build_manual_pages() -> Iterator[tuple[str, str]]:
    """Yield the file name and the roff text of each page."""
    sections = list(collect_groups())
    yield "emqxctl.1", join_lines(index_lines(sections))
    for _, groups in sections:
        for group in groups:
            yield f"emqxctl-{group.name}.1", join_lines(group_lines(group))


def join_lines(lines: Iterable[str]) -> str:
    """Return the lines as the text of a file."""
    return "\n".join(lines) + "\n"


def escape_roff(text: str) -> str:
    """Return text escaped for roff; a line that would be a request begins with a zero-width character."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("^", "\\(ha")
    return "\\&" + escaped if escaped.startswith((".", "\\(aq")) else escaped


def title_lines(name: str, summary: str) -> Iterator[str]:
    """Yield the header and the NAME section."""
    yield f'.TH {name.upper()} 1 "" "emqxctl {__version__}" "emqxctl"'
    yield ".SH NAME"
    yield f"{escape_roff(name)} \\- {escape_roff(summary.rstrip('.'))}"


def entry_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield a list of terms and their texts."""
    for term, text in entries:
        yield from (".TP", f".B {escape_roff(term)}", escape_roff(text) or "\\&")


def example_lines(examples: Iterable[str]) -> Iterator[str]:
    """Yield commands, each on a line that is not wrapped."""
    yield from (".RS 4", ".nf")
    for example in examples:
        yield escape_roff(example)
    yield from (".fi", ".RE")


def index_lines(sections: Iterable[tuple[str, tuple[GroupReference, ...]]]) -> Iterator[str]:
    """Yield the page of emqxctl itself: its groups, global options, environment, files, exit codes."""
    sections = list(sections)
    yield from title_lines("emqxctl", "operate EMQX clusters through their REST API")
    yield from (".SH SYNOPSIS", ".B emqxctl", "[OPTIONS] GROUP COMMAND [ARGUMENTS]")
    yield from (".SH DESCRIPTION", "emqxctl manages EMQX clusters (5.0 to 6.x) from anywhere.")
    yield "A profile contains the URL and the API key of a cluster; the profile sandbox is a simulated one."
    yield "Results go to standard output, everything else to standard error."
    yield ".SH GROUPS"
    yield "Each has a manual page of its own: emqxctl\\-GROUP(1)."
    for title, groups in sections:
        yield f".SS {title}"
        yield from entry_lines((group.name, group.summary) for group in groups)
    yield ".SH OPTIONS"
    yield "These go before the group or after the command."
    for panel, entries in shared_option_entries((*GLOBAL_PANELS, *SHARED_PANELS)):
        yield f".SS {panel}"
        yield from entry_lines(entries)
    yield from common_lines()
    yield ".SH EXAMPLES"
    yield from example_lines(INDEX_EXAMPLES)
    yield from (".SH SEE ALSO", "Guides: emqxctl help. Help of a command: emqxctl help GROUP COMMAND.")


def group_lines(group: GroupReference) -> Iterator[str]:
    """Yield the page of one group."""
    name = f"emqxctl-{group.name}"
    yield from title_lines(name, group.summary)
    yield ".SH SYNOPSIS"
    for number, page in enumerate(group.commands):
        words = page.usage.removeprefix(page.path)
        yield from (() if not number else (".br",))
        yield from (f".B {escape_roff(page.path)}", escape_roff(words.strip()))
    yield ".SH COMMANDS"
    for page in group.commands:
        yield from command_lines(page)
    panels = [panel for panel in SHARED_PANELS if any(panel in page.panels for page in group.commands)]
    yield ".SH SHARED OPTIONS"
    yield "Which of these a command takes is in its description. Connection and logging: emqxctl(1)."
    for panel, entries in shared_option_entries(panels):
        yield f".SS {panel}"
        yield from entry_lines(entries)
    yield from common_lines()
    yield from (".SH SEE ALSO", "emqxctl(1)")


def command_lines(page: CommandPage) -> Iterator[str]:
    """Yield the section of one command."""
    yield f".SS {escape_roff(page.path)}"
    yield escape_roff(page.summary)
    for paragraph in page.paragraphs:
        yield from paragraph_lines(paragraph)
    yield from entry_lines((*page.arguments, *page.options))
    if page.panels:
        yield ".PP"
        yield f"Shared options: {escape_roff(', '.join(page.panels))}."
    if page.examples:
        yield ".PP"
        yield from example_lines(page.examples)


def paragraph_lines(paragraph: Paragraph) -> Iterator[str]:
    """Yield a paragraph of a description."""
    yield ".PP"
    if paragraph.is_preformatted:
        yield ".nf"
    yield from (escape_roff(line) for line in paragraph.text.split("\n"))
    if paragraph.is_preformatted:
        yield ".fi"


def common_lines() -> Iterator[str]:
    """Yield the sections that are the same on all pages: environment, files, exit codes."""
    yield ".SH ENVIRONMENT"
    yield from entry_lines(variables())
    yield ".SH FILES"
    yield from entry_lines(FILES)
    yield ".SH EXIT STATUS"
    yield from entry_lines(exit_codes())
