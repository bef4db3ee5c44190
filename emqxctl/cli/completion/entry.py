"""The answer to a TAB: words in, candidates for the shell out; never a message, never an error."""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from typer._click.shell_completion import (  # Typer names no public place for these
    _is_incomplete_argument,
    _resolve_context,
)

from emqxctl.cli.completion.candidates import NOTHING, Candidate, Candidates, select_candidates
from emqxctl.cli.completion.shells import format_candidates
from emqxctl.cli.completion.typed_line import TypedWord, split_line

VARIABLE = "_EMQXCTL_COMPLETE"


def complete(arguments: Sequence[str], environ: Mapping[str, str]) -> str:
    """Return the lines for the shell that asks; empty for any failure. Nothing is written to stderr."""
    shell = environ[VARIABLE]
    silence_stderr()
    try:
        words, word = read_words(shell, arguments, environ)
        return format_candidates(shell, complete_words(words, word.text), word)
    except Exception:  # noqa: BLE001  # a shell that shows a traceback at TAB is worse than no candidates
        return ""


def silence_stderr() -> None:
    """Discard all that this process and its libraries write to stderr."""
    sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  # until the process ends


def read_words(
    shell: str, arguments: Sequence[str], environ: Mapping[str, str]
) -> tuple[list[str], TypedWord]:
    """Return the complete words after the program's name, and the word to complete.

    bash and PowerShell pass the line up to the cursor, zsh and fish the words after `--`.
    """
    if "_EMQXCTL_LINE" in environ:
        typed = split_line(environ["_EMQXCTL_LINE"], shell, environ.get("_EMQXCTL_BREAKS", ""))
        return [word.text for word in typed[:-1]], typed[-1]
    *words, last = list(arguments[1:]) or [""]
    if shell == "fish":
        return words, split_line(f"emqxctl {last}", shell)[-1]
    return words, TypedWord(last)


def complete_words(words: Sequence[str], typed: str) -> Candidates:
    """Return the candidates for the last word of a command line."""
    if "--" not in words:
        flag, equals, value = typed.partition("=") if typed.startswith("--") else ("", "", "")
        if equals:
            return complete_joined(words, flag, value)
        option = words[-1] if words and words[-1].startswith("-") else ""
        context = resolve_context(words[:-1]) if option else None
        parameter = find_option(context, option)
        if parameter is not None and (not typed.startswith("-") or parameter.name == "sort"):
            return complete_parameter(context, parameter, typed)
    context = resolve_context(words)
    if typed.startswith("-") and "--" not in words:
        return select_candidates(list_options(context), typed)
    if hasattr(context.command, "commands"):
        return select_candidates(list_commands(context.command), typed)
    for parameter in context.command.get_params(context):
        if _is_incomplete_argument(context, parameter):
            return complete_parameter(context, parameter, typed)
    return NOTHING


def resolve_context(words: Sequence[str]) -> Any:  # noqa: ANN401  # Typer's own types are private
    """Return Typer's context of complete words; an option without its value would end the parsing."""
    from emqxctl.cli.root import build_root

    return _resolve_context(build_root(), {}, "emqxctl", list(words))


def complete_joined(words: Sequence[str], flag: str, value: str) -> Candidates:
    """Return the candidates for `--option=value`."""
    context = resolve_context(words)
    parameter = find_option(context, flag)
    candidates = complete_parameter(context, parameter, value) if parameter is not None else NOTHING
    return candidates._replace(
        items=tuple(item._replace(value=f"{flag}={item.value}") for item in candidates.items)
    )


def complete_parameter(context: Any, parameter: Any, typed: str) -> Candidates:  # noqa: ANN401
    """Return the candidates for a value of an option or argument."""
    from emqxctl.cli.completion.request import CompletionRequest
    from emqxctl.cli.completion.values import complete_value

    return complete_value(CompletionRequest(context, parameter, typed))


def find_option(context: Any, flag: str) -> Any:  # noqa: ANN401
    """Return the option with that flag that takes a value; None if the command has none."""
    if context is None:
        return None
    options = (item for item in context.command.get_params(context) if flag in item.opts)
    return next((item for item in options if not item.is_flag), None)


def list_options(context: Any) -> list[Candidate]:  # noqa: ANN401
    """Return the options of the command that are not typed yet, the short forms last."""
    candidates: list[Candidate] = []
    for parameter in context.command.get_params(context):
        is_option = parameter.param_type_name == "option" and not parameter.hidden
        if is_option and (parameter.multiple or not is_typed(context, parameter)):
            flags = [*parameter.opts, *parameter.secondary_opts]
            candidates += [Candidate(flag, parameter.help or "") for flag in flags]
    return sorted(candidates, key=lambda candidate: not candidate.value.startswith("--"))


def is_typed(context: Any, parameter: Any) -> bool:  # noqa: ANN401
    """Return whether an option is on the command line already."""
    source = context.get_parameter_source(parameter.name)
    return getattr(source, "name", "") == "COMMANDLINE"


def list_commands(group: Any) -> list[Candidate]:  # noqa: ANN401
    """Return the commands of a group with their summaries."""
    return [
        Candidate(name, (command.help or "").partition("\n")[0])
        for name, command in group.commands.items()
        if not command.hidden
    ]
