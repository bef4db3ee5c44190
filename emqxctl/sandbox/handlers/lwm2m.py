"""Commands to the clients of the LwM2M gateway: `/gateways/lwm2m/clients/{clientid}`."""

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import EarlyResponse, Response, Row, json_response
from emqxctl.sandbox.schema.refusals import refuse_with
from emqxctl.sandbox.state.gateways import GatewayClient

BASE = "/gateways/lwm2m/clients/{clientid}"
NO_REPLY = {"code": "6.01", "codeMsg": "reply_not_received"}
BAD_MATCH = "error, {badmatch,#{}}, [{emqx_lwm2m_api,lookup,2,[]}]"
BAD_KEY = 'exit, {#{context => {badkey,<<"path">>},exception => error}, [{emqx_lwm2m_cmd,mqtt_to_coap,2,[]}]'
SILENT = "silent"  # a client with that in its name never answers


def find_client(call: Call) -> GatewayClient:
    """Return the client of the path. Raises EarlyResponse (404, with a code only)."""
    client = call.cluster.gateways.by_name["lwm2m"].clients.get(call.bindings["clientid"])
    if client is None:
        raise EarlyResponse(json_response({"code": "CLIENT_NOT_FOUND"}, 404))
    return client


def record_reply(client: GatewayClient, action: str, path: str, answer: Row) -> Response:
    """Record a client's reply to a command, unless it is silent."""
    if SILENT not in client.clientid:
        client.replies[action, path] = answer
    return Response(204)


def require_path(call: Call, client: GatewayClient) -> str:
    """Return the path of a command. Raises EarlyResponse (500): without one, the client's process crashes."""
    if call.query["path"] is None:
        del call.cluster.gateways.by_name["lwm2m"].clients[client.clientid]
        refuse_with(500, "INTERNAL_ERROR", BAD_KEY)
    return str(call.query["path"])


@route("GET", f"{BASE}/lookup", query="lwm2m_lookup")
def show_reply(call: Call) -> Response:
    """Show the last reply to a command."""
    client, path, action = find_client(call), call.query["path"], call.query["action"]
    if path is None or action is None:
        refuse_with(500, "INTERNAL_ERROR", BAD_MATCH)
    reply = client.replies.get((action, path), NO_REPLY)
    return json_response({"action": action, "clientid": client.clientid, "path": path, **reply})


@route("POST", f"{BASE}/read", query="lwm2m_path")
def read_value(call: Call) -> Response:
    """Ask a client for a value."""
    client = find_client(call)
    path = require_path(call, client)
    content = [{"path": path, "value": client.values.get(path, "42")}]
    return record_reply(client, "read", path, {"code": "2.05", "codeMsg": "content", "content": content})


@route("POST", f"{BASE}/write", query="lwm2m_write")
def write_value(call: Call) -> Response:
    """Send a client a value."""
    client = find_client(call)
    path = require_path(call, client)
    if SILENT not in client.clientid:
        client.values[path] = str(call.query["value"])
    return record_reply(client, "write", path, {"code": "2.04", "codeMsg": "changed"})


@route("POST", f"{BASE}/observe", query="lwm2m_observe")
def observe_value(call: Call) -> Response:
    """Ask a client to report a value when it changes; none of the simulated ones confirms it."""
    require_path(call, find_client(call))
    return Response(204)
