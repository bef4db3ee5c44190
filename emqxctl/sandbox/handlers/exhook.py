"""The servers that hook into EMQX over gRPC: `/exhooks`."""

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Answer, Json, Row, answer_json
from emqxctl.sandbox.schema.fields import fields_of
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with
from emqxctl.sandbox.schema.secrets import mask
from emqxctl.sandbox.schema.types import (
    InvalidError,
)
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.access import is_reachable
from emqxctl.sandbox.state.positions import UnknownAnchorError, UnknownPositionError, place

METRICS = {"failed": 0, "max_rate": 0, "rate": 0, "succeed": 0}
HOOKS = ("client.connected", "client.disconnected", "message.publish")  # what a server that answers asks for
MISSING = "Server not found"
NO_CLAUSE = "error, function_clause, [{{emqx_exhook_api,{},[post],[]}}]"


def write_term(value: Json) -> str:
    """Write a refused value or a reason as Erlang prints it."""
    if isinstance(value, dict):
        return "#{" + ",".join(f'{name} => "{each}"' for name, each in value.items()) + "}"
    return str(value)


def settle_server(body: Row, at: int) -> Row:
    """Check a server and fill in its defaults; `at` is its place among all. Raises AnswerNow (400)."""
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
            reason = write_term(invalid.details["reason"])
            words += f"reason => {reason},value => {write_term(value)}"
            refuse_request(f"Bad Arguments: #{{{words}}}")
    return settled


def server_status(server: Row) -> str:
    """Tell how the connections to a server fare."""
    if not server["enable"]:
        return "disabled"
    if is_reachable(server) and "://" in server["url"]:
        return "connected"
    return "disconnected" if server["auto_reconnect"] is False else "connecting"


def server_row(call: Call, server: Row) -> Row:
    """Write a server with what it hooks into, on every running node."""
    status, nodes = server_status(server), call.cluster.running()[::-1]
    hooks = HOOKS if status == "connected" else ()
    return {
        **mask(server),
        "hooks": [{"name": hook, "params": {}} for hook in hooks],
        "metrics": METRICS,
        "node_metrics": [{"metrics": METRICS, "node": node} for node in nodes],
        "node_status": [{"node": node, "status": status} for node in nodes],
    }


def find(call: Call, code: str = "BAD_REQUEST") -> Row:
    """Take the server of the path. Raises AnswerNow (404, mostly with BAD_REQUEST)."""
    found = call.cluster.features.exhooks.get(call.bindings["name"])
    if found is None:
        refuse_with(404, code, MISSING)
    return found


@route("GET", "/exhooks")
def list_servers(call: Call) -> Answer:
    """List the servers in the order in which they are asked."""
    return answer_json([server_row(call, server) for server in call.cluster.features.exhooks.values()])


@route("POST", "/exhooks", body=Body(loose=True))
def create(call: Call) -> Answer:
    """Add a server behind all others."""
    servers = call.cluster.features.exhooks
    if "name" not in call.body:
        refuse_with(500, "INTERNAL_ERROR", NO_CLAUSE.format("exhooks"))
    if call.body["name"] in servers:
        refuse_request("Already exists")
    server = settle_server(call.body, len(servers) + 1)
    servers[server["name"]] = server
    return answer_json(server_row(call, server))


@route("GET", "/exhooks/{name}")
def show(call: Call) -> Answer:
    """Show one server."""
    return answer_json(server_row(call, find(call)))


@route("PUT", "/exhooks/{name}", body=Body(loose=True))
def update(call: Call) -> Answer:
    """Replace a server; another name in the body renames it, and is answered as if it were not there."""
    old, servers, name = find(call, "NOT_FOUND"), call.cluster.features.exhooks, call.bindings["name"]
    at = list(servers).index(name) + 1
    server = settle_server({**call.body, "name": call.body.get("name", name)}, at)
    renamed = server["name"] != old["name"]
    if renamed:
        servers.pop(server["name"], None)
    call.cluster.features.exhooks = {
        server["name"] if each == name else each: server if each == name else kept
        for each, kept in servers.items()
    }
    if renamed:
        refuse_with(404, "BAD_REQUEST", MISSING)
    return answer_json(server_row(call, server))


@route("DELETE", "/exhooks/{name}")
def delete(call: Call) -> Answer:
    """Remove a server."""
    del call.cluster.features.exhooks[find(call)["name"]]
    return Answer(204)


@route("GET", "/exhooks/{name}/hooks")
def list_hooks(call: Call) -> Answer:
    """List what a server hooks into."""
    row = server_row(call, find(call))
    more = {"metrics": METRICS, "node_metrics": row["node_metrics"]}
    return answer_json([{**hook, **more} for hook in row["hooks"]])


@route("POST", "/exhooks/{name}/move", body=Body(loose=True))
def move(call: Call) -> Answer:
    """Put a server elsewhere in the order."""
    if "position" not in call.body:
        refuse_with(500, "INTERNAL_ERROR", NO_CLAUSE.format("move"))
    name, servers = find(call)["name"], call.cluster.features.exhooks
    try:
        names = place(list(servers), name, str(call.body["position"]))
    except UnknownPositionError:
        refuse_request("Invalid Position")
    except UnknownAnchorError:
        refuse_with(404, "BAD_REQUEST", MISSING)
    call.cluster.features.exhooks = {each: servers[each] for each in names}
    return Answer(204)
