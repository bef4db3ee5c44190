"""The deprecated bridges: `/bridges`, a connector and its only action or source as one object."""

import copy
from dataclasses import dataclass
from urllib.parse import urlsplit

from emqxctl.sandbox.handlers._channels import channel_not_found, delete_channel
from emqxctl.sandbox.handlers.connectors import (
    ANY_BODY,
    check_node,
    connector_status,
    probe_response,
    start_response,
)
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import EarlyResponse, Response, Row, error_response, json_response
from emqxctl.sandbox.schema.integration import (
    ACTIONS,
    CONNECTORS,
    SOURCES,
    apply_defaults,
    check_name,
    check_url,
    parse_id,
)
from emqxctl.sandbox.schema.refusals import bad_request
from emqxctl.sandbox.schema.secrets import mask, unmask
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.integration import Channel, Connector, Integration, connection_problem
from emqxctl.sandbox.state.integration_metrics import channel_metrics

IN_USE = "Cannot delete bridge while active rules are depending on it"
NEW_TYPES = {"webhook": "http"}  # the others kept their names
OLD_TYPES = {"http": "webhook"}
OPERATIONS = ("start", "stop", "restart")
PARAMETERS = ("body", "headers", "max_retries", "method")
BUFFERING = ("inflight_window", "max_buffer_bytes", "query_mode", "request_ttl", "worker_pool_size")
CRASH = "error, {incompatible_bridge_v1,no_action_or_source}, [{emqx_bridge_v2,get_conf_root_key,1,...}]"
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


def bridge_key(call: Call) -> tuple[str, str]:
    """Return the id of the path, in today's types. Raises EarlyResponse (404)."""
    kind, name = parse_id(call.bindings["id"])
    return NEW_TYPES.get(kind, kind), name


def find_bridge(call: Call) -> Bridge:
    """Find the bridge of the path. Raises EarlyResponse (404)."""
    key = bridge_key(call)
    bridge = bridges_of(call.cluster.integration).get(key)
    if bridge is None:
        raise channel_not_found(*key)
    return bridge


@route("GET", "/bridges")
def list_bridges(call: Call) -> Response:
    """List the bridges."""
    nodes = call.cluster.running()[::-1]
    return json_response(
        [bridge.row(nodes) for _, bridge in sorted(bridges_of(call.cluster.integration).items())]
    )


@route("POST", "/bridges", body=ANY_BODY)
def create_bridge(call: Call) -> Response:
    """Create a connector and its action or source, both of the bridge's name."""
    body, integration = call.body, call.cluster.integration
    kind, name = str(body.get("type")), str(body.get("name", ""))
    if kind not in ("mqtt", "webhook"):
        details: Row = {"unmatched": "mqtt,webhook", "unknown": kind, "reason": "unknown_fields"}
        raise bad_request({**details, "path": "bridges", "kind": "validation_error"})
    key = NEW_TYPES.get(kind, kind), name
    if key in integration.actions or key in integration.sources:
        return error_response(400, "ALREADY_EXISTS", "bridge already exists")
    if kind == "webhook" and "url" not in body:
        return error_response(500, "INTERNAL_ERROR", CRASH)
    check_name(name)
    return json_response(save_bridge(call.cluster, key, body).row(call.cluster.running()), 201)


def save_bridge(cluster: Cluster, key: tuple[str, str], body: Row) -> Bridge:
    """Split a bridge into its parts, check them and keep them. Raises EarlyResponse (400 or 500)."""
    kind, name = key
    outer, root, inner = split_webhook(body) if kind == "http" else split_mqtt(body)
    outer = {field.name: outer[field.name] for field in CONNECTORS[kind].fields if field.name in outer}
    config = apply_defaults(
        CONNECTORS[kind].fields, {**outer, "resource_opts": resource_options(body, buffering=False)}
    )
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
    for side, root in DIRECTIONS.items():
        if body.get(side):
            outer = copy.deepcopy(body)
            outer |= {"pool_size": body[side].get("pool_size", 8)}
            return outer, root, {"parameters": body[side].get("remote", {})}
    raise EarlyResponse(error_response(500, "INTERNAL_ERROR", CRASH))


