"""Listeners: `/listeners` and `/listeners_status`."""

import re

from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.factories import enum_of
from emqxctl.sandbox.schema.fields import Field
from emqxctl.sandbox.schema.integration import apply_defaults
from emqxctl.sandbox.schema.listeners import READ_ONLY, TYPES, add_defaults, check_union, listener_fields
from emqxctl.sandbox.schema.refusals import bad_request, lookup, refuse, refuse_request, refuse_with
from emqxctl.sandbox.schema.rules import RULE_ID, format_erlang_string
from emqxctl.sandbox.schema.types import INFINITY, check_text
from emqxctl.sandbox.state.cluster import ENTERPRISE, Cluster
from emqxctl.sandbox.state.listeners import PORTS, Listener
from emqxctl.sandbox.state.records import Client

IDENTITY = ("id", "name", "type", *READ_ONLY)
UNION = ("wss", "ws", "tcp", "ssl", "quic")  # EMQX's order


def find_listener(call: Call) -> Listener:
    """Find the listener of the path. Raises EarlyResponse: 404, or 400 for what is no id."""
    identifier = check_id(call)
    return lookup(call.cluster.listeners, identifier, 404, "BAD_LISTENER_ID", "Listener id not found")


def check_id(call: Call) -> str:
    """Return the id of the path. Raises EarlyResponse (400)."""
    identifier: str = call.bindings["id"]
    kind, colon, _ = identifier.partition(":")
    if not colon or kind not in TYPES:
        details: Row = {"value": identifier, "reason": f"{{invalid_listener_id,{identifier}}}", "path": "id"}
        raise bad_request({**details, "kind": "validation_error"})
    return identifier


def listener_row(call: Call, listener: Listener) -> Row:
    """Return one listener as the answering node has it."""
    node = call.cluster.self_node
    return {
        **listener.config,
        "current_connections": count_connections(call.cluster, listener, node),
        "id": listener.id,
        "running": listener.runs_on(node),
        "type": listener.type,
    }


def count_connections(cluster: Cluster, listener: Listener, node: str) -> int:
    """Count the clients that came in over a listener of a node."""
    return sum(client.node == node for client in connected_clients(cluster, listener))


def node_status(cluster: Cluster, listener: Listener, node: str) -> Row:
    """Return the status of a listener on one node."""
    status = {
        "current_connections": count_connections(cluster, listener, node),
        "max_connections": listener.config["max_connections"],
        "running": listener.runs_on(node),
    }
    return {"node": node, "status": status}


def sum_status(rows: list[Row]) -> Row:
    """Sum the statuses of listeners; a state that differs is "inconsistent"."""
    statuses = [row["status"] for row in rows]
    limits = [status["max_connections"] for status in statuses]
    states = {status["running"] for status in statuses}
    return {
        "current_connections": sum(status["current_connections"] for status in statuses),
        "max_connections": INFINITY if INFINITY in limits else sum(limits),
        "running": "inconsistent" if len(states) > 1 else states.pop(),
    }


def list_listeners(call: Call) -> Json:
    """List the listeners, each with its status on the nodes."""
    nodes, rows = call.cluster.running()[::-1], []
    for _, listener in sorted(call.cluster.listeners.items()):
        if call.query["type"] not in (None, listener.type):
            continue
        states = [node_status(call.cluster, listener, node) for node in nodes]
        settings = {name: listener.config[name] for name in ("acceptors", "bind", "enable")}
        identity = {"id": listener.id, "name": listener.name, "type": listener.type, "number": len(nodes)}
        rows.append({**settings, **identity, "node_status": states, "status": sum_status(states)})
    return rows


def list_status(call: Call) -> Json:
    """Sum up the listeners of each type."""
    nodes, rows = call.cluster.running()[::-1], []
    listeners = [listener for _, listener in sorted(call.cluster.listeners.items())]
    for kind in sorted({listener.type for listener in listeners}):
        own = [listener for listener in listeners if listener.type == kind]
        states = [node_status(call.cluster, listener, node) for node in nodes for listener in reversed(own)]
        enabled, ids = any(listener.config["enable"] for listener in own), [listener.id for listener in own]
        row = {"enable": enabled, "ids": ids, "node_status": states}
        rows.append({**row, "status": sum_status(states), "type": kind})
    return rows


def show_listener(call: Call) -> Json:
    """Show one listener."""
    return listener_row(call, find_listener(call))


def create_listener(call: Call) -> Json:
    """Create a listener."""
    schema = schema_name(call)
    members = {f"listeners:with_name_{kind}_required_bind": new_fields(schema, kind) for kind in UNION}
    config = check_union(members, call.body)
    return add_listener(call, config.pop("type"), config.pop("name"), config)


