"""Configurations that EMQX tries one after another: authenticators, and sources of permissions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.refusals import refuse, refuse_request
from emqxctl.sandbox.schema.secrets import mask
from emqxctl.sandbox.state.access import is_reachable
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.records import stable_random

Value = TypeVar("Value")
Names = tuple[str, ...]


def move_item(items: dict[str, Value], name: str, position: str, errors: str) -> dict[str, Value]:
    """Return items with one moved to `front`, `rear`, `before:other` or `after:other`.

    `errors` begins the names of the errors. Raises EarlyResponse for a position that does not exist.
    """
    rest = [other for other in items if other != name]
    word, _, anchor = position.partition(":")
    if word not in (("before", "after") if anchor else ("front", "rear")):
        refuse(f"{errors}.no_position", position)
    if anchor and anchor not in items:
        refuse(f"{errors}.no_anchor", anchor)
    at = 0 if word == "front" else len(rest)
    if anchor:
        at = rest.index(anchor) + (word == "after") if anchor in rest else list(items).index(name)
    return {key: items[key] for key in (*rest[:at], name, *rest[at:])}


@dataclass(frozen=True)
class Chain:
    """One chain: the name of its errors, the key in its paths, and where it is in the state."""

    name: str
    key: str
    attribute: str
    title: str  # in errors
    results: tuple[str, ...]  # of its counters, the commonest first
    local: tuple[str, ...]  # members without an external server
    check_key: Callable[[str], object] = str  # raises EarlyResponse for what cannot be a key
    prefix: str = ""  # before the key, where counters are made up

    def members(self, call: Call) -> dict[str, Row]:
        """Return the members in their order."""
        members: dict[str, Row] = getattr(call.cluster.access, self.attribute)
        return members

    def replace(self, call: Call, members: dict[str, Row]) -> None:
        """Keep the members in another order."""
        setattr(call.cluster.access, self.attribute, members)

    def find(self, call: Call, key: str = "") -> Row:
        """Return the member of the path, or the named one. Raises EarlyResponse (404)."""
        name = key or call.bindings[self.key]
        self.check_key(name)
        return self.require(call, name)

    def require(self, call: Call, name: str) -> Row:
        """Return a member. Raises EarlyResponse (404)."""
        if name not in self.members(call):
            refuse(f"{self.name}.missing", name)
        return self.members(call)[name]

    def row(self, name: str, config: Row) -> Json:
        """Return a member with its secrets hidden; an authenticator has its id, too."""
        return mask(config) if self.key in config else {**mask(config), self.key: name}

    def list(self, call: Call) -> Json:
        """List the members; sources are in an object."""
        rows = [self.row(*member) for member in self.members(call).items()]
        return rows if self.key == "id" else {"sources": rows}

    def show(self, call: Call) -> Json:
        """Show one member."""
        return self.row(call.bindings[self.key], self.find(call))

    def show_status(self, call: Call) -> Json:
        """Show the status and counters of a member on each node."""
        config, name = self.find(call), self.prefix + call.bindings[self.key]
        return access_status(call.cluster, name, config, self.results, self.local)

    def reset_metrics(self, call: Call) -> None:
        """Set the counters of a member to zero."""
        self.require(call, call.bindings[self.key])

    def move(self, call: Call) -> None:
        """Change the position of a member, to that of the path or of the body."""
        self.find(call)
        position, members = call.bindings.get("position") or call.body["position"], self.members(call)
        self.replace(call, move_item(members, call.bindings[self.key], position, self.name))

    def reorder(self, call: Call) -> None:
        """Reorder all members."""
        members, names = self.members(call), [row[self.key] for row in call.body]
        if unknown := [name for name in names if name not in members]:
            refuse_request(f"{self.title}: {', '.join(unknown)} are not found")
        if missing := [name for name in members if name not in names]:
            refuse_request(f"No positions are specified for {self.title.lower()}: {', '.join(missing)}")
        self.replace(call, {name: members[name] for name in names})


def access_status(cluster: Cluster, name: str, config: Row, results: tuple[str, ...], local: Names) -> Row:
    """Return the status of an authenticator or a source; `local` names those without an external server."""
    nodes, reachable = cluster.running(), is_reachable(config)
    remote = name.removeprefix("authz:") not in local
    working = reachable and config["enable"]
    metrics = {node: access_counters(cluster.seed, name, node, results, working=working) for node in nodes}
    calls = {"failed": 0, "matched": 0, "rate": 0.0, "rate_last5m": 0.0, "rate_max": 0.0, "success": 0}
    resource = calls if remote else {}
    status = "connected" if reachable else "disconnected"
    total = {name: sum(row[name] for row in metrics.values()) for name in metrics[nodes[0]]}
    return {
        "metrics": total,
        "node_error": [],
        "node_metrics": [{"metrics": metrics[node], "node": node} for node in nodes],
        "node_resource_metrics": [{"metrics": resource, "node": node} for node in nodes],
        "node_status": [{"node": node, "status": status} for node in nodes],
        "resource_metrics": resource,
        "status": status,
    }


def access_counters(seed: int, name: str, node: str, results: tuple[str, ...], *, working: bool) -> Row:
    """Build up the counters of one node: `results` from the commonest to the rarest."""
    counts = {
        result: stable_random(seed, name, node, result) % max(1, 200 >> 3 * at) if working else 0
        for at, result in enumerate(results)
    }
    rates = {"rate": 0.0, "rate_last5m": 0.0, "rate_max": counts[results[0]] / 20}
    return counts | rates | {"total": sum(counts.values())}
