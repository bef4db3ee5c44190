"""The root of the command line: the groups by name and summary, and what becomes of an error."""

import os
import sys
from collections.abc import Sequence

import typer

from emqxctl.cli.root import build_root
from emqxctl.errors import EmqxctlError, ExitCode, UsageError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code."""
    given = [decode_argument(one) for one in (sys.argv[1:] if arguments is None else arguments)]
    if os.environ.get("_EMQXCTL_COMPLETE"):
        from typer.completion import get_completion_inspect_parameters

        get_completion_inspect_parameters()  # registers the shells, which Typer does only for add_completion
    try:
        ended = build_root().main(args=given, prog_name="emqxctl", standalone_mode=False)
    except EmqxctlError as error:
        return report_error(error, given)
    except typer.Abort:
        return ExitCode.INTERRUPTED
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        if type(error).__name__ == "NoArgsIsHelpError" and not wants_json(given):
            return show_help(error)
        return report_error(usage_error(error), given)
    return int(ended) if isinstance(ended, int) else ExitCode.OK


def decode_argument(word: str) -> str:
    """Read a word of the command line as UTF-8 where the locale (LANG=C) could not."""
    if word.isascii():
        return word
    try:
        return word.encode("utf-8", "surrogateescape").decode()
    except UnicodeError:
        return word


def usage_error(error: Exception) -> UsageError:
    """Turn Typer's complaint about the command line into ours."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "emqxctl"
    return UsageError(error.format_message(), hint=f"{path} --help")  # type: ignore[attr-defined]  # seen in main()


def show_help(error: Exception) -> int:
    """Show the help of a group that was named without a command: nothing was done, a usage error."""
    from emqxctl.output.streams import write_stderr

    write_stderr(error.format_message() + "\n")  # type: ignore[attr-defined]  # seen in main()
    return ExitCode.USAGE


def wants_json(given: Sequence[str]) -> bool:
    """Tell whether the command line asks for JSON, before it could be read."""
    words = " ".join(given)
    return any(f"{sign}json" in words for sign in ("--", "-o ", "-o", "--output ", "--output="))


def report_error(error: EmqxctlError, given: Sequence[str]) -> int:
    """Tell an error that came before the settings were known; as JSON when the command line asks for JSON."""
    from emqxctl.cli.run import report_error

    return report_error(error, as_json=wants_json(given))
