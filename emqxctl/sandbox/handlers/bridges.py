"""The deprecated bridges: `/bridges`, a connector and its only action or source as one object."""

import copy
from dataclasses import dataclass
from urllib.parse import urlsplit

from emqxctl.sandbox.handlers._family import Family, end_probe, start_connector
from emqxctl.sandbox.handlers.connectors import connector_status, delete_channel
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.integration import (
    ACTIONS,
    CONNECTORS,
    SOURCES,
    Key,
    apply_defaults,
    check_name,
    check_url,
    parse_id,
)
from emqxctl.sandbox.schema.refusals import bad_request, refuse, refuse_request, refuse_with
from emqxctl.sandbox.schema.secrets import mask, unmask
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.integration import Channel, Connector, Integration, connection_problem

IN_USE = "Cannot delete bridge while active rules are depending on it"
NEW_TYPES = {"webhook": "http"}  # the others kept their names
OLD_TYPES = {"http": "webhook"}
OPERATIONS = ("start", "stop", "restart")
PARAMETERS = ("body", "headers", "max_retries", "method")
BUFFERING = ("inflight_window", "max_buffer_bytes", "query_mode", "request_ttl", "worker_pool_size")
DIRECTIONS = {"egress": "actions", "ingress": "sources"}


@dataclass(frozen=True)
class Bridge:
    """A connector with the one action or source that uses it; `root` says which of both."""

    root: str
    connector: Connector
    channel: Channel

    def row(self, nodes: list[str]) -> Row:
        """Return it as EMQX 5.0 wrote bridges."""
        outer, inner = mask(self.connector.config), mask(self.channel.config)
        shared = {name: inner[name] for name in ("description", "enable")}
        options = {**outer.pop("resource_opts"), **inner["resource_opts"]}
        parameters = inner["parameters"]
        if self.connector.type == "http":
            own = {name: parameters[name] for name in PARAMETERS if name in parameters}
            own |= {"url": outer["url"].rstrip("/") + parameters.get("path", "")}
        else:
            side = {"local": {}, "pool_size": outer.pop("pool_size"), "remote": parameters}
            own = {"egress" if self.root == "actions" else "ingress": side}
        identity: Row = {"name": self.channel.name, "resource_opts": options}
        kind = OLD_TYPES.get(self.channel.type, self.channel.type)
        state = connector_status(self.connector, nodes)
        return {**outer, **shared, **own, **identity, **state, "type": kind}


def bridges_of(integration: Integration) -> dict[tuple[str, str], Bridge]:
    """Find what can be seen as bridges: connectors with one action or source."""
    bridges: dict[tuple[str, str], list[Bridge]] = {}
    for root in ("actions", "sources"):
        for channel in integration.channels(root).values():
            if connector := integration.connector_of(channel):
                key = connector.type, connector.name
                bridges.setdefault(key, []).append(Bridge(root, connector, channel))
    alone = [candidates[0] for candidates in bridges.values() if len(candidates) == 1]
    return {(bridge.channel.type, bridge.channel.name): bridge for bridge in alone}


def save_bridge(cluster: Cluster, key: tuple[str, str], body: Row) -> Bridge:
    """Split a bridge into its parts, check them and keep them. Raises EarlyResponse (400 or 500)."""
    kind, name = key
    outer, root, inner = split_webhook(body) if kind == "http" else split_mqtt(body)
    outer = {field.name: outer[field.name] for field in CONNECTORS[kind].fields if field.name in outer}
    outer["resource_opts"] = resource_options(body, buffering=False)
    config = apply_defaults(CONNECTORS[kind].fields, outer)
    check_url(config)
    schema = (ACTIONS if root == "actions" else SOURCES)[kind]
    common: Row = {word: body[word] for word in ("description", "enable") if word in body}
    inner = {**inner, **common, "connector": name, "resource_opts": resource_options(body, buffering=True)}
    settled, now, integration = apply_defaults(schema.fields, inner), cluster.now(), cluster.integration
    existing = integration.connectors.get(key)
    connector = Connector(kind, name, unmask(config, existing.config if existing else None))
    channel = Channel(kind, name, settled, now, now)
    integration.connectors[key] = connector
    integration.channels(root)[key] = channel
    return Bridge(root, connector, channel)


def resource_options(body: Row, *, buffering: bool) -> Row:
    """Return those `resource_opts` that belong to the action, or those that belong to the connector."""
    options = body.get("resource_opts", {})
    return {name: value for name, value in options.items() if (name in BUFFERING) is buffering}


