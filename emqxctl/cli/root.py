"""The root of the command tree: its help, and its groups deferred until they are entered."""

from typing import Any

import typer
from typer.core import TyperGroup

from emqxctl.cli.group import HELP, Deferred
from emqxctl.cli.options import shared_options
from emqxctl.cli.sections import ALIASES, GROUPS, SECTIONS


class Root(TyperGroup):
    """The root group: its help names no default and its commands are deferred."""

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002  # Typer's own types
        """Write the commands by section first, then where to learn of the shared options."""
        for title, entries in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(list(entries))
        with formatter.section("Options"):
            formatter.write_dl(
                [
                    ("-p, --profile NAME", "The profile to use (emqxctl keys list)."),
                    ("-o, --output FORMAT", "table, wide, json, jsonl, yaml, csv, tsv, md or name."),
                    ("--version", "Show the version and exit."),
                    ("-h, --help", "Show help, of a command too, and exit."),
                ]
            )
        formatter.write(
            "\nMore options go before the group or after the command: emqxctl nodes list --help\n"
            "Try it without a cluster: emqxctl -p sandbox nodes list\n"
        )


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
