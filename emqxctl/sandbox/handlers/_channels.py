"""What `/actions` and `/sources` share: EMQX calls both the channels of a connector."""

from dataclasses import dataclass
from functools import partial

from emqxctl.sandbox.handlers.connectors import (
    ANY_BODY,
    check_node,
    check_operation,
    probe_response,
    start_response,
)
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import EarlyResponse, Response, Row, error_response, json_response
from emqxctl.sandbox.schema.integration import Schema, apply_defaults, check_name, check_new, parse_id
from emqxctl.sandbox.schema.refusals import bad_request
from emqxctl.sandbox.schema.types import check_boolean
from emqxctl.sandbox.schema.validation import check_parameter
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.integration import Channel, connection_problem
from emqxctl.sandbox.state.integration_metrics import channel_metrics

IN_USE = "Cannot delete action while active rules are depending on it"  # EMQX says so of sources, too
SUMMARY: tuple[str, ...] = (
    "created_at",
    "description",
    "enable",
    "last_modified_at",
    "name",
    "node_status",
    "rules",
)
SUMMARY += ("status", "status_reason", "type")
RESET_CRASH = "error, {badmatch,{error,not_found}}, [{emqx_bridge_v2_api,handle_reset_metrics,2,...}]"


def channel_not_found(kind: str, name: str) -> EarlyResponse:
    """Build the 404 of an action, source or bridge that is not there."""
    message = f"Bridge lookup failed: bridge named '{name}' of type {kind} does not exist."
    return EarlyResponse(error_response(404, "NOT_FOUND", message))


@dataclass(frozen=True)
class ChannelKind:
    """Actions or sources: the root of their paths, their types, and EMQX's term for a bad id in a PUT."""

    root: str
    schemas: dict[str, Schema]
    id_word: str

    def find(self, call: Call, word: str = "bridge ID") -> Channel:
        """Find the channel of the path. Raises EarlyResponse (404)."""
        key = parse_id(call.bindings["id"], word)
        channel = call.cluster.integration.channels(self.root).get(key)
        if channel is None:
            raise channel_not_found(*key)
        return channel

    def row(self, cluster: Cluster, channel: Channel, nodes: list[str]) -> Row:
        """Return one channel as EMQX writes it."""
        status, reason = cluster.integration.channel_state(channel)
        state: Row = {"status": status, "status_reason": reason}
        times = dict.fromkeys(("created_at", "last_modified_at"), int(channel.created * 1000))
        return {
            **channel.config,
            **state,
            **times,
            "error": reason,
            "name": channel.name,
            "node_status": [{"node": node, **state} for node in nodes],
            "rules": cluster.integration.users(self.root, channel),
            "type": channel.type,
            **cluster.edition_fields("channel"),
        }

    def rows(self, cluster: Cluster) -> list[Row]:
        """Return all channels."""
        nodes, channels = cluster.running()[::-1], sorted(cluster.integration.channels(self.root).items())
        return [self.row(cluster, channel, nodes) for _, channel in channels]

    def check_connector(self, call: Call, key: tuple[str, str], connector: str) -> None:
        """Refuse a connector that is not there. Raises EarlyResponse (400)."""
        if (key[0], connector) not in call.cluster.integration.connectors:
            what: Row = {"reason": "connector_not_found_or_wrong_type", "connector_name": connector}
            where: Row = {"conf_root_key": self.root, "bridge_type": key[0], "bridge_name": key[1]}
            raise bad_request({**what, **where})


def list_all(kind: ChannelKind, call: Call) -> Response:
    """List the channels."""
    return json_response(kind.rows(call.cluster))


def list_summary(kind: ChannelKind, call: Call) -> Response:
    """List the channels without their configuration."""
    return json_response([{name: row[name] for name in SUMMARY} for row in kind.rows(call.cluster)])


def list_types(kind: ChannelKind, _call: Call) -> Response:
    """List the types."""
    return json_response(sorted(kind.schemas))


