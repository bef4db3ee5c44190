"""What `emqxctl explain` is asked for: a kind of object, its type, the path of a field."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from emqxctl.cli.sections import ALIASES
from emqxctl.emqx.body_fields import find_field, list_kinds, list_types, read_body_fields
from emqxctl.emqx.row_fields import find_close_names
from emqxctl.errors import NotFoundError

if TYPE_CHECKING:
    from emqxctl.cli.completion.candidates import Candidate

SHORT_NAMES = {**dict(ALIASES), "authn": "authentication"}


class Subject(NamedTuple):
    """A kind, a type (empty: not typed, or the kind has none), and the words of a field's path."""

    kind: str
    type: str = ""
    path: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The words of the command line that name it, without the field."""
        return f"{self.kind} {self.type}".strip()


def parse_subject(words: Sequence[str]) -> Subject:
    """Parse the words of the command line; the type is not checked. Raises NotFoundError for the kind."""
    kind, rest = split_kind(words)
    type_name = ""
    if list_types(kind) and rest:
        type_name, *rest = rest
        type_name = find_type_name(kind, type_name)
    path = tuple(part for word in rest for part in word.split(".") if part)
    return Subject(kind, type_name, path)


def split_kind(words: Sequence[str]) -> tuple[str, list[str]]:
    """Return the kind that the words begin with, and the words after it. Raises NotFoundError."""
    kinds = list_kinds()
    first, *other_words = words
    first = SHORT_NAMES.get(first, first)
    for count in range(len(other_words), -1, -1):
        name = " ".join([first, *other_words[:count]])
        for kind in (name, f"{name}s", f"{name} config", f"{name} settings"):
            if kind in kinds:
                return kind, other_words[count:]
    close = find_close_names(first, kinds)
    hint = f"did you mean {', '.join(close)}?" if close else "list the kinds: emqxctl explain"
    message = f"unknown kind {first!r}"
    raise NotFoundError(message, code="UNKNOWN_KIND", hint=hint)


def find_type_name(kind: str, name: str) -> str:
    """Return the type that a word names: `http`, or `http` of the id `http:archive`."""
    types = list_types(kind)
    return name if name in types or name.partition(":")[0] not in types else name.partition(":")[0]


def unknown_type_error(subject: Subject, types: Iterable[str]) -> NotFoundError:
    """Return the error for a type that the kind does not have."""
    close = find_close_names(subject.type, types)
    hint = f"did you mean {', '.join(close)}?" if close else f"list them: emqxctl explain {subject.kind}"
    return NotFoundError(f"unknown type {subject.type!r} of {subject.kind}", code="UNKNOWN_TYPE", hint=hint)


def unknown_field_error(subject: Subject, names: Iterable[str]) -> NotFoundError:
    """Return the error for a field that an object does not have."""
    field = ".".join(subject.path)
    close = find_close_names(field, names)
    hint = f"did you mean {', '.join(close)}?\n" if close else ""
    hint += f"list the fields: emqxctl explain {subject.words} --recursive"
    return NotFoundError(f"unknown field {field!r} of {subject.words}", code="UNKNOWN_FIELD", hint=hint)


def complete(words: Sequence[str]) -> "Iterable[Candidate]":
    """Return what can follow the words: kinds, types, or fields."""
    from emqxctl.cli.completion.candidates import Candidate

    if not words:
        return [Candidate(kind) for kind in list_kinds()]
    subject = parse_subject(words)
    if list_types(subject.kind) and not subject.type:
        return [Candidate(name) for name in list_types(subject.kind)]
    fields = read_body_fields(subject.kind, subject.type)
    if subject.path:
        parent = find_field(fields, subject.path)
        fields = parent.read_fields() if parent else {}
    return [Candidate(name, field.text) for name, field in fields.items()]
