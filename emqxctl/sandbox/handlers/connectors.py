"""Connectors: `/connectors`."""

from emqxctl.sandbox.handlers._family import Family, end_probe, start_connector
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Row
from emqxctl.sandbox.schema.integration import CONNECTORS, Key, check_new, check_url
from emqxctl.sandbox.schema.refusals import refuse_request
from emqxctl.sandbox.schema.secrets import mask, unmask
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.integration import Connector, connection_problem, connector_state

IN_USE = "Cannot delete connector while there are active channels defined for this connector"


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


Connectors().serve()
