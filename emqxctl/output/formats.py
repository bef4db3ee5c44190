"""How a result is to be shown: the format, and what the shared options narrow it to."""

from dataclasses import dataclass
from enum import StrEnum


class Format(StrEnum):
    """The formats of `-o`."""

    TABLE = "table"
    WIDE = "wide"
    JSON = "json"
    JSONL = "jsonl"
    YAML = "yaml"
    CSV = "csv"
    TSV = "tsv"
    MD = "md"
    NAME = "name"

    @property
    def human(self) -> bool:
        """Whether a person reads it: messages go with it, and hostile characters never stand in it."""
        return self in HUMAN


HUMAN = frozenset({Format.TABLE, Format.WIDE, Format.MD})


@dataclass(frozen=True, slots=True)
class Condition:
    """One `--where`: a field, an operator (`= != > >= < <= ~ in`) and the text it is compared with.

    `quoted` tells the text "null" from null.
    """

    field: str
    operator: str
    value: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class SortKey:
    """One field of `--sort`."""

    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """What the shared options ask of the output, and where it goes.

    `terminal` says that stdout is one, `width` columns wide; `colour` that ANSI styles may be used there;
    `quiet` drops every note.
    """

    format: Format = Format.TABLE
    fields: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    sort: tuple[SortKey, ...] = ()
    query: str | None = None
    limit: int | None = None
    terminal: bool = False
    width: int = 80
    colour: bool = False
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A remark that comes up while a result is written; it goes to stderr, among the chunks for stdout."""

    text: str


Chunk = str | bytes | Note