def schema_name(call: Call) -> str:
    """Return the name of the schema that the edition has for listeners."""
    return "listener:enterprise" if call.cluster.edition == ENTERPRISE else "listener"


def new_fields(schema: str, kind: str) -> tuple[Field, ...]:
    """Return the schema of a new listener."""
    named = (Field("type", enum_of(kind), required=True), Field("name", check_text, required=True))
    fields = listener_fields(schema, kind, named)
    return tuple(field for field in fields if field.name not in ("id", *READ_ONLY))


def add_listener(call: Call, kind: str, name: str, config: Row) -> Json:
    """Build a listener that is not there yet, and whose port is free."""
    if not re.fullmatch(RULE_ID, name):
        expected = f'#{{expected_data_type => <<"{RULE_ID}">>,got => {format_erlang_string(name)},\n  '
        rest = f'kind => validation_error,path => "listeners.{kind}",reason => invalid_map_key}}'
        refuse_request(expected + rest)
    identifier = f"{kind}:{name}"
    if identifier in call.cluster.listeners:
        refuse_with(400, "BAD_LISTENER_ID", "Already Exist")
    settings = {key: value for key, value in config.items() if value is not None and key not in IDENTITY}
    settings.setdefault("bind", f"0.0.0.0:{PORTS.get(kind, 14567)}")
    check_port(call.cluster, identifier, settings["bind"])
    listener = Listener(kind, name, add_defaults(kind, settings))
    call.cluster.listeners[identifier] = listener
    return listener_row(call, listener)


def check_port(cluster: Cluster, identifier: str, bind: Json) -> None:
    """Refuse a port that another listener has. Raises EarlyResponse (400)."""
    port = str(bind).rpartition(":")[2]
    for other in cluster.listeners.values():
        if other.id != identifier and str(other.config["bind"]).rpartition(":")[2] == port:
            refuse_request(f"{{failed_to_start,'{identifier}',\"{bind}\",eaddrinuse}}")


def check_named(call: Call, form: str) -> tuple[str, Row]:
    """Check a body that has the id of its listener; return that and the rest. Raises EarlyResponse (400)."""
    kind = call.body.get("type")
    kind = kind if kind in TYPES else check_id(call).partition(":")[0]
    named = (Field("id", check_text, required=True), Field("type", enum_of(kind), required=True))
    schema = {field.name: field for field in (*listener_fields(schema_name(call), kind, ()), *named)}
    config = apply_defaults(schema.values(), call.body, f"listeners:{kind}_{form}_bind")
    return config["id"], {name: value for name, value in config.items() if name not in IDENTITY}


def create_named_listener(call: Call) -> Json:
    """Create a listener in the deprecated way: the id of the body counts, not that of the path."""
    check_id(call)
    identifier, config = check_named(call, "required")
    kind, _, name = identifier.partition(":")
    return add_listener(call, kind, name, config)


def update_listener(call: Call) -> Json:
    """Change what the body names."""
    check_id(call)
    identifier, config = check_named(call, "not_required")
    if identifier != call.bindings["id"]:
        refuse("listeners.paths_differ")
    listener = find_listener(call)
    if "bind" in config:
        check_port(call.cluster, identifier, config["bind"])
    listener.config = add_defaults(listener.type, {**listener.config, **config})
    return listener_row(call, listener)


def delete_listener(call: Call) -> None:
    """Delete a listener; who came in over it is disconnected."""
    listener = find_listener(call)
    disconnect_clients(call.cluster, listener)
    del call.cluster.listeners[listener.id]


def start_listener(call: Call) -> None:
    """Start a listener on all nodes, and enable it."""
    find_listener(call).config["enable"] = True


def stop_listener(call: Call) -> None:
    """Stop a listener on all nodes, and disable it."""
    listener = find_listener(call)
    listener.config["enable"] = False
    disconnect_clients(call.cluster, listener)


def restart_listener(call: Call) -> None:
    """Restart a listener on all nodes; who came in over it connects again at once."""
    listener, now = find_listener(call), call.cluster.now()
    listener.config["enable"] = True
    for client in connected_clients(call.cluster, listener):
        client.connected_at = now


def connected_clients(cluster: Cluster, listener: Listener) -> list[Client]:
    """List the clients that came in over a listener."""
    connected = (client for client in cluster.clients.values() if client.connected)
    return [client for client in connected if client.fields.get("listener", "tcp:default") == listener.id]


def disconnect_clients(cluster: Cluster, listener: Listener) -> None:
    """Disconnect who came in over a listener; who wanted a session keeps it."""
    for client in connected_clients(cluster, listener):
        if client.clean_start:
            cluster.kick(client.clientid)
        else:
            client.connected = False
            client.disconnected_at = cluster.now()
