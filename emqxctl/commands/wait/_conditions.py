"""The conditions of `emqxctl wait`, and how they are parsed."""

from typing import NamedTuple

from emqxctl.api.request import Request
from emqxctl.diagnosis.health import strip_version_prefix
from emqxctl.errors import UsageError

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


class WaitCondition(NamedTuple):
    """One `--for`: `text` as typed; `name` is the object's id, or the JMESPath expression of a query."""

    text: str
    kind: str
    target: str
    name: str = ""
    request: Request | None = None


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
