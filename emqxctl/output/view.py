"""How a result is shown: the format, and the row options (--fields, --where, --sort, --query, --limit).

NamedTuples: a dataclass costs eight times as much at start-up.
"""

from collections.abc import Iterable
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
        """Whether a person reads the format: messages accompany it, and control characters are escaped."""
        return self in HUMAN_READABLE_FORMATS


HUMAN_READABLE_FORMATS = frozenset({Format.TABLE, Format.WIDE, Format.MD})
STRUCTURED_FORMATS = frozenset({Format.JSON, Format.JSONL, Format.YAML})


class Condition(NamedTuple):
    """One `--where`: a field, an operator (`= != > >= < <= ~ in`) and the text to compare with.

    `is_quoted` distinguishes the text "null" from null.
    """

    field: str
    operator: str
    value: str
    is_quoted: bool = False


class Junction(NamedTuple):
    """Terms of `--where` joined by `and` or `or`, or the negation (`not`) of one."""

    operator: str
    terms: tuple["Term", ...]


Term = Condition | Junction


def list_conditions(terms: Iterable[Term]) -> list[Condition]:
    """Return the conditions in terms, at any depth, in the order of the command line."""
    conditions: list[Condition] = []
    for term in terms:
        conditions += [term] if isinstance(term, Condition) else list_conditions(term.terms)
    return conditions


class SortKey(NamedTuple):
    """One field of `--sort`."""

    field: str
    descending: bool = False


class View(NamedTuple):
    """The output options of one run, and where its output goes.

    `where`: terms that must all match. `is_terminal`: stdout is a terminal, `width` columns wide. `color`:
    ANSI styles may be used. `quiet`: notes are dropped. `csv_safe`: spreadsheet formulas in csv and tsv are
    escaped. `is_after_change`: the result is of a change, so an unknown field is a note: an error would mean
    that nothing was changed.
    `name_fields`: what `-o name` prints, if it is more than the key.
    """

    format: Format = Format.TABLE
    fields: tuple[str, ...] = ()
    where: tuple[Term, ...] = ()
    sort: tuple[SortKey, ...] = ()
    query: str | None = None
    limit: int | None = None
    is_terminal: bool = False
    width: int = 80
    color: bool = False
    quiet: bool = False
    csv_safe: bool = False
    is_after_change: bool = False
    name_fields: tuple[str, ...] = ()


class Note(NamedTuple):
    """A message for stderr among the chunks for stdout."""

    text: str


Chunk = str | bytes | Note
