"""Validation without a server: references, fields that no version knows, variables that are not set."""

from collections.abc import Iterator
from difflib import get_close_matches

from emqxctl.declarative.changes import references_of
from emqxctl.declarative.documents import (
    Document,
    Entry,
    FileText,
    Json,
    Problem,
    Variable,
    format_path,
    value_at,
    variable_positions,
)
from emqxctl.declarative.field_facts import known_fields
from emqxctl.declarative.kind import Form, Kind, Reference
from emqxctl.declarative.kinds import all_kinds
from emqxctl.declarative.kinds.rules import is_rule_id
from emqxctl.declarative.secrets import MASK, secret_positions
from emqxctl.emqx.topics import find_topic_error


def check_document(document: Document) -> tuple[list[Problem], list[Problem]]:
    """Return what is wrong with a document, and what is doubtful."""
    errors: list[Problem] = []
    doubts: list[Problem] = []
    stated = {Reference(*identity) for identity in document.entries}
    for entry in document.entries.values():
        kind = all_kinds()[entry.kind]
        errors += check_references(document, kind, entry, stated)
        errors += check_shape(document, kind, entry)
        doubts += check_fields(document, kind, entry)
        doubts += plain_secrets(document, kind, entry)
    doubts += missing_variables(document)
    errors += shared_values(document)
    return errors, doubts


def check_references(
    document: Document, kind: Kind, entry: Entry, stated: set[Reference]
) -> Iterator[Problem]:
    """Yield references to objects that the files should state: their kind is there, they are not."""
    for needed in references_of(kind, entry.key, entry.body):
        if needed in stated or needed.kind not in document.kinds:
            continue
        close = get_close_matches(
            needed.key, [candidate.key for candidate in stated if candidate.kind == needed.kind], n=1
        )
        hint = f"; did you mean {close[0]}?" if close else ""
        noun = all_kinds()[needed.kind].noun
        message = f"{kind.noun} {entry.key!r} needs {noun} {needed.key!r}, which the files do not state{hint}"
        yield Problem("MISSING_REFERENCE", message, str(entry.place), entry.kind)


def check_shape(document: Document, kind: Kind, entry: Entry) -> Iterator[Problem]:
    """Yield what no version takes: switches, ids and topic filters that are not valid."""
    body = entry.body
    if kind.form is Form.ITEMS:
        for index, item in enumerate(body):
            if not isinstance(item, dict):
                place = document.places.get((kind.name, "", index), entry.place)
                yield Problem(
                    "WRONG_FORM", f"an element of {kind.name} must be a mapping", str(place), kind.name
                )
        return
    enable = body.get("enable")
    if enable is not None and not isinstance(enable, bool | Variable):
        place = document.places.get((kind.name, entry.key, "enable"), entry.place)
        yield Problem(
            "WRONG_VALUE", f"{kind.noun} {entry.key!r}: enable must be true or false", str(place), "enable"
        )
    if isinstance(body.get("topic_filter"), str) and find_topic_error(body["topic_filter"]):
        # EMQX 6.2 accepts such a stream, and from then on answers 500 to every list of streams.
        message = f"{kind.noun} {entry.key!r}: topic_filter {body['topic_filter']!r} is not a topic filter"
        yield Problem("WRONG_VALUE", message, str(entry.place), "topic_filter")
    if kind.name == "rules" and not is_rule_id(entry.key):
        message = f"rule id {entry.key!r}: letters, digits, _ and -, the first a letter or a digit"
        yield Problem("BAD_KEY", message, str(entry.place), kind.name)


def check_fields(document: Document, kind: Kind, entry: Entry) -> Iterator[Problem]:
    """Yield fields that no known version takes; a newer EMQX may know them."""
    field_names = known_fields(kind.name, entry.key)
    if not field_names or not isinstance(entry.body, dict):
        return
    for field in entry.body:
        if field in field_names or field in kind.added or field in (kind.defaults or {}):
            continue
        close = get_close_matches(field, field_names, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        place = document.places.get((kind.name, entry.key, field), entry.place)
        yield Problem(
            "UNKNOWN_FIELD", f"{kind.noun} {entry.key!r}: unknown field {field!r}{hint}", str(place), field
        )


def plain_secrets(document: Document, kind: Kind, entry: Entry) -> Iterator[Problem]:
    """Yield secrets that are in a file in plain text."""
    for path in secret_positions(entry.body, kind.secrets):
        value = value_at(entry.body, path)
        if value != MASK and not isinstance(value, Variable | FileText):
            name = format_path(path)
            place = document.places.get((kind.name, entry.key, *path), entry.place)
            message = (
                f"{kind.noun} {entry.key!r}: {name} contains a secret in clear; use !env NAME or file://PATH"
            )
            yield Problem("PLAIN_SECRET", message, str(place), name)


def missing_variables(document: Document) -> Iterator[Problem]:
    """Yield the variables that are not set, each once with its place."""
    seen: set[str] = set()
    for entry in document.entries.values():
        for path, variable in variable_positions(entry.body):
            if variable.variable not in seen:
                seen.add(variable.variable)
                message = f"variable {variable.variable} is not set or empty"
                place = document.places.get((entry.kind, entry.key, *path), entry.place)
                yield Problem("MISSING_VARIABLE", message, str(place), variable.variable)


def shared_values(document: Document) -> Iterator[Problem]:
    """Yield values that two objects state and only one can have: the address of two listeners."""
    owners: dict[tuple[str, str, str], Entry] = {}
    for entry in document.entries.values():
        for field in all_kinds()[entry.kind].unique:
            value: Json = entry.body.get(field)
            if value is None or entry.body.get("enable") is False:
                continue
            first = owners.setdefault((entry.kind, field, transport(entry) + str(value)), entry)
            if first is not entry:
                message = f"{entry.kind} {entry.key} and {first.key} have the same {field}: {value}"
                yield Problem("SHARED_VALUE", message, str(entry.place), field)


def transport(entry: Entry) -> str:
    """Return by which protocol a listener takes its port: UDP and TCP do not share theirs."""
    return "udp:" if {"udp", "dtls", "quic"} & set(entry.key.split(":")) else "tcp:"
