"""The listeners: `/listeners` and `/listeners_status`."""

import re

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Answer, AnswerNow, Json, Row, answer_error, answer_json
from emqxctl.sandbox.schema.fields import Field, abridge, check_struct
from emqxctl.sandbox.schema.integration import apply_defaults
from emqxctl.sandbox.schema.listeners import READ_ONLY, TYPES, add_defaults, listener_fields
from emqxctl.sandbox.schema.refusals import bad_request
from emqxctl.sandbox.schema.rules import RULE_ID, erlang_text
from emqxctl.sandbox.schema.types import INFINITY, check_text, enum_of
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.listeners import PORTS, Listener
from emqxctl.sandbox.state.records import Client

ANY_BODY = Body(loose=True)  # checked by hand: against one type, or against each
IDENTITY = ("id", "name", "type", *READ_ONLY)
UNION = ("wss", "ws", "tcp", "ssl", "quic")  # EMQX's order
PATHS_DIFFER = "Path and body's listener id not match"


def find_listener(call: Call) -> Listener:
    """Find the listener of the path. Raises AnswerNow: 404, or 400 for what is no id."""
    identifier = check_id(call)
    found = call.cluster.listeners.get(identifier)
    if found is None:
        raise AnswerNow(answer_error(404, "BAD_LISTENER_ID", "Listener id not found"))
    return found


def check_id(call: Call) -> str:
    """Take the id of the path. Raises AnswerNow (400)."""
    identifier = call.bindings["id"]
    kind, colon, _ = identifier.partition(":")
    if not colon or kind not in TYPES:
        details: Row = {"value": identifier, "reason": f"{{invalid_listener_id,{identifier}}}", "path": "id"}
        raise bad_request({**details, "kind": "validation_error"})
    return identifier


def listener_row(call: Call, listener: Listener) -> Row:
    """Write one listener as the answering node has it."""
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
    return sum(client.node == node for client in clients_of(cluster, listener))


def node_status(cluster: Cluster, listener: Listener, node: str) -> Row:
    """Write how a listener fares on one node."""
    status = {
        "current_connections": count_connections(cluster, listener, node),
        "max_connections": listener.config["max_connections"],
        "running": listener.runs_on(node),
    }
    return {"node": node, "status": status}


def sum_status(rows: list[Row]) -> Row:
    """Sum up how listeners fare on nodes; what differs is "inconsistent"."""
    found = [row["status"] for row in rows]
    limits, states = [each["max_connections"] for each in found], {each["running"] for each in found}
    return {
        "current_connections": sum(each["current_connections"] for each in found),
        "max_connections": INFINITY if INFINITY in limits else sum(limits),
        "running": "inconsistent" if len(states) > 1 else states.pop(),
    }


@route("GET", "/listeners", query="listener_type")
def list_listeners(call: Call) -> Answer:
    """List the listeners, each with how it fares on the nodes."""
    nodes, rows = call.cluster.running()[::-1], []
    for _, listener in sorted(call.cluster.listeners.items()):
        if call.query["type"] not in (None, listener.type):
            continue
        states = [node_status(call.cluster, listener, node) for node in nodes]
        kept = {name: listener.config[name] for name in ("acceptors", "bind", "enable")}
        identity = {"id": listener.id, "name": listener.name, "type": listener.type, "number": len(nodes)}
        rows.append({**kept, **identity, "node_status": states, "status": sum_status(states)})
    return answer_json(rows)


@route("GET", "/listeners_status")
def list_status(call: Call) -> Answer:
    """Sum up the listeners of each type."""
    nodes, rows = call.cluster.running()[::-1], []
    known = [listener for _, listener in sorted(call.cluster.listeners.items())]
    for kind in sorted({listener.type for listener in known}):
        own = [listener for listener in known if listener.type == kind]
        states = [node_status(call.cluster, each, node) for node in nodes for each in reversed(own)]
        rows.append(
            {
                "enable": any(each.config["enable"] for each in own),
                "ids": [each.id for each in own],
                "node_status": states,
                "status": sum_status(states),
                "type": kind,
            }
        )
    return answer_json(rows)


@route("POST", "/listeners", body=ANY_BODY)
def create_listener(call: Call) -> Answer:
    """Create a listener."""
    found: dict[str, Json] = {}
    for kind in UNION:
        named = (Field("type", enum_of(kind), required=True), Field("name", check_text, required=True))
        schema = [field for field in listener_fields(kind, named) if field.name not in ("id", *READ_ONLY)]
        refusals: list[Row] = []
        config = check_struct(tuple(schema), call.body, "root", refusals)
        if not refusals:
            return create(call, kind, config.pop("name"), config)
        many = [abridge(each) for each in refusals]
        found[f"listeners:with_name_{kind}_required_bind"] = many if len(many) > 1 else many[0]
    details: Row = {"reason": "matched_no_union_member", "path": "root", "mismatches": found}
    raise bad_request({**details, "kind": "validation_error"})


