"""The conditions of `emqxctl wait`: parsing, and evaluation against the cluster."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from emqxctl.api.request import Request
from emqxctl.api.status import BrokerStatus
from emqxctl.diagnosis.health import (
    Row,
    dict_rows,
    failure_reason,
    find_node_problems,
    find_problems,
    get_resource_id,
    get_state,
    is_enabled,
    is_running,
    strip_version_prefix,
)
from emqxctl.diagnosis.probe import NOT_EMQX, require_running
from emqxctl.errors import EmqxctlError, ExitCode, UsageError

if TYPE_CHECKING:
    from emqxctl.api.client import Client
    from emqxctl.diagnosis.snapshot import Snapshot

INTEGRATION_STATES = ("connected", "disconnected", "enabled", "disabled", "gone")
# The states of one object that can be waited for.
STATES = {
    "connector": INTEGRATION_STATES,
    "action": INTEGRATION_STATES,
    "source": INTEGRATION_STATES,
    "rule": ("enabled", "disabled", "gone"),
    "listener": ("running", "stopped", "enabled", "disabled", "gone"),
    "client": ("connected", "disconnected", "gone"),
}
RESOURCE_PATHS = {
    "connector": "/connectors/{id}",
    "action": "/actions/{id}",
    "source": "/sources/{id}",
    "rule": "/rules/{id}",
    "client": "/clients/{clientid}",
}
EXAMPLES = (
    "nodes=3, cluster=healthy, version=5.8.9, alarms=none, "
    "connector|action|source/TYPE:NAME=connected, rule/ID=enabled, listener/TYPE:NAME=running, "
    "client/ID=connected, 'query:/stats?aggregate=true \"connections.count\" > `100`'"
)
CLUSTER_FORMS = ("nodes=3", "'nodes>=3'", "version=5.8.9", "cluster=healthy", "alarms=none")
# Errors that may pass. An untrusted certificate does not.
TRANSIENT_EXIT_CODES = frozenset(
    {
        ExitCode.UNREACHABLE,
        ExitCode.TIMED_OUT,
        ExitCode.NOT_YET,
        ExitCode.SERVER,
        ExitCode.NOT_FOUND,
    }
)
TRANSIENT_CODES = frozenset({NOT_EMQX})  # a proxy responds while EMQX is not there yet
PERMANENT_CODES = frozenset({"TLS_FAILED"})
MAX_VALUE_LENGTH = 60  # characters of a query's result in messages


class ConditionResult(NamedTuple):
    """Whether a condition is met, and the current state."""

    is_met: bool
    state: str


class WaitCondition(NamedTuple):
    """One `--for`: `text` as typed; `name` is the object's id, or the JMESPath expression of a query."""

    text: str
    kind: str
    target: str
    name: str = ""
    request: Request | None = None


class ClusterReader:
    """One check of the cluster: what several conditions need is read once."""

    def __init__(self, client: "Client") -> None:
        """Prepare; nothing is sent."""
        self.client = client
        self.outcomes: dict[object, object] = {}

    def read_once(self, key: object, read: Callable[[], object]) -> object:
        """Return what `read` returned for this key before, or read it now; an error is kept too."""
        if key not in self.outcomes:
            try:
                self.outcomes[key] = read()
            except EmqxctlError as error:
                self.outcomes[key] = error
        outcome = self.outcomes[key]
        if isinstance(outcome, EmqxctlError):
            raise outcome
        return outcome

    def get(self, path: str, *arguments: str) -> object:
        """Return the JSON of a path."""
        return self.read_once((path, arguments), lambda: self.client.get(path, *arguments))

    def require_broker(self) -> BrokerStatus:
        """Return the status of the running broker. Raises as `probe.require_running`."""
        broker = self.read_once("status", lambda: require_running(self.client))
        assert isinstance(broker, BrokerStatus)  # noqa: S101  # the outcome of require_running
        return broker

    def read_health_parts(self) -> dict[str, object]:
        """Return all parts that determine cluster health. Raises the first error."""
        from emqxctl.diagnosis.snapshot import HEALTH_PARTS, read_snapshot

        broker = self.require_broker()
        snapshot: Snapshot = self.read_once(  # type: ignore[assignment]  # the outcome of read_snapshot
            "health", lambda: read_snapshot(self.client, HEALTH_PARTS, broker)
        )
        for error in snapshot.errors.values():
            raise error
        return dict(snapshot.parts)


