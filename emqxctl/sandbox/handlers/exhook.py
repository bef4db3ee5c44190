"""The servers that hook into EMQX over gRPC: `/exhooks`."""

from emqxctl.sandbox.handlers._items import Items
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Json, Response, Row, json_response
from emqxctl.sandbox.schema.fields import fields_of
from emqxctl.sandbox.schema.refusals import lookup, refuse_request, refuse_with
from emqxctl.sandbox.schema.secrets import mask
from emqxctl.sandbox.schema.types import InvalidError
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.access import is_reachable
from emqxctl.sandbox.state.positions import UnknownAnchorError, UnknownPositionError, move_key

METRICS = {"failed": 0, "max_rate": 0, "rate": 0, "succeed": 0}
HOOKS = ("client.connected", "client.disconnected", "message.publish")  # what a server that answers asks for
MISSING = "Server not found"
NO_CLAUSE = "error, function_clause, [{{emqx_exhook_api,{},[post],[]}}]"


def format_term(value: Json) -> str:
    """Format an invalid value or a reason as Erlang prints it."""
    if isinstance(value, dict):
        return "#{" + ",".join(f'{name} => "{text}"' for name, text in value.items()) + "}"
    return str(value)


def check_server(body: Row, at: int) -> Row:
    """Check a server and fill in its defaults; `at` is its place among all. Raises EarlyResponse (400)."""
    settled: Row = {"name": body["name"]}
    for field in fields_of("exhook"):
        name = field.name
        value = body.get(name, field.default)
        path = f"exhook.servers.{at}.{name}"
        words = f'kind => validation_error,path => "{path}",'
        if value is None:
            refuse_request(f"Bad Arguments: #{{{words}reason => required_field}}")
        try:
            settled[name] = field.check(value, path)
        except InvalidError as invalid:
            reason = format_term(invalid.details["reason"])
            words += f"reason => {reason},value => {format_term(value)}"
            refuse_request(f"Bad Arguments: #{{{words}}}")
    return settled


def server_status(server: Row) -> str:
    """Return the status of the connections to a server."""
    if not server["enable"]:
        return "disabled"
    if is_reachable(server) and "://" in server["url"]:
        return "connected"
    return "disconnected" if server["auto_reconnect"] is False else "connecting"


def server_row(call: Call, server: Row) -> Row:
    """Return a server with what it hooks into, on every running node."""
    status, nodes = server_status(server), call.cluster.running()[::-1]
    hooks = HOOKS if status == "connected" else ()
    return {
        **mask(server),
        "hooks": [{"name": hook, "params": {}} for hook in hooks],
        "metrics": METRICS,
        "node_metrics": [{"metrics": METRICS, "node": node} for node in nodes],
        "node_status": [{"node": node, "status": status} for node in nodes],
    }


SERVERS = Items(
    "/exhooks",
    "name",
    lambda call: call.cluster.features.exhooks,
    lambda call, _name, server: server_row(call, server),
    (404, "BAD_REQUEST", MISSING),
)
SERVERS.serve("list", "get", "delete")


@route("POST", "/exhooks", body=Body(loose=True))
def create_server(call: Call) -> Response:
    """Add a server behind all others."""
    servers = call.cluster.features.exhooks
    if "name" not in call.body:
        refuse_with(500, "INTERNAL_ERROR", NO_CLAUSE.format("exhooks"))
    if call.body["name"] in servers:
        refuse_request("Already exists")
    server = check_server(call.body, len(servers) + 1)
    servers[server["name"]] = server
    return json_response(server_row(call, server))


@route("PUT", "/exhooks/{name}", body=Body(loose=True))
def update_server(call: Call) -> Response:
    """Replace a server; another name in the body renames it, and is answered as if it were not there."""
    servers, name = call.cluster.features.exhooks, call.bindings["name"]
    old = lookup(servers, name, 404, "NOT_FOUND", MISSING)
    at = list(servers).index(name) + 1
    server = check_server({**call.body, "name": call.body.get("name", name)}, at)
    renamed = server["name"] != old["name"]
    if renamed:
        servers.pop(server["name"], None)
    call.cluster.features.exhooks = {
        server["name"] if key == name else key: server if key == name else other
        for key, other in servers.items()
    }
    if renamed:
        refuse_with(404, "BAD_REQUEST", MISSING)
    return json_response(server_row(call, server))


@route("GET", "/exhooks/{name}/hooks")
def list_hooks(call: Call) -> Response:
    """List what a server hooks into."""
    row = server_row(call, SERVERS.find(call))
    more = {"metrics": METRICS, "node_metrics": row["node_metrics"]}
    return json_response([{**hook, **more} for hook in row["hooks"]])


@route("POST", "/exhooks/{name}/move", body=Body(loose=True))
def move_server(call: Call) -> Response:
    """Change the position of a server."""
    if "position" not in call.body:
        refuse_with(500, "INTERNAL_ERROR", NO_CLAUSE.format("move"))
    name, servers = SERVERS.find(call)["name"], call.cluster.features.exhooks
    try:
        call.cluster.features.exhooks = move_key(servers, name, str(call.body["position"]))
    except UnknownPositionError:
        refuse_request("Invalid Position")
    except UnknownAnchorError:
        refuse_with(404, "BAD_REQUEST", MISSING)
    return Response(204)
