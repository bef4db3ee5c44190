"""The evaluation of the conditions of `emqxctl wait` against the cluster."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from emqxctl.api.status import BrokerStatus
from emqxctl.commands.wait._conditions import RESOURCE_PATHS, STATES, WaitCondition
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
from emqxctl.diagnosis.probe import require_running
from emqxctl.errors import EmqxctlError, ExitCode, UsageError

if TYPE_CHECKING:
    from emqxctl.api.client import Client
    from emqxctl.diagnosis.snapshot import Snapshot

# Errors that may pass. An untrusted certificate does not.
TRANSIENT_EXIT_CODES = frozenset(
    {
        ExitCode.UNREACHABLE,
        ExitCode.TIMED_OUT,
        ExitCode.NOT_READY,
        ExitCode.SERVER,
        ExitCode.NOT_FOUND,
    }
)
PERMANENT_CODES = frozenset({"TLS_FAILED", "REDIRECTED"})
MAX_VALUE_LENGTH = 60  # characters of a query's result in messages


class ConditionResult(NamedTuple):
    """Whether a condition is met, and the current state."""

    is_met: bool
    state: str


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
    if error.details.get("status") == 429:
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