def create(call: Call, kind: str, name: str, config: Row) -> Answer:
    """Make a listener that is not there yet, and whose port is free."""
    if not re.fullmatch(RULE_ID, name):
        expected = f'#{{expected_data_type => <<"{RULE_ID}">>,got => {erlang_text(name)},\n  '
        rest = f'kind => validation_error,path => "listeners.{kind}",reason => invalid_map_key}}'
        return answer_error(400, "BAD_REQUEST", expected + rest)
    identifier = f"{kind}:{name}"
    if identifier in call.cluster.listeners:
        return answer_error(400, "BAD_LISTENER_ID", "Already Exist")
    given = {key: value for key, value in config.items() if value is not None and key not in IDENTITY}
    given.setdefault("bind", f"0.0.0.0:{PORTS.get(kind, 14567)}")
    check_port(call.cluster, identifier, given["bind"])
    made = Listener(kind, name, add_defaults(kind, given))
    call.cluster.listeners[identifier] = made
    return answer_json(listener_row(call, made))


def check_port(cluster: Cluster, identifier: str, wanted: Json) -> None:
    """Refuse a port that another listener has. Raises AnswerNow (400)."""
    port = str(wanted).rpartition(":")[2]
    for other in cluster.listeners.values():
        if other.id != identifier and str(other.config["bind"]).rpartition(":")[2] == port:
            words = f"{{failed_to_start,'{identifier}',\"{wanted}\",eaddrinuse}}"
            raise AnswerNow(answer_error(400, "BAD_REQUEST", words))


def check_named(call: Call, form: str) -> tuple[str, Row]:
    """Check a body that carries the id of its listener; gives that and the rest. Raises AnswerNow (400)."""
    kind = call.body.get("type")
    kind = kind if kind in TYPES else check_id(call).partition(":")[0]
    named = (Field("id", check_text, required=True), Field("type", enum_of(kind), required=True))
    schema = {field.name: field for field in (*listener_fields(kind, ()), *named)}
    config = apply_defaults(schema.values(), call.body, f"listeners:{kind}_{form}_bind")
    return config["id"], {name: value for name, value in config.items() if name not in IDENTITY}


@route("POST", "/listeners/{id}", body=ANY_BODY)
def create_named_listener(call: Call) -> Answer:
    """Create a listener in the deprecated way: the id of the body counts, not that of the path."""
    check_id(call)
    identifier, config = check_named(call, "required")
    kind, _, name = identifier.partition(":")
    return create(call, kind, name, config)


@route("GET", "/listeners/{id}")
def get_listener(call: Call) -> Answer:
    """Show one listener."""
    return answer_json(listener_row(call, find_listener(call)))


@route("PUT", "/listeners/{id}", body=ANY_BODY)
def update_listener(call: Call) -> Answer:
    """Change what the body names."""
    check_id(call)
    identifier, config = check_named(call, "not_required")
    if identifier != call.bindings["id"]:
        return answer_error(400, "BAD_LISTENER_ID", PATHS_DIFFER)
    found = find_listener(call)
    if "bind" in config:
        check_port(call.cluster, identifier, config["bind"])
    found.config = add_defaults(found.type, {**found.config, **config})
    return answer_json(listener_row(call, found))


@route("DELETE", "/listeners/{id}")
def delete_listener(call: Call) -> Answer:
    """Delete a listener; who came in over it is disconnected."""
    found = find_listener(call)
    drop_clients(call.cluster, found)
    del call.cluster.listeners[found.id]
    return Answer(204)


@route("POST", "/listeners/{id}/start")
def start_listener(call: Call) -> Answer:
    """Start a listener on all nodes, and enable it."""
    find_listener(call).config["enable"] = True
    return Answer(200)


@route("POST", "/listeners/{id}/stop")
def stop_listener(call: Call) -> Answer:
    """Stop a listener on all nodes, and disable it."""
    found = find_listener(call)
    found.config["enable"] = False
    drop_clients(call.cluster, found)
    return Answer(200)


@route("POST", "/listeners/{id}/restart")
def restart_listener(call: Call) -> Answer:
    """Restart a listener on all nodes; who came in over it connects again at once."""
    found, now = find_listener(call), call.cluster.now()
    found.config["enable"] = True
    for client in clients_of(call.cluster, found):
        client.connected_at = now
    return Answer(200)


def clients_of(cluster: Cluster, listener: Listener) -> list[Client]:
    """List the clients that came in over a listener."""
    connected = (client for client in cluster.clients.values() if client.connected)
    return [client for client in connected if client.fields.get("listener", "tcp:default") == listener.id]


def drop_clients(cluster: Cluster, listener: Listener) -> None:
    """Disconnect who came in over a listener; who wanted a session keeps it."""
    for client in clients_of(cluster, listener):
        if client.clean_start:
            cluster.kick(client.clientid)
        else:
            client.connected = False
            client.disconnected_at = cluster.now()
