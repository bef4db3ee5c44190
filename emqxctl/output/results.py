"""What a command may return: data and words, never a format.

NamedTuples: a dataclass costs eight times as much at start-up. They are told apart by their class; nothing
unpacks, counts or compares them.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from emqxctl.errors import ExitCode
from emqxctl.resource import Column

Json = object
Row = dict[str, object]
EMPTY_OBJECT: Mapping[str, object] = MappingProxyType({})


class Rows(NamedTuple):
    """A list of things, perhaps endless: consumed once, in order.

    `columns` are what a person reads (empty: made from the first rows' fields); `key` the field that
    `-o name` writes; `nouns` names them in the sentence for an empty list; `live` rows come as they happen,
    so each is written at once instead of with its neighbours.
    """

    rows: Iterable[Row]
    columns: Sequence[Column] = ()
    key: str = ""
    plural_noun: str = "rows"
    notes: Sequence[str] = ()
    exit_code: ExitCode = ExitCode.OK
    is_live: bool = False


class Record(NamedTuple):
    """One thing: an object, shown field by field; `columns` come first where given, the rest after them."""

    data: Row
    columns: Sequence[Column] = ()
    key: str = ""
    notes: Sequence[str] = ()
    exit_code: ExitCode = ExitCode.OK


class Value(NamedTuple):
    """Any JSON value as the server sent it: a number, a text, a nested document."""

    data: Json
    notes: Sequence[str] = ()
    exit_code: ExitCode = ExitCode.OK


class Text(NamedTuple):
    """Text for stdout as it stands: a completion script, a help topic, a prompt. Trusted, so not escaped."""

    text: str
    notes: Sequence[str] = ()
    exit_code: ExitCode = ExitCode.OK


class Done(NamedTuple):
    """A change that was made: a sentence for a person (stderr), an object for a program (stdout)."""

    message: str
    data: Mapping[str, object] = EMPTY_OBJECT
    key: str = ""
    notes: Sequence[str] = ()
    exit_code: ExitCode = ExitCode.OK


class BulkResult(NamedTuple):
    """Several changes of which some failed: one row each, `status` being done, skipped, failed or unknown.

    A person is not shown the rows whose status is one of `calm`; a program gets them all.
    """

    rows: Sequence[Row]
    columns: Sequence[Column] = ()
    key: str = ""
    notes: Sequence[str] = ()
    exit_code: ExitCode = ExitCode.PARTIAL
    hidden_statuses: Sequence[str] = ()


class Section(NamedTuple):
    """A part of a page: sentences, facts (a name and what is so), then a table; none of them a must."""

    title: str = ""
    lines: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    rows: Sequence[Row] = ()
    columns: Sequence[Column] = ()


class Report(NamedTuple):
    """What was found out about one thing: an object for a program; for a person a sentence and sections.

    `lead` says the most important, coloured as `style`; sections without anything in them are not shown.
    `columns` show the object as one row, where those of several clusters stand below each other.
    """

    data: Row
    headline: str
    sections: Sequence[Section] = ()
    style: str = ""
    key: str = ""
    notes: Sequence[str] = ()
    exit_code: ExitCode = ExitCode.OK
    columns: Sequence[Column] = ()


class Bytes(NamedTuple):
    """Bytes for stdout as they came: a download, a raw body."""

    chunks: Iterable[bytes]
    notes: Sequence[str] = ()
    exit_code: ExitCode = ExitCode.OK


Result = Rows | Record | Report | Value | Text | Done | BulkResult | Bytes