def split_webhook(body: Row) -> tuple[Row, str, Row]:
    """Split a webhook into a connector, the root of the other part, and that."""
    parts = urlsplit(str(body["url"]))
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    base = f"{parts.scheme}://{parts.netloc}" if parts.scheme else body["url"]
    parameters = {name: body[name] for name in PARAMETERS if name in body}
    return {**body, "url": base, "headers": {}}, "actions", {"parameters": {**parameters, "path": path}}


def split_mqtt(body: Row) -> tuple[Row, str, Row]:
    """Split an MQTT bridge likewise. Raises EarlyResponse (500) for one without a direction."""
    sides = [side for side in DIRECTIONS if body.get(side)]
    side = sides[0] if sides else refuse("bridges.crash")
    outer = {**copy.deepcopy(body), "pool_size": body[side].get("pool_size", 8)}
    return outer, DIRECTIONS[side], {"parameters": body[side].get("remote", {})}


class Bridges(Family):
    """The bridges."""

    root, hidden = "bridges", ("queuing_bytes",)

    def members(self, call: Call) -> dict[Key, Bridge]:
        """Return the bridges."""
        return bridges_of(call.cluster.integration)

    def key(self, call: Call, word: str = "bridge ID") -> Key:
        """Return the type and name of the path, in today's types. Raises EarlyResponse (404)."""
        kind, name = parse_id(call.bindings["id"], word or "bridge ID")
        return NEW_TYPES.get(kind, kind), name

    def row(self, _cluster: Cluster, member: Bridge, nodes: list[str]) -> Row:
        """Return one bridge."""
        return member.row(nodes)

    def create(self, call: Call) -> Json:
        """Create a connector and its action or source, both of the bridge's name."""
        body, integration = call.body, call.cluster.integration
        kind, name = str(body.get("type")), str(body.get("name", ""))
        if kind not in ("mqtt", "webhook"):
            details: Row = {"unmatched": "mqtt,webhook", "unknown": kind, "reason": "unknown_fields"}
            raise bad_request({**details, "path": "bridges", "kind": "validation_error"})
        key = NEW_TYPES.get(kind, kind), name
        if key in integration.actions or key in integration.sources:
            refuse_with(400, "ALREADY_EXISTS", "bridge already exists")
        if kind == "webhook" and "url" not in body:
            refuse("bridges.crash")
        check_name(name)
        return save_bridge(call.cluster, key, body).row(call.cluster.running())

    def update(self, call: Call) -> Json:
        """Replace the configuration of a bridge."""
        channel = self.find(call).channel
        if channel.type == "http" and "url" not in call.body:
            refuse("bridges.crash")
        updated = save_bridge(call.cluster, (channel.type, channel.name), call.body)
        return updated.row(call.cluster.running())

    def delete(self, call: Call) -> None:
        """Delete a bridge, which is its connector and its action or source."""
        bridge = self.find(call)
        delete_channel(call, bridge.root, bridge.channel, IN_USE)
        del call.cluster.integration.connectors[bridge.connector.type, bridge.connector.name]

    def enable(self, call: Call) -> None:
        """Enable or disable a bridge, with its connector."""
        word, bridge = call.bindings["enable"], self.find(call)
        if word not in ("true", "false"):
            refuse_with(404, "NOT_FOUND", "Invalid operation")
        for part in (bridge.channel, bridge.connector):
            part.config["enable"] = word == "true"

    def start(self, call: Call) -> None:
        """Start, stop or restart a bridge, on all nodes or one; the sandbox does so on all."""
        if "node" in call.bindings:
            call.running_node()
        word, bridge = call.bindings["operation"], self.find(call)
        if word not in OPERATIONS:
            refuse_with(404, "NOT_FOUND", f"Invalid operation: {word}")
        if not bridge.channel.enabled:
            refuse_request("Forbidden operation, bridge not enabled")
        if word == "stop":
            bridge.connector.stopped = True
        else:
            start_connector(bridge.connector)

    def find_channel(self, call: Call) -> Channel | None:
        """Return the action or source of the bridge of the path."""
        bridge = self.members(call).get(self.key(call))
        return bridge.channel if bridge else None

    def refuse_reset(self, call: Call) -> None:
        """Refuse as EMQX does. Raises EarlyResponse (400)."""
        kind, name = self.key(call)
        refuse_request(f'{{action_or_source_not_found,{kind},<<"{name}">>}}')

    def probe(self, call: Call) -> None:
        """Try a configuration."""
        webhook = call.body.get("type") == "webhook"
        required, matched = ("url", "bridge_http:post") if webhook else ("server", "bridge_mqtt:post")
        if required not in call.body:
            details: Row = {"reason": "required_field", "path": f"root.{required}"}
            raise bad_request({**details, "matched_type": matched, "kind": "validation_error"})
        check_url(call.body)
        end_probe(connection_problem("http" if webhook else "mqtt", call.body))


FAMILY = Bridges()
