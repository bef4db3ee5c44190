"""Commands to the clients of the LwM2M gateway: `/gateways/lwm2m/clients/{clientid}`."""

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Answer, AnswerNow, Row, answer_json
from emqxctl.sandbox.schema.refusals import refuse_with
from emqxctl.sandbox.state.gateways import GatewayClient

BASE = "/gateways/lwm2m/clients/{clientid}"
NO_REPLY = {"code": "6.01", "codeMsg": "reply_not_received"}
BAD_MATCH = "error, {badmatch,#{}}, [{emqx_lwm2m_api,lookup,2,[]}]"
BAD_KEY = 'exit, {#{context => {badkey,<<"path">>},exception => error}, [{emqx_lwm2m_cmd,mqtt_to_coap,2,[]}]'
SILENT = "silent"  # a client with that in its name never answers


def find(call: Call) -> GatewayClient:
    """Take the client of the path. Raises AnswerNow (404, with a code only)."""
    found = call.cluster.gateways.held["lwm2m"].clients.get(call.bindings["clientid"])
    if found is None:
        raise AnswerNow(answer_json({"code": "CLIENT_NOT_FOUND"}, 404))
    return found


def reply(client: GatewayClient, action: str, path: str, answer: Row) -> Answer:
    """Note what a client answers to a command, unless it is silent."""
    if SILENT not in client.clientid:
        client.replies[action, path] = answer
    return Answer(204)


def needed_path(call: Call, client: GatewayClient) -> str:
    """Take the path of a command. Raises AnswerNow (500): without one, the client's process crashes."""
    if call.query["path"] is None:
        del call.cluster.gateways.held["lwm2m"].clients[client.clientid]
        refuse_with(500, "INTERNAL_ERROR", BAD_KEY)
    return str(call.query["path"])


@route("GET", f"{BASE}/lookup", query="lwm2m_lookup")
def lookup(call: Call) -> Answer:
    """Show the last answer to a command."""
    client, path, action = find(call), call.query["path"], call.query["action"]
    if path is None or action is None:
        refuse_with(500, "INTERNAL_ERROR", BAD_MATCH)
    found = client.replies.get((action, path), NO_REPLY)
    return answer_json({"action": action, "clientid": client.clientid, "path": path, **found})


@route("POST", f"{BASE}/read", query="lwm2m_path")
def read(call: Call) -> Answer:
    """Ask a client for a value."""
    client = find(call)
    path = needed_path(call, client)
    content = [{"path": path, "value": client.values.get(path, "42")}]
    return reply(client, "read", path, {"code": "2.05", "codeMsg": "content", "content": content})


@route("POST", f"{BASE}/write", query="lwm2m_write")
def write(call: Call) -> Answer:
    """Send a client a value."""
    client = find(call)
    path = needed_path(call, client)
    if SILENT not in client.clientid:
        client.values[path] = str(call.query["value"])
    return reply(client, "write", path, {"code": "2.04", "codeMsg": "changed"})


@route("POST", f"{BASE}/observe", query="lwm2m_observe")
def observe(call: Call) -> Answer:
    """Ask a client to report a value when it changes; none of the simulated ones confirms it."""
    needed_path(call, find(call))
    return Answer(204)
