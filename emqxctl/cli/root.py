"""The root of the command tree: its help, and its groups deferred until they are entered."""

from collections.abc import Iterator
from typing import Any

import typer
from typer.core import TyperGroup

from emqxctl.cli.command import Command
from emqxctl.cli.group import HELP, Deferred
from emqxctl.cli.help_page import HelpPage, write_entries, write_global_options_line
from emqxctl.cli.options import shared_options
from emqxctl.cli.sections import ALIASES, GROUPS, SECTIONS

ROOT_OPTIONS = (
    ("-p, --profile NAME", "Profile to use (list profiles: emqxctl keys list)."),
    ("-o, --output FORMAT", "table, wide, json, jsonl, yaml, csv, tsv, md or name."),
    ("--version", "Show the version and exit."),
    ("-h, --help", "Show help, also of a command, and exit."),
)


class Root(HelpPage, TyperGroup):
    """The root group: its help lists the deferred groups by section."""

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002  # Typer's own types
        """Write the groups by section, the most used options, and where the others are listed."""
        for title, entries in SECTIONS.items():
            write_entries(formatter, title, entries)
        write_entries(formatter, "Options", ROOT_OPTIONS)
        formatter.write(
            "\nShared options go before the group or after the command: emqxctl nodes list -p prod\n"
            "Try it without a cluster: emqxctl -p sandbox nodes list\n"
            "Help of a command: emqxctl help nodes list\n"
        )
        write_global_options_line(formatter)


def build_root() -> TyperGroup:
    """Build the root group with its deferred groups."""
    app = typer.Typer(
        cls=Root, add_completion=False, rich_markup_mode=None, no_args_is_help=True, context_settings=HELP
    )
    app.callback(help="Operate EMQX clusters through their REST API.")(shared_options)
    root = typer.main.get_group(app)
    for name, summary in GROUPS:
        root.add_command(Deferred(name, summary, module=group_module(name)))
    for alias, name in ALIASES:
        root.add_command(Deferred(alias, dict(GROUPS)[name], module=group_module(name), hidden=True))
    return root


def group_module(name: str) -> str:
    """Return the full name of the module that holds a group of the root."""
    return "emqxctl.commands." + name.replace("-", "_")


def find_entry(entry: Any, name: str, root: TyperGroup) -> Any:  # noqa: ANN401  # Typer's own types are private
    """Return the command or group of that name in a group, imported if it is deferred; None if missing."""
    command = getattr(entry, "commands", {}).get(name)
    return command.load(root) if isinstance(command, Deferred) else command


def walk_commands(
    entry: Any,  # noqa: ANN401
    path: tuple[str, ...] = ("emqxctl",),
    root: Any = None,  # noqa: ANN401
) -> Iterator[tuple[str, Command]]:
    """Yield every command below an entry that is not hidden, with its path; deferred ones are imported."""
    root = root or entry
    if isinstance(entry, Command):
        yield " ".join(path), entry
    elif isinstance(entry, Deferred):
        yield from walk_commands(entry.load(root), path, root)
    else:
        for name, command in entry.commands.items():
            if not command.hidden:
                yield from walk_commands(command, (*path, name), root)
