"""Connectors, and the actions and sources that use them, which EMQX calls the channels of a connector."""

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.handlers._family import Family, end_probe, start_connector
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import EarlyResponse, Json, Row, json_response
from emqxctl.sandbox.schema.integration import ACTIONS, CONNECTORS, SOURCES, Key, Schema, check_new, check_url
from emqxctl.sandbox.schema.refusals import bad_request, refuse, refuse_request, refuse_with
from emqxctl.sandbox.schema.secrets import mask, unmask
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.integration import Channel, Connector, connection_problem, connector_state

IN_USE = "Cannot delete connector while there are active channels defined for this connector"
CHANNEL_IN_USE = "Cannot delete action while active rules are depending on it"  # EMQX says so of sources, too


def connector_status(connector: Connector, nodes: list[str]) -> Row:
    """Return the status of a connector, in total and on each node."""
    status, reason = connector_state(connector)
    state: Row = {"status": status} | ({"status_reason": reason} if reason else {})
    return {**state, "node_status": [{"node": node, **state} for node in nodes]}


class Connectors(Family):
    """The connectors; EMQX waits for the first try of a new one to connect."""

    root, noun, id_word, schemas = "connectors", "connector", "connector id", CONNECTORS

    def members(self, call: Call) -> dict[Key, Connector]:
        """Return the connectors."""
        return call.cluster.integration.connectors

    def row(self, cluster: Cluster, member: Connector, nodes: list[str]) -> Row:
        """Return one connector, without its secrets."""
        users = {kind: cluster.integration.dependants(kind, member) for kind in ("actions", "sources")}
        identity = {"type": member.type, "name": member.name, **cluster.edition_fields("connector")}
        return {**mask(member.config), **identity, **users, **connector_status(member, nodes)}

    def build(self, _call: Call, key: Key, config: Row) -> Connector:
        """Build a connector."""
        check_url(config)
        return Connector(*key, config)

    def configure(self, _call: Call, member: Connector, config: Row) -> None:
        """Change a connector; masked secrets stay what they are."""
        check_url(config)
        member.config = unmask(config, member.config)

    def start_member(self, _call: Call, member: Connector) -> None:
        """Reconnect a connector."""
        start_connector(member)

    def delete(self, call: Call) -> None:
        """Delete a connector that no action or source uses."""
        connector, integration = self.find(call), call.cluster.integration
        users = [name for kind in ("actions", "sources") for name in integration.dependants(kind, connector)]
        if users:
            refuse_request(f'{{<<"{IN_USE}">>,[{",".join(users)}]}}')
        del integration.connectors[connector.type, connector.name]

    def probe(self, call: Call) -> None:
        """Try a configuration; a masked secret is that of the connector of the same name."""
        config = check_new(CONNECTORS, call.body, "connector")
        check_url(config)
        existing = self.members(call).get((config["type"], config["name"]))
        end_probe(connection_problem(config["type"], unmask(config, existing.config if existing else None)))


class Channels(Family):
    """The actions, or the sources."""

    def __init__(self, root: str, schemas: dict[str, Schema], id_word: str) -> None:
        """Store which of both."""
        self.root, self.schemas, self.id_word = root, schemas, id_word

    def members(self, call: Call) -> dict[Key, Channel]:
        """Return the channels."""
        return call.cluster.integration.channels(self.root)

    def row(self, cluster: Cluster, member: Channel, nodes: list[str]) -> Row:
        """Return one channel as EMQX writes it."""
        status, reason = cluster.integration.channel_state(member)
        state: Row = {"status": status, "status_reason": reason}
        times = dict.fromkeys(("created_at", "last_modified_at"), int(member.created * 1000))
        by_node = {"node_status": [{"node": node, **state} for node in nodes]}
        users = {"rules": cluster.integration.users(self.root, member)}
        identity = {"type": member.type, **cluster.edition_fields("channel")}
        config = cluster.edition_fields(self.root[:-1]) | member.config
        head = {"error": reason, "name": member.name}
        return {**config, **state, **times, **head, **by_node, **users, **identity}

    def check_connector(self, call: Call, key: Key, connector: str) -> None:
        """Refuse a connector that is not there. Raises EarlyResponse (400)."""
        if (key[0], connector) not in call.cluster.integration.connectors:
            what: Row = {"reason": "connector_not_found_or_wrong_type", "connector_name": connector}
            where: Row = {"conf_root_key": self.root, "bridge_type": key[0], "bridge_name": key[1]}
            raise bad_request({**what, **where})

    def build(self, call: Call, key: Key, config: Row) -> Channel:
        """Build a channel of a connector that exists."""
        self.check_connector(call, key, config["connector"])
        return Channel(*key, config, call.cluster.now(), call.cluster.now())

    def configure(self, call: Call, member: Channel, config: Row) -> None:
        """Change a channel; EMQX creates it again then."""
        self.check_connector(call, (member.type, member.name), config["connector"])
        member.config, member.created = config, call.cluster.now()
        member.reset(call.cluster.now())

    def start_member(self, call: Call, member: Channel) -> None:
        """Start a channel: in truth its connector is started."""
        connector = call.cluster.integration.connector_of(member)
        if not member.enabled or connector is None:
            refuse_request("Forbidden operation, bridge not enabled")
        start_connector(connector)

    def delete(self, call: Call) -> None:
        """Delete a channel, and on request take it out of the rules that use it."""
        delete_channel(call, self.root, self.find(call), CHANNEL_IN_USE)

    def probe(self, call: Call) -> None:
        """Try a configuration, with the connector that it names."""
        config = check_new(self.schemas, call.body, "bridge", self.edition_schema(call))
        name = config["connector"]
        connector = call.cluster.integration.connectors.get((config["type"], name))
        if connector is None:
            refuse_with(400, "TEST_FAILED", f'Connector <<"{name}">> not found')
        end_probe(connection_problem(connector.type, connector.config))

    def find_channel(self, call: Call) -> Channel | None:
        """Return the channel of the path."""
        return self.members(call).get(self.key(call))

    def refuse_reset(self, _call: Call) -> None:
        """Crash as EMQX does. Raises EarlyResponse (500)."""
        refuse("connectors.reset_crash")

    def list_summary(self, call: Call) -> Json:
        """List the channels without their configuration."""
        names = read_table("rows")["channel_summary"]
        return [{name: row[name] for name in names} for row in self.list(call)]

    def list_types(self, _call: Call) -> Json:
        """List the types."""
        return sorted(self.schemas)


def delete_channel(call: Call, root: str, channel: Channel, in_use: str) -> None:
    """Delete a channel. Raises EarlyResponse (400) while rules use it and are not to be changed."""
    integration = call.cluster.integration
    users = integration.users(root, channel)
    if users and not call.query["also_delete_dep_actions"]:
        refusal: Row = {"code": "BAD_REQUEST", "message": in_use, "rules": users}
        raise EarlyResponse(json_response(refusal, 400))
    for name in users:
        rule = integration.rules[name]
        rule.actions = [action for action in rule.actions if action != channel.id]
    del integration.channels(root)[channel.type, channel.name]


FAMILY = Connectors()
ACTION_FAMILY = Channels("actions", ACTIONS, "bridge ID")
SOURCE_FAMILY = Channels("sources", SOURCES, "source ID")