def parse_condition(text: str) -> WaitCondition:
    """Parse one condition, without a request. Raises UsageError."""
    if text.startswith("query:"):
        return parse_query(text)
    left, sign, target = text.rpartition("=")
    kind, slash, name = left.partition("/")
    if sign and not slash:
        return parse_cluster_condition(text, kind, target)
    if not sign or kind not in STATES:
        raise condition_error(text, "unknown condition")
    if target not in STATES[kind]:
        raise condition_error(text, f"the state of a {kind} must be one of {', '.join(STATES[kind])}")
    if name in {"", ".", ".."}:
        raise condition_error(text, f"invalid id {name!r}")
    if kind not in {"client", "rule"} and not all(name.partition(":")):
        raise condition_error(text, f"invalid {kind} id {name!r}: must be TYPE:NAME")
    return WaitCondition(text, kind, target, name)


def parse_cluster_condition(text: str, kind: str, target: str) -> WaitCondition:
    """Parse a condition about the whole cluster. Raises UsageError."""
    if kind in {"nodes", "nodes>"} and target.isascii() and target.isdigit() and int(target) > 0:
        return WaitCondition(text, kind, target)
    if kind == "version" and strip_version_prefix(target)[:1].isdigit():
        return WaitCondition(text, kind, strip_version_prefix(target))
    if (kind, target) in {("cluster", "healthy"), ("alarms", "none")}:
        return WaitCondition(text, kind, target)
    forms = [form for form in CLUSTER_FORMS if kind and form.lstrip("'").startswith(kind)]
    raise condition_error(text, f"must be {' or '.join(forms)}" if forms else "unknown condition")


def parse_query(text: str) -> WaitCondition:
    """Parse `query:PATH JMESPATH`. Raises UsageError."""
    from emqxctl.api.request import build_raw_request
    from emqxctl.output.query.select import check_query

    path, _, expression = text.removeprefix("query:").strip().partition(" ")
    if not path.startswith("/") or not expression.strip():
        reason = "a query must be a path and a JMESPath expression: 'query:/nodes length(@) > `2`'"
        raise condition_error(text, reason)
    try:
        check_query(expression.strip())
    except UsageError as error:
        raise condition_error(text, error.message) from error
    return WaitCondition(text, "query", "true", expression.strip(), build_raw_request("GET", path))


def condition_error(text: str, reason: str) -> UsageError:
    """Return the error for an invalid condition."""
    return UsageError(f"invalid --for {text!r}: {reason}", code="BAD_CONDITION", hint=f"examples: {EXAMPLES}")


def evaluate(condition: WaitCondition, reader: ClusterReader) -> ConditionResult:
    """Return whether a condition is met; it is not while an error occurs that may pass.

    Raises every other error: it would occur again.
    """
    try:
        reader.require_broker()
        return EVALUATORS[condition.kind](condition, reader)
    except EmqxctlError as error:
        if not is_transient(error):
            raise
        return ConditionResult(is_met=False, state=error.message)


def is_transient(error: EmqxctlError) -> bool:
    """Return whether an error may pass: refused, starting, overloaded, failed."""
    if error.details.get("status") == 429 or error.code in TRANSIENT_CODES:
        return True
    return error.exit_code in TRANSIENT_EXIT_CODES and error.code not in PERMANENT_CODES


def evaluate_nodes(condition: WaitCondition, reader: ClusterReader) -> ConditionResult:
    """Compare the number of running nodes."""
    rows = dict_rows(reader.get("/nodes"))
    count, target = sum(map(is_running, rows)), int(condition.target)
    problems = [problem.sentence for problem in find_node_problems(rows)]
    is_met = count >= target if condition.kind == "nodes>" else count == target
    return ConditionResult(is_met, "; ".join([f"{count} running", *problems]))


