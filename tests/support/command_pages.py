"""What the reference and the man pages say about each command: the same words as its help page, as data."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from emqxctl.cli.help_page import Entry, parameter_entry
from emqxctl.cli.options import GLOBAL_PANELS, PANELS
from emqxctl.cli.root import build_root, walk_commands
from emqxctl.cli.sections import SECTIONS
from emqxctl.commands.help import list_variables
from emqxctl.errors import ExitCode

PREFORMATTED = "\b"  # Typer's mark of a paragraph that is not wrapped
FILES = (
    (
        "~/.config/emqxctl/config.toml",
        "Profiles and, unless kept elsewhere, their secrets. Mode 0600.",
    ),
    ("~/.config/emqxctl/preferences.toml", 'Defaults of options, such as output = "json". Never written.'),
)
SHARED_PANELS = tuple(panel for panel in PANELS if panel not in GLOBAL_PANELS)


class Paragraph(NamedTuple):
    """A paragraph of a description; `is_preformatted`: its lines are kept."""

    text: str
    is_preformatted: bool


class CommandPage(NamedTuple):
    """One command: usage, description, parameters, panels of shared options, examples, operations."""

    path: str
    usage: str
    summary: str
    paragraphs: tuple[Paragraph, ...]
    arguments: tuple[Entry, ...]
    options: tuple[Entry, ...]
    panels: tuple[str, ...]
    examples: tuple[str, ...]
    operations: tuple[str, ...]


class GroupReference(NamedTuple):
    """A word after `emqxctl`: its summary and its commands."""

    name: str
    summary: str
    commands: tuple[CommandPage, ...]


def collect_groups() -> Iterator[tuple[str, tuple[GroupReference, ...]]]:
    """Yield the sections of the root's help, each with its groups."""
    pages: dict[str, list[CommandPage]] = {}
    for path, command in walk_commands(build_root()):
        pages.setdefault(path.split()[1], []).append(describe_command(path, command))
    for section, groups in SECTIONS.items():
        yield (
            section,
            tuple(GroupReference(name, summary, tuple(pages[name])) for name, summary in groups),
        )


def describe_command(path: str, command: Any) -> CommandPage:  # Typer's own types are private
    """Return the page of a command."""
    context = command.make_context(path, [], resilient_parsing=True)
    sections = command.help_sections(context)
    summary, *paragraphs = split_paragraphs(command.help or "")
    return CommandPage(
        path=path,
        usage=" ".join((path, *command.collect_usage_pieces(context))),
        summary=summary.text,
        paragraphs=tuple(paragraphs),
        arguments=tuple(sections["Arguments"]),
        options=tuple(sections["Options"]),
        panels=tuple(panel for panel in command.spec.panels if sections.get(panel)),
        examples=command.spec.examples,
        operations=command.spec.calls,
    )


def split_paragraphs(text: str) -> Iterator[Paragraph]:
    """Yield the paragraphs of a command's help; lines of a plain paragraph are joined."""
    for block in text.split("\n\n"):
        if block.strip().startswith(PREFORMATTED):
            yield Paragraph(block.strip("\n").removeprefix(PREFORMATTED).strip("\n"), is_preformatted=True)
        elif block.strip():
            yield Paragraph(" ".join(block.split()), is_preformatted=False)


def shared_option_entries(panels: Sequence[str]) -> Iterator[tuple[str, list[Entry]]]:
    """Yield the shared options of panels; an option of several panels is in the first."""
    options = {option.name: option for option in build_root().params}
    seen: set[str] = set()
    for panel in panels:
        names = [name for name in PANELS[panel] if name not in seen and name in options]
        seen |= set(names)
        entries = [parameter_entry(options[name]) for name in names]
        yield panel, [entry for entry in entries if entry is not None]


def variables() -> Iterator[Entry]:
    """Yield the environment variables and what they set."""
    for row in list_variables().rows:
        yield str(row["variable"]), str(row["option"])


def exit_codes() -> Iterator[Entry]:
    """Yield the exit codes and their meaning."""
    for code in ExitCode:
        yield str(int(code)), code.meaning
