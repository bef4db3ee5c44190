"""The root of the command line: the groups by name and summary, and what becomes of an error."""

import os
import sys
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from emqxctl.cli.group import HELP, Deferred
from emqxctl.cli.options import shared
from emqxctl.cli.sections import ALIASES, GROUPS, SECTIONS
from emqxctl.errors import EmqxctlError, ExitCode, UsageError


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


def root() -> TyperGroup:
    """Build the root group with its deferred groups."""
    app = typer.Typer(
        cls=Root, add_completion=False, rich_markup_mode=None, no_args_is_help=True, context_settings=HELP
    )
    app.callback(help="Operate EMQX clusters through their REST API.")(shared)
    built = typer.main.get_group(app)
    for name, summary in GROUPS:
        built.add_command(Deferred(name, summary))
    for alias, name in ALIASES:
        built.add_command(Deferred(alias, dict(GROUPS)[name], hidden=True, module=name))
    return built


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code."""
    given = [read(one) for one in (sys.argv[1:] if arguments is None else arguments)]
    if os.environ.get("_EMQXCTL_COMPLETE"):
        from typer.completion import get_completion_inspect_parameters

        get_completion_inspect_parameters()  # registers the shells, which Typer does only for add_completion
    try:
        ended = root().main(args=given, prog_name="emqxctl", standalone_mode=False)
    except EmqxctlError as error:
        return report(error, given)
    except typer.Abort:
        return ExitCode.INTERRUPTED
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        if type(error).__name__ == "NoArgsIsHelpError" and not wants_json(given):
            return show_help(error)
        return report(usage(error), given)
    return int(ended) if isinstance(ended, int) else ExitCode.OK


def read(word: str) -> str:
    """Read a word of the command line as UTF-8 where the locale (LANG=C) could not."""
    if word.isascii():
        return word
    try:
        return word.encode("utf-8", "surrogateescape").decode()
    except UnicodeError:
        return word


def usage(error: Exception) -> UsageError:
    """Turn Typer's complaint about the command line into ours."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "emqxctl"
    return UsageError(error.format_message(), hint=f"{path} --help")  # type: ignore[attr-defined]  # seen in main()


def show_help(error: Exception) -> int:
    """Show the help of a group that was named without a command: nothing was done, a usage error."""
    from emqxctl.output.streams import write_err

    write_err(error.format_message() + "\n")  # type: ignore[attr-defined]  # seen in main()
    return ExitCode.USAGE


def wants_json(given: Sequence[str]) -> bool:
    """Tell whether the command line asks for JSON, before it could be read."""
    words = " ".join(given)
    return any(f"{sign}json" in words for sign in ("--", "-o ", "-o", "--output ", "--output="))


def report(error: EmqxctlError, given: Sequence[str]) -> int:
    """Tell an error that came before the settings were known; as JSON when the command line asks for JSON."""
    from emqxctl.cli.run import report

    return report(error, as_json=wants_json(given))
