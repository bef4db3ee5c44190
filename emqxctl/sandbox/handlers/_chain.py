"""Configurations that EMQX tries one after another: authenticators, and sources of permissions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.refusals import refuse, refuse_request
from emqxctl.sandbox.schema.secrets import mask
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.access_status import access_status
from emqxctl.sandbox.state.cluster import ENTERPRISE
from emqxctl.sandbox.state.positions import UnknownAnchorError, UnknownPositionError, move_key, order_problem

Value = TypeVar("Value")


def move_item(
    items: dict[str, Value], name: str, position: str, no_anchor: str, no_position: str
) -> dict[str, Value]:
    """Return items with one moved; the last two are errors. Raises EarlyResponse for no such position."""
    try:
        return move_key(items, name, position)
    except UnknownAnchorError as unknown:
        refuse(no_anchor, unknown)
    except UnknownPositionError as unknown:
        refuse(no_position, unknown)


@dataclass(frozen=True)
class Chain:
    """One chain: the name of its errors, its path, the key in its path, and where it is in the state."""

    name: str
    path: str
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
        errors = (f"{self.name}.no_anchor", f"{self.name}.no_position")
        self.replace(call, move_item(members, call.bindings[self.key], position, *errors))

    def reorder(self, call: Call) -> None:
        """Reorder all members."""
        members, names = self.members(call), [row[self.key] for row in call.body]
        if wrong := order_problem(names, list(members), self.title):
            refuse_request(wrong)
        self.replace(call, {name: members[name] for name in names})

    def serve(self) -> None:
        """Register the operations that do not depend on what the members are."""
        item = f"{self.path}/{{{self.key}}}"
        route("GET", item)(self.show)
        route("GET", f"{item}/status")(self.show_status)
        route("PUT", f"{self.path}/order", body=Body(self.key, array=True))(self.reorder)
        route("POST", f"{item}/metrics/reset", edition=ENTERPRISE)(self.reset_metrics)
