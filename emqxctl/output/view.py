"""How a result is to be shown: the format, and what the shared options narrow it to.

NamedTuples: a dataclass costs eight times as much at start-up.
"""

from enum import StrEnum
from typing import NamedTuple


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
    def is_human_readable(self) -> bool:
        """Whether a person reads it: messages go with it, and hostile characters never stand in it."""
        return self in HUMAN_READABLE_FORMATS


HUMAN_READABLE_FORMATS = frozenset({Format.TABLE, Format.WIDE, Format.MD})
STRUCTURED_FORMATS = frozenset({Format.JSON, Format.JSONL, Format.YAML})


class Condition(NamedTuple):
    """One `--where`: a field, an operator (`= != > >= < <= ~ in`) and the text it is compared with.

    `quoted` tells the text "null" from null.
    """

    field: str
    operator: str
    value: str
    is_quoted: bool = False


class SortKey(NamedTuple):
    """One field of `--sort`."""

    field: str
    descending: bool = False


class View(NamedTuple):
    """What the shared options ask of the output, and where it goes.

    `terminal` says that stdout is one, `width` columns wide; `colour` that ANSI styles may be used there;
    `quiet` drops every note; `csv_safe` disarms what a spreadsheet would run.
    """

    format: Format = Format.TABLE
    fields: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    sort: tuple[SortKey, ...] = ()
    query: str | None = None
    limit: int | None = None
    is_terminal: bool = False
    width: int = 80
    color: bool = False
    quiet: bool = False
    csv_safe: bool = False


class Note(NamedTuple):
    """A remark that comes up while a result is written; it goes to stderr, among the chunks for stdout."""

    text: str


Chunk = str | bytes | Note
