"""Configurations that EMQX tries one after another: authenticators, and sources of permissions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.refusals import lookup, refuse_request, refuse_with
from emqxctl.sandbox.schema.secrets import mask
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.access_status import access_status
from emqxctl.sandbox.state.cluster import ENTERPRISE
from emqxctl.sandbox.state.positions import UnknownAnchorError, UnknownPositionError, move_key, order_problem

Value = TypeVar("Value")
Refusal = tuple[int, str, str]  # status, code, and message with `{}` for what is unknown


def move_item(
    items: dict[str, Value], name: str, position: str, *, no_anchor: Refusal, no_position: Refusal
) -> dict[str, Value]:
    """Return items with one moved. Raises EarlyResponse for a position that does not exist."""
    try:
        return move_key(items, name, position)
    except UnknownAnchorError as unknown:
        status, code, message = no_anchor
        refuse_with(status, code, message.replace("{}", str(unknown)))
    except UnknownPositionError as unknown:
        status, code, message = no_position
        refuse_with(status, code, message.replace("{}", str(unknown)))


@dataclass(frozen=True)
class Chain:
    """One chain: its path, the path's name for a key, where it is in the state, and its words in errors."""

    path: str
    key: str
    attribute: str
    title: str
    missing: str  # with `{}` for the key
    results: tuple[str, ...]  # of its counters, the commonest first
    local: tuple[str, ...]  # members without an external server
    no_anchor: Refusal
    no_position: Refusal
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
        return lookup(self.members(call), name, 404, "NOT_FOUND", self.missing.format(name))

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
        name = call.bindings[self.key]
        lookup(self.members(call), name, 404, "NOT_FOUND", self.missing.format(name))

    def move(self, call: Call) -> None:
        """Change the position of a member, to that of the path or of the body."""
        self.find(call)
        position, members = call.bindings.get("position") or call.body["position"], self.members(call)
        errors = {"no_anchor": self.no_anchor, "no_position": self.no_position}
        self.replace(call, move_item(members, call.bindings[self.key], position, **errors))

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