@route("GET", "/bridges/{id}")
def show_bridge(call: Call) -> Response:
    """Show one bridge."""
    return json_response(find_bridge(call).row(call.cluster.running()))


@route("PUT", "/bridges/{id}", body=ANY_BODY)
def update_bridge(call: Call) -> Response:
    """Replace the configuration of a bridge."""
    bridge = find_bridge(call)
    if bridge.channel.type == "http" and "url" not in call.body:
        return error_response(500, "INTERNAL_ERROR", CRASH)
    updated = save_bridge(call.cluster, (bridge.channel.type, bridge.channel.name), call.body)
    return json_response(updated.row(call.cluster.running()))


@route("DELETE", "/bridges/{id}", query="delete_dependents")
def delete_bridge(call: Call) -> Response:
    """Delete a bridge, which is its connector and its action or source."""
    bridge = find_bridge(call)
    delete_channel(call, bridge.root, bridge.channel, IN_USE)
    del call.cluster.integration.connectors[bridge.connector.type, bridge.connector.name]
    return Response(204)


@route("PUT", "/bridges/{id}/enable/{enable}")
def enable_bridge(call: Call) -> Response:
    """Enable or disable a bridge, with its connector."""
    word, bridge = call.bindings["enable"], find_bridge(call)
    if word not in ("true", "false"):
        return error_response(404, "NOT_FOUND", "Invalid operation")
    for part in (bridge.channel, bridge.connector):
        part.config["enable"] = word == "true"
    return Response(204)


@route("POST", "/bridges/{id}/{operation}")
def operate_bridge(call: Call) -> Response:
    """Start, stop or restart a bridge."""
    word = call.bindings["operation"]
    bridge = find_bridge(call)
    if word not in OPERATIONS:
        return error_response(404, "NOT_FOUND", f"Invalid operation: {word}")
    if not bridge.channel.enabled:
        return error_response(400, "BAD_REQUEST", "Forbidden operation, bridge not enabled")
    if word == "stop":
        bridge.connector.stopped = True
        return Response(204)
    return start_response(bridge.connector)


@route("POST", "/nodes/{node}/bridges/{id}/{operation}")
def operate_bridge_on_node(call: Call) -> Response:
    """Start, stop or restart a bridge on one node; the sandbox does so on all."""
    check_node(call)
    return operate_bridge(call)


@route("GET", "/bridges/{id}/metrics")
def show_metrics(call: Call) -> Response:
    """Show the counters of a bridge; zeros for what is none."""
    bridge = bridges_of(call.cluster.integration).get(bridge_key(call))
    return json_response(channel_metrics(call.cluster, bridge.channel if bridge else None, "queuing_bytes"))


@route("PUT", "/bridges/{id}/metrics/reset")
def reset_metrics(call: Call) -> Response:
    """Set the counters of a bridge to zero."""
    kind, name = bridge_key(call)
    bridge = bridges_of(call.cluster.integration).get((kind, name))
    if bridge is None:
        return error_response(400, "BAD_REQUEST", f'{{action_or_source_not_found,{kind},<<"{name}">>}}')
    bridge.channel.reset(call.cluster.now())
    return Response(204)


@route("POST", "/bridges_probe", body=ANY_BODY)
def probe_bridge(call: Call) -> Response:
    """Try a configuration without keeping it."""
    webhook = call.body.get("type") == "webhook"
    required, matched = ("url", "bridge_http:post") if webhook else ("server", "bridge_mqtt:post")
    if required not in call.body:
        details: Row = {"reason": "required_field", "path": f"root.{required}"}
        raise bad_request({**details, "matched_type": matched, "kind": "validation_error"})
    check_url(call.body)
    return probe_response(connection_problem("http" if webhook else "mqtt", call.body))
