"""What connectors, actions, sources and bridges share: the same operations, under paths of one form."""

from typing import Any

from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.fields import Field, fields_of
from emqxctl.sandbox.schema.integration import Key, Schema, apply_defaults, check_name, check_new, parse_id
from emqxctl.sandbox.schema.refusals import bad_request, lookup, refuse_request, refuse_with
from emqxctl.sandbox.schema.types import invalid_value
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.integration import Channel, Connector, connector_state
from emqxctl.sandbox.state.integration_metrics import channel_metrics

Member = Any  # a connector, an action or source, or a bridge
KNOWN_WORDS = ("start", "stop", "restart")  # atoms that EMQX knows, refused with another reason than others


class Family:
    """One of them; the subclasses know its members and how EMQX checks those."""

    root: str
    noun = "bridge"  # in errors
    schemas: dict[str, Schema]
    id_word = "bridge ID"  # what a PUT calls the id
    hidden: tuple[str, ...] = ()  # counters that are not shown

    def members(self, call: Call) -> dict[Key, Member]:
        """Return the members by type and name."""
        raise NotImplementedError

    def row(self, cluster: Cluster, member: Member, nodes: list[str]) -> Row:
        """Return one member as EMQX writes it."""
        raise NotImplementedError

    def build(self, call: Call, key: Key, config: Row) -> Member:
        """Build a new member. Raises EarlyResponse (400)."""
        raise NotImplementedError

    def configure(self, call: Call, member: Member, config: Row) -> None:
        """Change the configuration of a member. Raises EarlyResponse (400)."""
        raise NotImplementedError

    def start_member(self, call: Call, member: Member) -> None:
        """Start a member. Raises EarlyResponse (400)."""
        raise NotImplementedError

    def key(self, call: Call, word: str = "") -> Key:
        """Return the type and name of the path. Raises EarlyResponse (404)."""
        return parse_id(call.bindings["id"], word or f"{self.noun} ID")

    def find(self, call: Call, word: str = "") -> Member:
        """Return the member of the path. Raises EarlyResponse (404)."""
        kind, name = key = self.key(call, word)
        message = (
            f"{self.noun.title()} lookup failed: {self.noun} named '{name}' of type {kind} does not exist."
        )
        return lookup(self.members(call), key, 404, "NOT_FOUND", message)

    def edition_schema(self, call: Call) -> tuple[Field, ...]:
        """Return the fields that the edition adds to the schema of a member."""
        is_extended = self.root == "actions" and call.cluster.edition_fields("action")
        return fields_of("action:enterprise") if is_extended else ()

    def list(self, call: Call) -> Json:
        """List the members."""
        nodes = call.cluster.running()[::-1]
        return [self.row(call.cluster, member, nodes) for _, member in sorted(self.members(call).items())]

    def show(self, call: Call) -> Json:
        """Show one member."""
        return self.row(call.cluster, self.find(call), call.cluster.running())

    def create(self, call: Call) -> Json:
        """Create a member."""
        config = check_new(self.schemas, call.body, self.noun, self.edition_schema(call))
        key, members = (config.pop("type"), config.pop("name")), self.members(call)
        if key in members:
            refuse_with(400, "ALREADY_EXISTS", f"{self.noun} already exists")
        check_name(key[1])
        members[key] = self.build(call, key, config)
        return self.row(call.cluster, members[key], call.cluster.running())

    def update(self, call: Call) -> Json:
        """Replace the configuration of a member."""
        member = self.find(call, self.id_word)
        fields = (*self.schemas[member.type].fields, *self.edition_schema(call))
        self.configure(call, member, apply_defaults(fields, call.body))
        return self.row(call.cluster, member, call.cluster.running())

    def enable(self, call: Call) -> None:
        """Enable or disable a member."""
        self.find(call).config["enable"] = call.bindings["enable"]

    def start(self, call: Call) -> None:
        """Start a member, which is the only operation, on all nodes or one; the sandbox does so on all."""
        word = call.bindings["operation"]
        if word != "start":
            reason = "not_a_enum_symbol" if word in KNOWN_WORDS else "unable_to_convert_to_enum_symbol"
            raise bad_request(invalid_value(word, reason, "operation").details)
        if "node" in call.bindings:
            call.running_node()
        self.start_member(call, self.find(call))

    def find_channel(self, call: Call) -> Channel | None:
        """Return the action or source of the path."""
        raise NotImplementedError

    def refuse_reset(self, call: Call) -> None:
        """Refuse to reset the counters of what does not exist. Raises EarlyResponse."""
        raise NotImplementedError

    def show_metrics(self, call: Call) -> Json:
        """Show the counters of a member; zeros for one that does not exist."""
        return channel_metrics(call.cluster, self.find_channel(call), *self.hidden)

    def reset_metrics(self, call: Call) -> None:
        """Set the counters of a member to zero."""
        channel = self.find_channel(call)
        if channel is None:
            self.refuse_reset(call)
        else:
            channel.reset(call.cluster.now())


def start_connector(connector: Connector) -> None:
    """Start a connector. Raises EarlyResponse (400) when it does not connect."""
    if not connector.enabled:
        refuse_request("Forbidden operation, connector not enabled")
    connector.stopped = False
    if reason := connector_state(connector)[1]:
        refuse_request(reason)


def end_probe(reason: str) -> None:
    """Raise EarlyResponse (400) unless the reason for which a probe failed is empty."""
    if reason:
        refuse_with(400, "TEST_FAILED", reason)
