"""Validation by the server without writing: its schemas, its probes of connectors, its test of rules."""

from collections.abc import Iterator

from emqxctl.declarative.changes import Action, Change, Plan
from emqxctl.declarative.documents import Document, Json, Problem
from emqxctl.declarative.kind import Body
from emqxctl.declarative.server import Server
from emqxctl.errors import EmqxctlError, ExitCode

PROBES = {"connectors": "/connectors_probe", "actions": "/actions_probe", "sources": "/sources_probe"}
TEST_CONTEXT = {
    "event_type": "message_publish",
    "topic": "t",
    "payload": "{}",
    "qos": 0,
    "clientid": "emqxctl",
}
NO_MATCH = "NOT_MATCH"
# A probe or a test that the server refuses for these says nothing about the object.
NOT_SAID = frozenset({ExitCode.FORBIDDEN, ExitCode.UNSUPPORTED, ExitCode.NOT_FOUND, ExitCode.GUARDED})


def check_online(document: Document, plan: Plan, server: Server) -> Iterator[Problem]:
    """Yield what the server would not take of what a plan is going to send."""
    for change in plan.changes:
        place = str(document.entries[change.identity].place) if change.identity in document.entries else ""
        if change.action not in {Action.CREATE, Action.UPDATE}:
            continue
        yield from check_fields(change, server, place)
        yield from probe(change, server, place)
        if change.kind.name == "rules":
            yield from check_rule(change, server, place)


def check_fields(change: Change, server: Server, place: str) -> Iterator[Problem]:
    """Yield fields that the server's schema does not list, and required ones that are missing."""
    shape = server.shape_of(change.kind, change.key)
    if shape is None or not shape.fields:
        return
    name = f"{change.kind.noun} {change.key!r}"
    for field in sorted(set(change.body) - shape.fields):
        yield Problem("UNKNOWN_FIELD", f"{name}: the server does not know {field!r}", place, field)
    for field in sorted(shape.required - set(change.body)):
        yield Problem("MISSING_FIELD", f"{name}: {field!r} is required", place, field)


def probe(change: Change, server: Server, place: str) -> Iterator[Problem]:
    """Yield why a connector, an action or a source would not work; what is switched off is not tried."""
    path = PROBES.get(change.kind.name)
    if not path or change.body.get("enable") is False:
        return
    body: Body = {**change.body, **change.kind.key_fields(change.key)}
    try:
        server.api.post(path, body=body)
    except EmqxctlError as error:
        if error.exit_code not in NOT_SAID and not is_waiting(change, error):
            yield Problem(
                "PROBE_FAILED", f"{change.kind.noun} {change.key!r}: {error.message}", place, change.kind.name
            )


def is_waiting(change: Change, error: EmqxctlError) -> bool:
    """Return whether an action's probe failed because its connector is not there yet."""
    return change.kind.name in {"actions", "sources"} and "connector" in error.message.lower()


def check_rule(change: Change, server: Server, place: str) -> Iterator[Problem]:
    """Yield what the server says of a rule's SQL; one that does not match the test message is right."""
    body: dict[str, Json] = {"sql": change.body.get("sql", ""), "context": TEST_CONTEXT}
    try:
        server.api.post("/rule_test", body=body)
    except EmqxctlError as error:
        if error.code != NO_MATCH and error.exit_code not in NOT_SAID:
            yield Problem("BAD_SQL", f"rule {change.key!r}: {error.message}", place, "sql")
