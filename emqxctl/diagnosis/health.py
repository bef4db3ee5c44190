"""Problems of a cluster, found in its API responses: the only module that decides what is healthy."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from emqxctl.text.units import parse_size

Row = dict[str, object]
TERM_START = re.compile(r"[{\[]|<<")  # of an Erlang term, such as {error,<<"reason">>}
# What must be connected when enabled, in the order of display.
INTEGRATIONS = {"connectors": "connector", "actions": "action", "sources": "source", "bridges": "bridge"}


class Problem(NamedTuple):
    """One problem: `kind` and `name` identify the object, `state` is its wrong state."""

    kind: str
    name: str
    state: str
    reason: str = ""

    @property
    def clause(self) -> str:
        """The problem in one line, without its kind."""
        state_clause = f"{self.name} is {self.state}"
        return f"{state_clause}: {self.reason}" if self.reason else state_clause

    @property
    def sentence(self) -> str:
        """The problem in one line."""
        return f"{self.kind} {self.clause}"


def dict_rows(value: object) -> list[Row]:
    """Return the objects in a JSON value that should be a list of objects; other elements are dropped."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def is_running(node: Mapping[str, object]) -> bool:
    """Return whether a row of `/nodes` is a running node; a stopped node has few fields (api.md §5.5)."""
    return str(node.get("node_status", "")).lower() == "running"


def is_stopped(node: Mapping[str, object]) -> bool:
    """Return whether a row of `/nodes` is a node that does not run; False for one without a status."""
    return "node" in node and "node_status" in node and not is_running(node)


def find_node_problems(
    nodes: Sequence[Row], cluster: object = None, topology: object = None
) -> list[Problem]:
    """Return the nodes that are stopped, or that appear in one response but not in another.

    `/nodes` lists a stopped core node, but neither a stopped replicant nor a node that did not respond;
    `/cluster` lists the running nodes, `/cluster/topology` the connected ones. None means that the response
    is not available.
    """
    problems = [
        Problem("node", str(row.get("node", "?")), str(row.get("node_status") or "unknown"))
        for row in nodes
        if not is_running(row)
    ]
    listed_nodes = {str(row.get("node", "?")) for row in nodes}
    members = list_running_members(cluster)
    problems += [
        Problem("node", name, "missing", "a cluster member that does not respond")
        for name in dict.fromkeys([*members, *list_connected_nodes(topology)])
        if name not in listed_nodes
    ]
    for row in nodes:
        name = str(row.get("node", "?"))
        if members and is_running(row) and name not in members:
            problems.append(Problem("node", name, "isolated", "running, but not a cluster member"))
    return problems


def list_running_members(cluster: object) -> list[str]:
    """Return the names of the running nodes in `/cluster`."""
    names = cluster.get("nodes") if isinstance(cluster, dict) else None
    return [str(name) for name in names] if isinstance(names, list) else []


def list_connected_nodes(topology: object) -> Iterator[str]:
    """Yield the names of the nodes in `/cluster/topology`; a replicant is a name or an object with a name."""
    for row in dict_rows(topology):
        if row.get("core_node"):
            yield str(row["core_node"])
        replicants = row.get("replicant_nodes")
        for replicant in replicants if isinstance(replicants, list) else []:
            name = replicant.get("node") if isinstance(replicant, dict) else replicant
            if name:
                yield str(name)


def get_resource_id(row: Mapping[str, object]) -> str:
    """Return the id of a connector, an action ...: TYPE:NAME, or the `id` that older versions return."""
    if row.get("id"):
        return str(row["id"])
    return f"{row.get('type', '?')}:{row.get('name', '?')}"


def is_enabled(row: Mapping[str, object]) -> bool:
    """Return whether an object is enabled, which is the default if it has no such field."""
    return row.get("enable", row.get("enabled")) is not False


def get_state(kind: str, row: Mapping[str, object]) -> str:
    """Return the state of a listener, connector, action, source or bridge as one word."""
    if kind != "listeners":
        return str(row.get("status") or "unknown")
    status = row.get("status")
    running = status.get("running") if isinstance(status, dict) else row.get("running")
    if isinstance(running, bool):
        return "running" if running else "stopped"
    return str(running or "unknown")  # `inconsistent`: not on every node


