"""What a command may return: data and text, never a format.

NamedTuples: a dataclass costs eight times as much at start-up. They are distinguished by class; nothing
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


MAX_SHOWN_TARGETS = 20  # of a bulk change, to a person


class Rows(NamedTuple):
    """A list of objects, possibly endless: consumed once, in order.

    `columns`: the table's columns (empty: the fields of the first rows). `key`: the field that `-o name`
    prints. `plural_noun`: what the rows are, for the note about an empty list. `is_live`: rows arrive as they
    happen, so each is written at once instead of in a batch. `path`: the list whose rows these are, for the
    facts about their fields. `name_fields`: the fields that `-o name` prints if the key is not enough.
    """

    rows: Iterable[Row]
    columns: Sequence[Column] = ()
    key: str = ""
    plural_noun: str = "rows"
    notes: Sequence[str] = ()
    exit_code: ExitCode = ExitCode.OK
    is_live: bool = False
    path: str = ""
    name_fields: tuple[str, ...] = ()


class Record(NamedTuple):
    """One object, shown field by field: the fields of `columns` first, then the others.

    `path`: the list that has the object as a row, for the facts about its fields.
    """

    data: Row
    columns: Sequence[Column] = ()
    key: str = ""
    notes: Sequence[str] = ()
    exit_code: ExitCode = ExitCode.OK
    path: str = ""


class Value(NamedTuple):
    """Any JSON value as the server sent it: a number, a string, a nested document."""

    data: Json
    notes: Sequence[str] = ()
    exit_code: ExitCode = ExitCode.OK


class Text(NamedTuple):
    """Text for stdout, unchanged and trusted (not escaped): a completion script, a help topic, a prompt."""

    text: str
    notes: Sequence[str] = ()
    exit_code: ExitCode = ExitCode.OK


class Document(NamedTuple):
    """A page of ours as Markdown, trusted: laid out and paged on a terminal, unchanged in a pipe."""

    topic: str
    markdown: str
    notes: Sequence[str] = ()
    exit_code: ExitCode = ExitCode.OK


class Done(NamedTuple):
    """A completed change: a message for a person (stderr), an object for a program (stdout).

    `columns` show the object as one row when the results of several profiles are put into one table.
    """

    message: str
    data: Mapping[str, object] = EMPTY_OBJECT
    key: str = ""
    notes: Sequence[str] = ()
    exit_code: ExitCode = ExitCode.OK
    columns: Sequence[Column] = ()


class BulkResult(NamedTuple):
    """Several changes, some of which failed: a row each; `status` is done, skipped, failed or unknown.

    Rows whose status is one of `hidden_statuses` are not shown to a person, of the others only
    MAX_SHOWN_TARGETS; a program gets all rows.
    """

    rows: Sequence[Row]
    columns: Sequence[Column] = ()
    key: str = ""
    notes: Sequence[str] = ()
    exit_code: ExitCode = ExitCode.PARTIAL
    hidden_statuses: Sequence[str] = ()


class Section(NamedTuple):
    """A part of a report: sentences, facts (a name and a value), then a table; each of them optional."""

    title: str = ""
    lines: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    rows: Sequence[Row] = ()
    columns: Sequence[Column] = ()


class Report(NamedTuple):
    """Findings about one subject: an object for a program; a headline and sections for a person.

    `headline` is the most important sentence, in the color `style`; empty sections are not shown. `columns`
    show the object as one row when the results of several profiles are put into one table.
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
    """Bytes for stdout, unchanged: a download, a raw body."""

    chunks: Iterable[bytes]
    notes: Sequence[str] = ()
    exit_code: ExitCode = ExitCode.OK


Result = Rows | Record | Report | Value | Text | Document | Done | BulkResult | Bytes
