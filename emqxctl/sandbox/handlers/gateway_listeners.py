"""The listeners of gateways: `/gateways/{name}/listeners`."""

from emqxctl.sandbox.handlers.gateways import MISSING, find_loaded
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Answer, Row, answer_json, answer_text
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
    """Take the gateway and the id of the path. Raises AnswerNow (404) for what cannot be an id."""
    gateway, key = find_loaded(call), call.bindings["id"]
    if len(key.split(":")) != 3:
        refuse_with(404, MISSING, f"Listener not found: {key}")
    return gateway, key


def find_listener(call: Call) -> tuple[str, Row]:
    """Take the id and the listener of the path. Raises AnswerNow (404)."""
    gateway, key = check_id(call)
    if key not in gateway.listeners:
        refuse_with(404, MISSING, f"Listener not found: {key}")
    return key, gateway.listeners[key]


def listener_row(key: str, listener: Row) -> Row:
    """Write a listener with its id, and its authentication in full."""
    row = {**listener, "id": key}
    if "authentication" in row:
        row["authentication"] = check_authenticator(row["authentication"])
    return row


@route("GET", "/gateways/{name}/listeners")
def list_listeners(call: Call) -> Answer:
    """List the listeners of a gateway, and how they fare on every node."""
    gateway, nodes = find_loaded(call), call.cluster.running()[::-1]
    rows = []
    for at, (key, listener) in enumerate(gateway.listeners.items()):
        running = gateway.status == "running" and listener["enable"]
        most = listener["max_connections"]
        counts = [0 if at else gateway.on(node) for node in nodes]  # everybody came by the first one
        statuses = [
            {"current_connections": count, "max_connections": most, "running": running} for count in counts
        ]
        total = most * len(nodes) if isinstance(most, int) else most
        whole = {"current_connections": sum(counts), "max_connections": total, "running": running}
        by_node = [{"node": node, "status": status} for node, status in zip(nodes, statuses, strict=True)]
        rows.append({**listener_row(key, listener), "node_status": by_node, "status": whole})
    return answer_json(rows)


def check_type(gateway: Gateway, kind: str) -> Answer | None:
    """Answer a type that this gateway does not have, with a code that EMQX forgot to declare."""
    types = LISTENER_TYPES[gateway.name]
    if kind in types:
        return None
    used = {each["type"] for each in gateway.listeners.values()}
    head = BAD_TYPE.format(gateway.name, kind, ",".join(each for each in types if each not in used) or "none")
    return answer_text(head + (",\n" + " " * len(head)).join(CODES) + "]", 500, "application/json")


@route("POST", "/gateways/{name}/listeners", body=Body(loose=True))
def create(call: Call) -> Answer:
    """Add a listener; the answer repeats only what was given."""
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
    return answer_json({**body, "id": key}, 201)


@route("GET", "/gateways/{name}/listeners/{id}")
def show(call: Call) -> Answer:
    """Show one listener."""
    running = find_loaded(call).status == "running"
    return answer_json({**listener_row(*find_listener(call)), "running": running})


@route("PUT", "/gateways/{name}/listeners/{id}", body=Body(loose=True))
def update(call: Call) -> Answer:
    """Replace a listener; the answer repeats only what was given."""
    gateway = find_loaded(call)
    check_id(call)
    check_union(listener_union(), call.body)
    key, old = find_listener(call)
    kept = {name: old[name] for name in ("authentication",) if name in old}
    gateway.listeners[key] = add_listener_defaults({**kept, **call.body})
    return answer_json({**call.body, "id": key})


@route("DELETE", "/gateways/{name}/listeners/{id}")
def delete(call: Call) -> Answer:
    """Remove a listener; one that does not exist is as good as removed."""
    gateway, key = check_id(call)
    gateway.listeners.pop(key, None)
    return Answer(204)
