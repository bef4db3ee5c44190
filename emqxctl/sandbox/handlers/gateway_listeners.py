"""The listeners of gateways: `/gateways/{name}/listeners`."""

from emqxctl.sandbox.handlers.gateways import NOT_FOUND, find_loaded
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Response, Row, json_response, text_response
from emqxctl.sandbox.schema.access import check_authenticator
from emqxctl.sandbox.schema.gateways import LISTENER_TYPES, add_listener_defaults, check_union, listener_union
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.gateways import Gateway

BAD_TYPE = (
    "Unsupported code 'UNKNOWN_ERROR', message <<\"#{{kind => validation_error,path => "
    '\\"gateway.{}.listeners\\",reason => unknown_fields,unknown => \\"{}\\",unmatched => \\"{}\\"}}">>, '
    "schema def ["
)
CODES = ("'NOT_FOUND'", "'RESOURCE_NOT_FOUND'", "'BAD_REQUEST'")


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


@route("GET", "/gateways/{name}/listeners")
def list_listeners(call: Call) -> Response:
    """List the listeners of a gateway with their status on every node."""
    gateway, nodes = find_loaded(call), call.cluster.running()[::-1]
    rows = []
    for at, (key, listener) in enumerate(gateway.listeners.items()):
        running = gateway.status == "running" and listener["enable"]
        most = listener["max_connections"]
        counts = [
            0 if at else gateway.count_clients(node) for node in nodes
        ]  # everybody came by the first one
        statuses = [
            {"current_connections": count, "max_connections": most, "running": running} for count in counts
        ]
        total = most * len(nodes) if isinstance(most, int) else most
        whole = {"current_connections": sum(counts), "max_connections": total, "running": running}
        by_node = [{"node": node, "status": status} for node, status in zip(nodes, statuses, strict=True)]
        rows.append({**listener_row(key, listener), "node_status": by_node, "status": whole})
    return json_response(rows)


def check_type(gateway: Gateway, kind: str) -> Response | None:
    """Return the error for a type that this gateway does not have; EMQX did not declare its code."""
    types = LISTENER_TYPES[gateway.name]
    if kind in types:
        return None
    used = {listener["type"] for listener in gateway.listeners.values()}
    head = BAD_TYPE.format(
        gateway.name, kind, ",".join(listener for listener in types if listener not in used) or "none"
    )
    return text_response(head + (",\n" + " " * len(head)).join(CODES) + "]", 500, "application/json")


@route("POST", "/gateways/{name}/listeners", body=Body(loose=True))
def create_listener(call: Call) -> Response:
    """Add a listener; the response repeats the body."""
    gateway, body = find_loaded(call), call.body
    check_union(listener_union(), body)
    if "bind" not in body:
        refuse_request("bind is required")
    if refused := check_type(gateway, body["type"]):
        return refused
    key = f"{gateway.name}:{body['type']}:{body['name']}"
    if key in gateway.listeners:
        refuse_request("Listener name has occupied")
    gateway.listeners[key] = add_listener_defaults(body)
    return json_response({**body, "id": key}, 201)


@route("GET", "/gateways/{name}/listeners/{id}")
def show_listener(call: Call) -> Response:
    """Show one listener."""
    running = find_loaded(call).status == "running"
    return json_response({**listener_row(*find_listener(call)), "running": running})


@route("PUT", "/gateways/{name}/listeners/{id}", body=Body(loose=True))
def update_listener(call: Call) -> Response:
    """Replace a listener; the response repeats the body."""
    gateway = find_loaded(call)
    check_id(call)
    check_union(listener_union(), call.body)
    key, old = find_listener(call)
    unchanged = {name: old[name] for name in ("authentication",) if name in old}
    gateway.listeners[key] = add_listener_defaults({**unchanged, **call.body})
    return json_response({**call.body, "id": key})


@route("DELETE", "/gateways/{name}/listeners/{id}")
def delete_listener(call: Call) -> Response:
    """Delete a listener; 204 also if it does not exist."""
    gateway, key = check_id(call)
    gateway.listeners.pop(key, None)
    return Response(204)
