"""The entry of the command line: arguments in, exit code out; errors before a command is entered."""

import os
import re
import sys
from collections.abc import Sequence
from typing import Any

import typer

from emqxctl.cli.root import build_root
from emqxctl.errors import EmqxctlError, ExitCode, UsageError
from emqxctl.output.ansi import COLOR_MODES

SUGGESTIONS = r"\s*(?:(Did you mean .*)|\(Possible options: (.*)\))$"
COLOR_OPTION = r"(?:^| )--color[ =](\w+)"
OUTPUT_OPTION = r"(?:^| )(?:-o ?|--output[ =])(\w+)"
UNKNOWN_COMMAND = r"No such command '(.*?)'"
EXTRA_ARGUMENTS = r"(?s)(?<=extra argument)\(s\)(?= \((.*)\))"
NUMBER_RANGE = r"is not in the range (?:(-?\d+)<=)?x(?:>=(-?\d+))?(?:<=(-?\d+))?"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    arguments = [decode_argument(argument) for argument in (sys.argv[1:] if arguments is None else arguments)]
    if os.environ.get("_EMQXCTL_COMPLETE"):
        from emqxctl.cli.completion.entry import complete
        from emqxctl.output.streams import write_stdout

        write_stdout([complete(arguments, os.environ)])
        return ExitCode.OK
    COLOR_MODES[:] = [find_color_mode(arguments)]
    try:
        exit_code = build_root().main(args=arguments, prog_name="emqxctl", standalone_mode=False)
    except EmqxctlError as error:
        return report_error(error, arguments)
    except typer.Abort:
        return ExitCode.INTERRUPTED
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        if type(error).__name__ == "NoArgsIsHelpError" and not wants_json(arguments):
            return show_help(error)
        return report_error(usage_error(error), arguments)
    return int(exit_code) if isinstance(exit_code, int) else ExitCode.OK


def find_color_mode(arguments: Sequence[str]) -> str:
    """Return when help and errors are emphasized: --color, else EMQXCTL_COLOR, else auto."""
    modes = re.findall(COLOR_OPTION, " ".join(arguments))
    return str(modes[-1] if modes else os.environ.get("EMQXCTL_COLOR") or "auto").lower()


def decode_argument(argument: str) -> str:
    """Decode an argument as UTF-8 if the locale (LANG=C) could not."""
    if argument.isascii():
        return argument
    try:
        return argument.encode("utf-8", "surrogateescape").decode()
    except UnicodeError:
        return argument


def usage_error(error: Exception) -> UsageError:
    """Return Typer's error about the command line as an error of emqxctl."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "emqxctl"
    message: str = error.format_message()  # type: ignore[attr-defined]  # checked in main()
    suggestion = re.search(SUGGESTIONS, message)
    hint = f"{path} --help"
    replacement = find_replacement(error, context, path) or find_close_option(error)
    if replacement:
        message = message[: suggestion.start()] if suggestion else message
        hint = f"did you mean {replacement}?\n{hint}"
    elif suggestion is not None:
        message = message[: suggestion.start()]
        hint = f"{suggestion[1][:1].lower()}{suggestion[1][1:]}\n{hint}" if suggestion[1] else hint
    message = re.sub(EXTRA_ARGUMENTS, agree_in_number, message)
    message = re.sub(NUMBER_RANGE, describe_range, message).rstrip(".")
    return UsageError(message[:1].lower() + message[1:], hint=hint)


def find_replacement(error: Exception, context: Any, path: str) -> str:  # noqa: ANN401  # of Typer
    """Return the option or the command that a word of another program means; empty if none is known."""
    if context is None:
        return ""
    from emqxctl.cli.foreign_words import find_command, find_option, find_subcommands

    option = getattr(error, "option_name", None) if type(error).__name__ == "NoSuchOption" else None
    if option:
        return find_option(option, context.command)
    unknown_command = re.match(UNKNOWN_COMMAND, str(getattr(error, "message", "")))
    if unknown_command is None:
        return ""
    word = unknown_command[1]
    if command := find_command(word, context.command):
        return f"{path} {command}"
    # At the root each group has such a command: naming the first ones would mislead.
    subcommands = find_subcommands(word, context.command) if context.parent else []
    return " or ".join(f"{path} {subcommand}" for subcommand in subcommands)


def find_close_option(error: Exception) -> str:
    """Return the options that a misspelt one may mean; empty if none is close.

    Their dashes do not count, which all have in common: Click finds --color for --only.
    """
    from difflib import get_close_matches

    option = getattr(error, "option_name", None)
    names = {name.strip("-"): name for name in getattr(error, "possibilities", None) or ()}
    return " or ".join(names[name] for name in get_close_matches(str(option).strip("-"), names))


def agree_in_number(match: re.Match[str]) -> str:
    """Return the ending of `argument(s)` before the arguments, which Click separates by spaces."""
    return "s" if " " in match[1] else ""


def describe_range(match: re.Match[str]) -> str:
    """Return the words for a number outside Click's range `0<=x<=20` or `x>=1`."""
    lowest, highest = match[1] or match[2], match[3]
    if lowest and highest:
        return f"is not between {lowest} and {highest}"
    return f"is less than {lowest}" if lowest else f"is greater than {highest}"


def show_help(error: Exception) -> int:
    """Print the help of a group without a command to stderr; the exit code is that of a usage error."""
    from emqxctl.output.streams import write_stderr

    write_stderr(error.format_message() + "\n")  # type: ignore[attr-defined]  # checked in main()
    return ExitCode.USAGE


def wants_json(arguments: Sequence[str]) -> bool:
    """Return whether errors are JSON for a command line that could not be parsed."""
    from emqxctl.cli.run import wants_json

    formats = re.findall(OUTPUT_OPTION, " ".join(arguments))
    return wants_json({"json": "--json" in arguments, "output": formats[-1] if formats else ""})


def report_error(error: EmqxctlError, arguments: Sequence[str]) -> int:
    """Report an error from before the settings were resolved; as JSON if the command line asks for it."""
    from emqxctl.cli.failures import report_error

    return report_error(error, as_json=wants_json(arguments))
