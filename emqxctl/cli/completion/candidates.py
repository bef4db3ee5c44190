"""What completion offers: words with descriptions, or the names of files."""

from collections.abc import Iterable
from typing import NamedTuple

MAX_CANDIDATES = 200
MAX_DESCRIPTION = 80  # characters


class Candidate(NamedTuple):
    """One word that can be typed; after a `partial` one the word goes on: `connector/`."""

    value: str
    description: str = ""
    partial: bool = False


class Candidates(NamedTuple):
    """The words that fit what is typed; `files`: the shell completes names of files instead."""

    items: tuple[Candidate, ...] = ()
    files: bool = False


FILES = Candidates(files=True)
NOTHING = Candidates()


def select_candidates(items: Iterable[Candidate], typed: str) -> Candidates:
    """Return the items that begin with what is typed, each once.

    Left out are values that a terminal would obey or a shell would take for an option.
    """
    selected: dict[str, Candidate] = {}
    for item in items:
        if item.value.startswith(typed) and is_safe(item.value, typed) and item.value not in selected:
            selected[item.value] = item._replace(description=describe(item.description))
            if len(selected) == MAX_CANDIDATES:
                break
    return Candidates(tuple(selected.values()))


def is_safe(value: str, typed: str) -> bool:
    """Return whether a value can be offered: text without control characters that is not an option."""
    return bool(value) and value.isprintable() and not (value.startswith("-") and not typed.startswith("-"))


def describe(text: str) -> str:
    """Return a description as one short line without control characters."""
    line = "".join(character if character.isprintable() else " " for character in text)
    line = " ".join(line.split())
    return line if len(line) <= MAX_DESCRIPTION else line[: MAX_DESCRIPTION - 1] + "…"
