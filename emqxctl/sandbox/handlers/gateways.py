"""Gateways: `/gateways`."""

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Response, Row, json_response
from emqxctl.sandbox.schema.access import check_authenticator
from emqxctl.sandbox.schema.factories import enum_of
from emqxctl.sandbox.schema.gateways import (
    PROTOCOLS,
    add_gateway_defaults,
    add_listener_defaults,
    check_union,
    gateway_union,
)
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with
from emqxctl.sandbox.schema.types import check_boolean
from emqxctl.sandbox.schema.validation import Body, check_parameter
from emqxctl.sandbox.state.gateways import Gateway

STATUSES = ("running", "stopped", "unloaded")
BAD_STATUS = "Unknown gateway status in query: {}\nValues allowed: running, stopped, unloaded"
NOT_LOADED = "Gateway not loaded"
NOT_FOUND = "RESOURCE_NOT_FOUND"


def find_gateway(call: Call) -> Gateway:
    """Return the gateway of the path, loaded or not. Raises EarlyResponse (400) for an unknown one."""
    name = call.bindings["name"]
    check_parameter(enum_of(*PROTOCOLS), name, "name")
    return call.cluster.gateways.by_name[name]


def find_loaded(call: Call, message: str = NOT_LOADED) -> Gateway:
    """Return the gateway of the path. Raises EarlyResponse (404) while it is not loaded."""
    gateway = find_gateway(call)
    if gateway.config is None:
        refuse_with(404, NOT_FOUND, message)
    return gateway


def gateway_row(call: Call, gateway: Gateway) -> Row:
    """Return a gateway as the listing does."""
    if gateway.config is None:
        return {"name": gateway.name, "status": "unloaded"}
    nodes, most = call.cluster.running(), sum_connection_limits(gateway)
    running = gateway.status == "running"
    listeners = [
        {"id": key, "name": listener["name"], "running": running, "type": listener["type"]}
        for key, listener in gateway.listeners.items()
    ]
    shared = {"max_connections": most, "status": gateway.status}
    by_node = [{"current_connections": gateway.count_clients(node), "node": node, **shared} for node in nodes]
    return {
        **gateway.times(),
        "current_connections": len(gateway.clients),
        "listeners": listeners,
        "max_connections": most * len(nodes),
        "name": gateway.name,
        "node_status": by_node,
    }


def sum_connection_limits(gateway: Gateway) -> int:
    """Add up how many connections its listeners take on a node."""
    limits = [listener["max_connections"] for listener in gateway.listeners.values()]
    return sum(limit for limit in limits if isinstance(limit, int))


@route("GET", "/gateways", query="status")
def list_gateways(call: Call) -> Response:
    """List all gateways, or those of one status."""
    status = call.query["status"]
    if status is not None and status not in STATUSES:
        refuse_request(BAD_STATUS.format(status))
    gateways = call.cluster.gateways.by_name.values()
    return json_response(
        [gateway_row(call, gateway) for gateway in gateways if status in (None, gateway.status)]
    )


@route("GET", "/gateways/{name}")
def show_gateway(call: Call) -> Response:
    """Show one gateway with its settings and listeners."""
    gateway = find_gateway(call)
    if gateway.config is None:
        return json_response(gateway_row(call, gateway))
    listeners = [{**listener, "id": key} for key, listener in gateway.listeners.items()]
    row = {**gateway.config, **gateway.times(), "name": gateway.name, "listeners": listeners}
    if gateway.authentication:
        row["authentication"] = check_authenticator(gateway.authentication)
    return json_response(row)


@route("PUT", "/gateways/{name}", body=Body(loose=True))
def load_gateway(call: Call) -> Response:
    """Load a gateway, or replace its settings; its listeners and authentication stay when none are given."""
    gateway, body, now = find_gateway(call), call.body, call.cluster.now()
    check_union(gateway_union(), body)
    config = add_gateway_defaults(gateway.name, body)
    if gateway.config is None:
        gateway.created = gateway.changed = now
    if "listeners" in body:
        listeners = [add_listener_defaults(listener) for listener in body["listeners"]]
        gateway.listeners = {
            f"{gateway.name}:{listener['type']}:{listener['name']}": listener for listener in listeners
        }
    gateway.authentication = body.get("authentication", gateway.authentication)
    if gateway.config is None or gateway.config["enable"] == config["enable"]:
        gateway.config = config
        return Response(204)
    return set_config(call, gateway, config)


def set_config(call: Call, gateway: Gateway, config: Row) -> Response:
    """Start or stop a gateway; stopping ends its clients' connections."""
    gateway.config, gateway.changed = config, call.cluster.now()
    if not config["enable"]:
        gateway.clients.clear()
    return Response(204)


@route("PUT", "/gateways/{name}/enable/{enable}")
def enable_gateway(call: Call) -> Response:
    """Start or stop a gateway."""
    enabled = check_parameter(check_boolean, call.bindings["enable"], "enable")
    gateway = find_loaded(call, "NOT FOUND")
    config = gateway.config or {}
    return (
        Response(204)
        if config["enable"] == enabled
        else set_config(call, gateway, {**config, "enable": enabled})
    )
