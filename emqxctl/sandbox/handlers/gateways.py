"""Gateways: `/gateways`."""

from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.access import check_authenticator
from emqxctl.sandbox.schema.factories import enum_of
from emqxctl.sandbox.schema.listeners import (
    PROTOCOLS,
    add_gateway_defaults,
    add_listener_defaults,
    check_union,
    gateway_union,
)
from emqxctl.sandbox.schema.refusals import refuse, refuse_with
from emqxctl.sandbox.schema.validation import check_parameter
from emqxctl.sandbox.state.gateways import Gateway

STATUSES = ("running", "stopped", "unloaded")
NOT_FOUND = "RESOURCE_NOT_FOUND"


def find_gateway(call: Call) -> Gateway:
    """Return the gateway of the path, loaded or not. Raises EarlyResponse (400) for an unknown one."""
    name = call.bindings["name"]
    check_parameter(enum_of(*PROTOCOLS), name, "name")
    return call.cluster.gateways.by_name[name]


def find_loaded(call: Call, message: str = "Gateway not loaded") -> Gateway:
    """Return the gateway of the path. Raises EarlyResponse (404) while it is not loaded."""
    gateway = find_gateway(call)
    if gateway.config is None:
        refuse_with(404, NOT_FOUND, message)
    return gateway


def gateway_row(call: Call, gateway: Gateway) -> Row:
    """Return a gateway as the listing does."""
    if gateway.config is None:
        return {"name": gateway.name, "status": "unloaded"}
    limits = [listener["max_connections"] for listener in gateway.listeners.values()]
    nodes, most = call.cluster.running(), sum(limit for limit in limits if isinstance(limit, int))
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


def list_gateways(call: Call) -> Json:
    """List all gateways, or those of one status."""
    status = call.query["status"]
    if status is not None and status not in STATUSES:
        refuse("gateways.bad_status", status)
    gateways = call.cluster.gateways.by_name.values()
    return [gateway_row(call, gateway) for gateway in gateways if status in (None, gateway.status)]


def show_gateway(call: Call) -> Json:
    """Show one gateway with its settings and listeners."""
    gateway = find_gateway(call)
    if gateway.config is None:
        return gateway_row(call, gateway)
    listeners = [{**listener, "id": key} for key, listener in gateway.listeners.items()]
    row = {**gateway.config, **gateway.times(), "name": gateway.name, "listeners": listeners}
    if gateway.authentication:
        row["authentication"] = check_authenticator(gateway.authentication)
    return row


def load_gateway(call: Call) -> None:
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
    set_config(call, gateway, config)


def set_config(call: Call, gateway: Gateway, config: Row) -> None:
    """Configure a gateway, which may start or stop it; stopping ends its clients' connections."""
    switched = gateway.config is not None and gateway.config["enable"] != config["enable"]
    gateway.config = config
    if switched:
        gateway.changed = call.cluster.now()
    if switched and not config["enable"]:
        gateway.clients.clear()


def enable_gateway(call: Call) -> None:
    """Start or stop a gateway."""
    gateway = find_loaded(call, "NOT FOUND")
    set_config(call, gateway, {**(gateway.config or {}), "enable": call.bindings["enable"]})