def evaluate_version(condition: WaitCondition, reader: ClusterReader) -> ConditionResult:
    """Compare the version of every running node; `5.8` is any 5.8 release."""
    versions = {
        str(row.get("node", "?")): strip_version_prefix(row.get("version"))
        for row in dict_rows(reader.get("/nodes"))
        if is_running(row)
    }
    target = condition.target
    others = [
        f"{node} has {version or 'no version'}"
        for node, version in versions.items()
        if version != target and not version.startswith((f"{target}.", f"{target}-"))
    ]
    return ConditionResult(bool(versions) and not others, ", ".join(others) or "no running node")


def evaluate_health(_condition: WaitCondition, reader: ClusterReader) -> ConditionResult:
    """Check cluster health, as `emqxctl status` does."""
    problems = find_problems(reader.read_health_parts())
    return ConditionResult(not problems, "; ".join(problem.sentence for problem in problems))


def evaluate_alarms(_condition: WaitCondition, reader: ClusterReader) -> ConditionResult:
    """Check that no alarm is active."""
    from emqxctl.diagnosis.snapshot import PARTS

    rows = dict_rows(reader.read_once("alarms", lambda: PARTS["alarms"].fetch(reader.client)))
    names = sorted({str(row.get("name", "?")) for row in rows})
    return ConditionResult(not rows, f"active: {', '.join(names)}")


def evaluate_object(condition: WaitCondition, reader: ClusterReader) -> ConditionResult:
    """Compare the state of one object; an object that does not exist is only ever `gone`."""
    row = find_object(condition, reader)
    if row is None:
        return ConditionResult(condition.target == "gone", f"{condition.kind} {condition.name} not found")
    if condition.target == "gone":
        return ConditionResult(is_met=False, state="still exists")
    if condition.target in {"enabled", "disabled"}:
        state = "enabled" if is_enabled(row) else "disabled"
        return ConditionResult(state == condition.target, state)
    if condition.kind == "client":
        state = "connected" if row.get("connected") is True else "disconnected"
        return ConditionResult(state == condition.target, state)
    state = get_state(f"{condition.kind}s", row)
    reason = failure_reason(row)
    prefix = "" if is_enabled(row) else "disabled, "
    return ConditionResult(state == condition.target, f"{prefix}{state}" + (f": {reason}" if reason else ""))


def find_object(condition: WaitCondition, reader: ClusterReader) -> Row | None:
    """Return the object of a condition; None if it does not exist."""
    if condition.kind == "listener":  # a single listener's status is that of the responding node only
        rows = dict_rows(reader.get("/listeners"))
        return next((row for row in rows if get_resource_id(row) == condition.name), None)
    try:
        row = reader.get(RESOURCE_PATHS[condition.kind], condition.name)
    except EmqxctlError as error:
        if error.exit_code is ExitCode.NOT_FOUND and not error.details.get("unknown_path"):
            return None
        raise
    return row if isinstance(row, dict) else None


def evaluate_query(condition: WaitCondition, reader: ClusterReader) -> ConditionResult:
    """Apply a JMESPath expression to a response; met unless the result is false, null, 0 or empty."""
    from emqxctl.output.query.select import apply_query

    request = condition.request
    assert request is not None  # noqa: S101  # parse_query sets it
    body = reader.read_once((request.url_path,), lambda: reader.client.send(request).json())
    try:
        value = apply_query(body, condition.name)
    except UsageError as error:  # a value that does not exist yet may have no length
        return ConditionResult(is_met=False, state=error.message)
    return ConditionResult(bool(value), f"result: {format_short(value)}")


def format_short(value: object) -> str:
    """Format a value on one line, cut to MAX_VALUE_LENGTH."""
    import json

    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MAX_VALUE_LENGTH else text[: MAX_VALUE_LENGTH - 1] + "…"


EVALUATORS: dict[str, Callable[[WaitCondition, ClusterReader], ConditionResult]] = {
    "nodes": evaluate_nodes,
    "nodes>": evaluate_nodes,
    "version": evaluate_version,
    "cluster": evaluate_health,
    "alarms": evaluate_alarms,
    "query": evaluate_query,
    **dict.fromkeys(STATES, evaluate_object),
}
