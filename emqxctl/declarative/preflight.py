"""What an EMQX version would not take of a document, from facts alone: no server is asked."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from emqxctl.declarative.documents import Document, Entry, Problem
from emqxctl.declarative.field_facts import missing_field, place_of
from emqxctl.declarative.kind import Kind
from emqxctl.declarative.kinds import all_kinds
from emqxctl.declarative.server import Server
from emqxctl.emqx.operations import parse_version, unavailable_reason
from emqxctl.errors import UsageError

# What took the place of kinds and fields that are gone.
SUCCESSORS = {
    "bridges": "state connectors and actions instead",
    "settings/statsd": "use Prometheus",
    "settings/limiter": "limits stand in the listeners and zones",
    "connectors.service_account_json": "state it below authentication",
    "settings/opentelemetry.enable": "state enable below traces, metrics and logs",
    "authentication.password_attribute": "state it below method",
    "authentication.is_superuser_attribute": "state it below method",
    "authentication.bind_password": "state it below method",
}


def check_version(document: Document, version: str) -> list[Problem]:
    """Return what a version does not take. Raises UsageError for a text that is no version."""
    if parse_version(version) is None:
        message = f"--against {version}: not an EMQX version"
        raise UsageError(message, hint="--against 6.0, or --against 5.8.9")
    problems: list[Problem] = []
    for name in document.kinds:
        kind = all_kinds()[name]
        reason = "" if kind.members is not None else kind_reason(kind, version)
        if reason:
            problems.append(kind_problem(document, kind, "", reason))
            continue
        for entry in document.of_kind(name):
            problems += check_entry(document, kind, entry, version)
    return problems


def find_unsupported(document: Document, server: Server) -> dict[tuple[str, str], Problem]:
    """Return the problem of each kind, or member of one, that a server does not have, by kind and member."""
    problems: dict[tuple[str, str], Problem] = {}
    for name in document.kinds:
        kind = all_kinds()[name]
        keys = [entry.key for entry in document.of_kind(name)] if kind.members is not None else [""]
        for key in keys:
            reason = server.missing_reason(kind, key)
            if reason:
                problems[name, key] = kind_problem(document, kind, key, reason)
    return problems


def remove_parts(document: Document, parts: Collection[tuple[str, str]]) -> Document:
    """Return a document without some of its kinds and members, each named by kind and member."""
    entries = {
        identity: entry
        for identity, entry in document.entries.items()
        if (entry.kind, "") not in parts and (entry.kind, entry.key) not in parts
    }
    return replace(
        document, entries=entries, kinds=[name for name in document.kinds if (name, "") not in parts]
    )


def kind_reason(kind: Kind, version: str) -> str:
    """Return why a version does not have a kind."""
    operations = (f"GET {kind.list_path}", *kind.operations)
    reasons = [unavailable_reason(reason, version, "") for reason in operations[:2]]
    return next((reason for reason in reasons if reason), "")


def check_entry(document: Document, kind: Kind, entry: Entry, version: str) -> Iterator[Problem]:
    """Yield what a version does not take of one object."""
    if kind.members is not None and entry.key in kind.members:
        reason = unavailable_reason(f"GET {kind.members[entry.key]}", version, "")
        if reason:
            yield kind_problem(document, kind, entry.key, reason)
            return
    parsed = parse_version(version)
    for field in entry.body if isinstance(entry.body, dict) and parsed else ():
        reason = missing_field(kind.name, entry.key, field, parsed) if parsed else ""
        if reason:
            place = document.places.get((kind.name, entry.key, field), entry.place)
            name = f"{kind.name} {entry.key}".strip()
            hint = SUCCESSORS.get(f"{place_of(kind.name, entry.key)}.{field}", "")
            message = f"{name}: {field} {reason}" + (f": {hint}" if hint else "")
            yield Problem("FIELD_GONE", message, str(place), field)


def kind_problem(document: Document, kind: Kind, key: str, reason: str) -> Problem:
    """Return the problem of a kind, or of a member of one, that a version does not have."""
    entry = next(
        (candidate for candidate in document.of_kind(kind.name) if not key or candidate.key == key), None
    )
    hint = SUCCESSORS.get(f"{kind.name}/{key}" if key else kind.name, "")
    name = f"{kind.name} {key}".strip()
    message = f"{name} {reason}" + (f": {hint}" if hint else "")
    return Problem("KIND_GONE", message, str(entry.place) if entry else "", kind.name)
