"""What files state: objects by kind and key, in order, each with its place in a file."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

FORMAT, VERSION = "emqxctl", "version"  # the first keys of a file
FORMAT_NUMBER = 1
Json = Any  # a value as JSON and YAML have it
Path = tuple[str | int, ...]
Key = tuple[str, str]  # kind and key


class Place(NamedTuple):
    """A line of a file."""

    file: str
    line: int

    def __str__(self) -> str:
        """Return `FILE:LINE`."""
        return f"{self.file}:{self.line}"


class Variable(str):
    """A value taken from the environment (`!env NAME`); `missing` when it is not set."""

    __slots__ = ("missing", "variable")
    variable: str
    missing: bool

    def __new__(cls, variable: str, value: str | None) -> Self:
        """Keep the variable's name with its value."""
        instance = super().__new__(cls, value or "")
        instance.variable = variable
        instance.missing = value is None
        return instance


class FileText(str):
    """A text that was read from another file (`!file PATH`)."""

    __slots__ = ()


class Problem(NamedTuple):
    """A mistake in a file, or a doubt about it; `code` names the sort, `place` the line."""

    code: str
    message: str
    place: str = ""
    path: str = ""


class Top(NamedTuple):
    """One file's content, and the line of each value by its path."""

    name: str
    content: dict[str, Json]
    places: dict[Path, Place]


@dataclass(frozen=True)
class Entry:
    """One object that files state; `body` has no key fields."""

    kind: str
    key: str
    body: Json
    place: Place


@dataclass
class Document:
    """All that files state, overlays applied.

    `entries` keep the order of the file; `kinds` are the kinds that a file has as keys, empty ones too;
    `places` holds the line of each value, by its path from the top; `version` is the EMQX version that
    an export came from.
    """

    entries: dict[Key, Entry] = field(default_factory=dict)
    kinds: list[str] = field(default_factory=list)
    places: dict[Path, Place] = field(default_factory=dict)
    version: str = ""

    def of_kind(self, kind: str) -> Iterator[Entry]:
        """Yield the objects of a kind in the order of the file."""
        return (entry for entry in self.entries.values() if entry.kind == kind)

    def missing_variables(self) -> list[str]:
        """Return the names of the variables that are not set, each once."""
        return sorted({value.variable for entry in self.entries.values() for value in variables(entry.body)})


def variables(value: Json) -> Iterator[Variable]:
    """Yield the variables in a value that are not set."""
    return (variable for _, variable in variable_positions(value))


def variable_positions(value: Json, path: Path = ()) -> Iterator[tuple[Path, Variable]]:
    """Yield the variables in a value that are not set, each with its path."""
    if isinstance(value, Variable):
        if value.missing:
            yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from variable_positions(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from variable_positions(item, (*path, index))


def value_at(body: Json, path: Path) -> Json:
    """Return the value at a path of a body. Raises KeyError where there is none."""
    for step in path:
        if isinstance(body, list):
            body = dict(enumerate(body))
        if not isinstance(body, dict) or step not in body:
            raise KeyError(step)
        body = body[step]
    return body


def format_path(path: Path) -> str:
    """Return a path as text: `parameters.headers[0].name`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text