def create(kind: ChannelKind, call: Call) -> Response:
    """Create a channel."""
    config = check_new(kind.schemas, call.body, "bridge")
    key = config.pop("type"), config.pop("name")
    channels = call.cluster.integration.channels(kind.root)
    if key in channels:
        return error_response(400, "ALREADY_EXISTS", "bridge already exists")
    check_name(key[1])
    kind.check_connector(call, key, config["connector"])
    now = call.cluster.now()
    channels[key] = Channel(*key, config, now, now)
    return json_response(kind.row(call.cluster, channels[key], call.cluster.running()), 201)


def show(kind: ChannelKind, call: Call) -> Response:
    """Show one channel."""
    return json_response(kind.row(call.cluster, kind.find(call), call.cluster.running()))


def update(kind: ChannelKind, call: Call) -> Response:
    """Replace the configuration of a channel; EMQX creates it again then."""
    channel = kind.find(call, kind.id_word)
    config = apply_defaults(kind.schemas[channel.type].fields, call.body)
    kind.check_connector(call, (channel.type, channel.name), config["connector"])
    channel.config, channel.created = config, call.cluster.now()
    channel.reset(call.cluster.now())
    return json_response(kind.row(call.cluster, channel, call.cluster.running()))


def delete(kind: ChannelKind, call: Call) -> Response:
    """Delete a channel, and on request take it out of the rules that use it."""
    delete_channel(call, kind.root, kind.find(call), IN_USE)
    return Response(204)


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


def enable(kind: ChannelKind, call: Call) -> Response:
    """Enable or disable a channel."""
    enabled = check_parameter(check_boolean, call.bindings["enable"], "enable")
    kind.find(call).config["enable"] = enabled
    return Response(204)


def start(kind: ChannelKind, call: Call) -> Response:
    """Start a channel, on one node or on all: in truth its connector is started."""
    check_operation(call)
    if "node" in call.bindings:
        check_node(call)
    channel = kind.find(call)
    connector = call.cluster.integration.connector_of(channel)
    if not channel.enabled or connector is None:
        return error_response(400, "BAD_REQUEST", "Forbidden operation, bridge not enabled")
    return start_response(connector)


def show_metrics(kind: ChannelKind, call: Call) -> Response:
    """Show the counters of a channel; zeros for one that is not there."""
    key = parse_id(call.bindings["id"])
    return json_response(channel_metrics(call.cluster, call.cluster.integration.channels(kind.root).get(key)))


def reset_metrics(kind: ChannelKind, call: Call) -> Response:
    """Set the counters of a channel to zero; EMQX crashes if there is none."""
    channel = call.cluster.integration.channels(kind.root).get(parse_id(call.bindings["id"]))
    if channel is None:
        return error_response(500, "INTERNAL_ERROR", RESET_CRASH)
    channel.reset(call.cluster.now())
    return Response(204)


def probe(kind: ChannelKind, call: Call) -> Response:
    """Try a configuration without keeping it."""
    config = check_new(kind.schemas, call.body, "bridge")
    name = config["connector"]
    connector = call.cluster.integration.connectors.get((config["type"], name))
    if connector is None:
        return error_response(400, "TEST_FAILED", f'Connector <<"{name}">> not found')
    return probe_response(connection_problem(connector.type, connector.config))


def serve_channels(kind: ChannelKind) -> None:
    """Register all operations of actions or of sources."""
    path, item = f"/{kind.root}", f"/{kind.root}/{{id}}"
    for method, where, handler in (
        ("GET", path, list_all),
        ("GET", f"{path}_summary", list_summary),
        ("GET", f"{path.removesuffix('s')}_types", list_types),
        ("GET", item, show),
        ("PUT", f"{item}/enable/{{enable}}", enable),
        ("POST", f"{item}/{{operation}}", start),
        ("POST", f"/nodes/{{node}}{item}/{{operation}}", start),
        ("GET", f"{item}/metrics", show_metrics),
        ("PUT", f"{item}/metrics/reset", reset_metrics),
    ):
        route(method, where)(partial(handler, kind))
    for method, where, handler in (
        ("POST", path, create),
        ("PUT", item, update),
        ("POST", f"{path}_probe", probe),
    ):
        route(method, where, body=ANY_BODY)(partial(handler, kind))
    route("DELETE", item, query="delete_dependents")(partial(delete, kind))
