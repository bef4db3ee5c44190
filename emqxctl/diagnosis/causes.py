"""Causes of a problem, in order of likelihood, as the `why` commands show them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

CERTAINTY_ORDER = {"certain": 0, "likely": 1, "possible": 2}


class Cause(NamedTuple):
    """A cause: `certain`, `likely` or `possible`; the evidence for it; the command to run next.

    `fix` says what to change, if no command does.
    """

    cause: str
    certainty: str
    message: str
    evidence: str = ""
    next_step: str = ""
    fix: str = ""


def sort_by_certainty(causes: Iterable[Cause]) -> list[Cause]:
    """Sort causes, the most certain first; the order of equally certain ones is kept."""
    return sorted(causes, key=lambda cause: CERTAINTY_ORDER[cause.certainty])


def cause_to_fact(cause: Cause) -> tuple[str, str]:
    """Return a cause as a fact: its certainty, and its message with the evidence."""
    return cause.certainty, cause.message + (f" ({cause.evidence})" if cause.evidence else "")


def list_next_steps(causes: Sequence[Cause]) -> list[str]:
    """Return what to change and the commands to run next, each once."""
    steps = (step for cause in causes for step in (cause.fix, cause.next_step))
    return list(dict.fromkeys(filter(None, steps)))


def format_first_cause(causes: object) -> str:
    """Format the first cause of a report's data, with its certainty."""
    first = causes[0] if isinstance(causes, list) and causes else None
    return f"{first['certainty']}: {first['message']}" if isinstance(first, Mapping) else "-"


def quote_for_shell(text: str) -> str:
    r"""Quote a word for the shell; with unprintable characters as `$'a\x1b'`, which bash and zsh read."""
    from shlex import quote

    return quote(text) if text.isprintable() else f"$'{''.join(map(escape_for_shell, text))}'"


def escape_for_shell(character: str) -> str:
    r"""Return a character inside `$'...'`: unprintable ones as escapes, lone surrogates as their bytes."""
    number = ord(character)
    if character.isprintable():
        return f"\\{character}" if character in "\\'" else character
    if 0xDC80 <= number <= 0xDCFF:  # a byte of the command line that is not UTF-8
        return f"\\x{number - 0xDC00:02x}"
    if number < 0x80:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
