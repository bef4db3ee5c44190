"""Gateways and their listeners: `/gateways`, `/gateways/{name}/listeners`."""

from emqxctl.sandbox.data import read_table
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
    listener_union,
)
from emqxctl.sandbox.schema.refusals import refuse, refuse_request, refuse_undeclared, refuse_with
from emqxctl.sandbox.schema.validation import check_parameter
from emqxctl.sandbox.state.gateways import Gateway

STATUSES = ("running", "stopped", "unloaded")
NOT_FOUND = "RESOURCE_NOT_FOUND"
CODES = ("'NOT_FOUND'", "'RESOURCE_NOT_FOUND'", "'BAD_REQUEST'")


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


def check_id(call: Call) -> tuple[Gateway, str]:
    """Return the gateway and the id of the path. Raises EarlyResponse (404) for what cannot be an id."""
    gateway, key = find_loaded(call), call.bindings["id"]
    if len(key.split(":")) != 3:
        refuse_with(404, NOT_FOUND, f"Listener not found: {key}")
    return gateway, key


def find_listener(call: Call) -> tuple[str, Row]:
    """Return the id and the listener of the path. Raises EarlyResponse (404)."""
    gateway, key = check_id(call)
    if key not in gateway.listeners:
        refuse_with(404, NOT_FOUND, f"Listener not found: {key}")
    return key, gateway.listeners[key]


def listener_row(key: str, listener: Row) -> Row:
    """Return a listener with its id, and its authentication in full."""
    row = {**listener, "id": key}
    if "authentication" in row:
        row["authentication"] = check_authenticator(row["authentication"])
    return row


def list_listeners(call: Call) -> Json:
    """List the listeners of a gateway with their status on every node."""
    gateway, nodes = find_loaded(call), call.cluster.running()[::-1]
    rows = []
    for at, (key, listener) in enumerate(gateway.listeners.items()):
        running = gateway.status == "running" and listener["enable"]
        most, came = listener["max_connections"], 0 if at else 1  # all clients came by the first one
        counts = {node: came * gateway.count_clients(node) for node in nodes}
        shared = {"max_connections": most, "running": running}
        by_node = [
            {"node": node, "status": {"current_connections": counts[node], **shared}} for node in nodes
        ]
        total = most * len(nodes) if isinstance(most, int) else most
        whole = {"current_connections": sum(counts.values()), **shared, "max_connections": total}
        rows.append({**listener_row(key, listener), "node_status": by_node, "status": whole})
    return rows


def check_type(gateway: Gateway, kind: str) -> None:
    """Raise EarlyResponse (500) for a type that this gateway does not have."""
    types = read_table("rows")["gateway_listener_types"][gateway.name]
    if kind not in types:
        used = {listener["type"] for listener in gateway.listeners.values()}
        unmatched = ",".join(listener for listener in types if listener not in used) or "none"
        refuse_undeclared("bad_gateway_listener", gateway.name, kind, unmatched, codes=CODES)


def create_listener(call: Call) -> Json:
    """Add a listener; the response repeats the body."""
    gateway, body = find_loaded(call), call.body
    check_union(listener_union(), body)
    if "bind" not in body:
        refuse_request("bind is required")
    check_type(gateway, body["type"])
    key = f"{gateway.name}:{body['type']}:{body['name']}"
    if key in gateway.listeners:
        refuse_request("Listener name has occupied")
    gateway.listeners[key] = add_listener_defaults(body)
    return {**body, "id": key}


def show_listener(call: Call) -> Json:
    """Show one listener."""
    running = find_loaded(call).status == "running"
    return {**listener_row(*find_listener(call)), "running": running}


def update_listener(call: Call) -> Json:
    """Replace a listener; the response repeats the body."""
    gateway = find_loaded(call)
    check_id(call)
    check_union(listener_union(), call.body)
    key, old = find_listener(call)
    unchanged = {name: old[name] for name in ("authentication",) if name in old}
    gateway.listeners[key] = add_listener_defaults({**unchanged, **call.body})
    return {**call.body, "id": key}


def delete_listener(call: Call) -> None:
    """Delete a listener; 204 also if it does not exist."""
    gateway, key = check_id(call)
    gateway.listeners.pop(key, None)