def is_working(kind: str, row: Mapping[str, object]) -> bool:
    """Return whether a listener is running, or a connector, action, source or bridge is connected."""
    return get_state(kind, row) == ("running" if kind == "listeners" else "connected")


def find_failing(kind: str, rows: Iterable[Row]) -> list[Problem]:
    """Return the enabled objects that do not work."""
    noun = INTEGRATIONS.get(kind, "listener")
    return [
        Problem(noun, get_resource_id(row), get_state(kind, row), failure_reason(row))
        for row in rows
        if is_enabled(row) and not is_working(kind, row)
    ]


def failure_reason(row: Mapping[str, object]) -> str:
    """Return the first sentence of the reason; EMQX explains a refused MQTT connection in five."""
    reason = row.get("status_reason") or row.get("error")
    if not reason:
        states = row.get("node_status")
        reason = next((node["status_reason"] for node in dict_rows(states) if node.get("status_reason")), "")
    return take_first_sentence(reason) or describe_failing_nodes(row)


def describe_failing_nodes(row: Mapping[str, object]) -> str:
    """Return the nodes on which a listener is not running: `on NODE, NODE`."""
    names = [
        str(node.get("node", "?"))
        for node in dict_rows(row.get("node_status"))
        if isinstance(node.get("status"), dict) and node["status"].get("running") is not True  # type: ignore[attr-defined]  # a dict
    ]
    return f"on {', '.join(names)}" if names else ""


def take_first_sentence(text: object) -> str:
    """Return the first sentence of a text, on one line; Erlang terms in it become words."""
    line = " ".join(str(text or "").split())
    if TERM_START.search(line):
        from emqxctl.emqx.error_text import to_plain_text

        line = to_plain_text(line)
    return line.partition(". ")[0]


def find_alarm_problems(alarms: Sequence[Row], known_problems: Iterable[Problem] = ()) -> list[Problem]:
    """Return the active alarms, one per name, without those about the objects of `known_problems`."""
    known_resources = {(problem.kind, problem.name) for problem in known_problems}
    nodes: dict[str, list[str]] = {}
    messages: dict[str, str] = {}
    for row in alarms:
        name = str(row.get("name", "?"))
        nodes.setdefault(name, []).append(str(row.get("node", "?")))
        messages.setdefault(name, take_first_sentence(row.get("message")))
    return [
        Problem("alarm", name, "active", f"{messages[name]} (on {', '.join(nodes[name])})")
        for name in nodes
        if parse_alarm_resource(name) not in known_resources
    ]


def parse_alarm_resource(alarm: str) -> tuple[str, str]:
    """Return kind and id of an alarm's object: action `http:x` for `action:http:x:connector:http:y`."""
    parts = alarm.split(":")
    return (parts[0], ":".join(parts[1:3])) if len(parts) > 2 else ("", "")


def find_problems(parts: Mapping[str, object]) -> list[Problem]:
    """Return all problems in the available parts, for `status` and `wait --for cluster=healthy`."""
    problems = []
    if "nodes" in parts:
        problems = find_node_problems(dict_rows(parts["nodes"]), parts.get("cluster"), parts.get("topology"))
    for kind in ("listeners", *INTEGRATIONS):
        problems += find_failing(kind, dict_rows(parts.get(kind)))
    problems += find_alarm_problems(dict_rows(parts.get("alarms")), problems)
    license_ = parts.get("license")
    if isinstance(license_, dict) and license_.get("expiry") is True:
        problems.append(Problem("license", str(license_.get("customer") or ""), "expired"))
    return problems


def compute_memory_share(node: Mapping[str, object]) -> float | None:
    """Return the share of memory that a node uses; None if the node does not report it."""
    used, total = parse_size_field(node.get("memory_used")), parse_size_field(node.get("memory_total"))
    return used / total if used is not None and total else None


def parse_size_field(value: object) -> float | None:
    """Parse a size as `/nodes` returns it: `1.95G`, or a number of bytes."""
    try:
        return parse_size(str(value))
    except ValueError:
        return None


def parse_number(value: object) -> float | None:
    """Return a number, which some versions send as text; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    try:
        return float(value) if isinstance(value, str) else None
    except ValueError:
        return None


def strip_version_prefix(version: object) -> str:
    """Return a version without its prefix letter (`e5.8.9`, `v5.8.9`)."""
    return str(version or "").lstrip("ve")
