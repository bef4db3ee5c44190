"""The clients of gateways, their subscriptions, and commands to those of CoAP and LwM2M."""

from collections.abc import Callable

from emqxctl.sandbox.handlers.gateways import NOT_FOUND, find_loaded
from emqxctl.sandbox.http.paging import cut_page, exact_filters, fuzzy_filters, range_filters, select
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import EarlyResponse, Json, Response, Row, json_response
from emqxctl.sandbox.schema.refusals import refuse, refuse_request, refuse_with
from emqxctl.sandbox.state.gateways import Gateway, GatewayClient

EXACT = ("clientid", "username", "ip_address", "proto_ver", "endpoint_name", "node", "clean_start")
FUZZY = ("clientid", "username", "endpoint_name")
Pair = tuple[GatewayClient, Row]
NO_REPLY = {"code": "6.01", "codeMsg": "reply_not_received"}
SILENT = "silent"  # a client with that in its name never answers


def list_clients(call: Call) -> Json:
    """List the clients of a gateway; a fuzzy filter is not counted."""
    gateway, query, nodes = find_loaded(call), call.query, call.cluster.running()
    if query["node"] not in (None, *nodes):
        refuse("gateway_clients.no_node", query["node"])
    own = [client for client in gateway.clients.values() if client.node in nodes]
    pairs: list[Pair] = [(client, gateway.client_row(client, call.cluster.seed)) for client in own]
    fuzzy = fuzzy_filters(query, {name: reader(name) for name in FUZZY})
    filters = [*fuzzy, *exact_filters(query, {name: reader(name) for name in EXACT})]
    times = dict.fromkeys(("created_at", "connected_at"), lambda pair: pair[0].connected * 1000)
    rows = [row for _, row in select(pairs, [*filters, *range_filters(query, times)])]
    counted = all(query[f"like_{name}"] is None for name in FUZZY)
    return cut_page(rows, query, counted=counted)


def reader(name: str) -> Callable[[Pair], Json]:
    """Return what reads one field of a client's row."""
    return lambda pair: pair[1].get(name)


def find_client(call: Call, message: str = "Client not found") -> tuple[Gateway, GatewayClient]:
    """Return the gateway and the client of the path. Raises EarlyResponse (404)."""
    gateway = find_loaded(call)
    client = gateway.clients.get(call.bindings["clientid"])
    if client is None:
        refuse_with(404, NOT_FOUND, message)
    return gateway, client


def show_client(call: Call) -> Json:
    """Show one client."""
    gateway, client = find_client(call)
    return gateway.client_row(client, call.cluster.seed)


def kick_client(call: Call) -> None:
    """Kick a client out."""
    gateway, client = find_client(call)
    del gateway.clients[client.clientid]


def list_subscriptions(call: Call) -> Json:
    """List the subscriptions of a client, the newest first, with the mount point before their topics."""
    gateway, client = find_client(call, "client process not found")
    rows = reversed(client.subscriptions.items())
    return [{**row, "topic": gateway.mounted_topic(client, topic)} for topic, row in rows]


def subscribe(call: Call) -> Json:
    """Subscribe a client to a topic under its mount point."""
    gateway, client = find_client(call, "client process not found")
    topic = call.body["topic"]
    if topic is None:
        refuse_request("Miss topic property")
    row = {"is_new": True, **{name: call.body[name] for name in ("nl", "qos", "rap", "rh")}}
    if "sub_props" in call.body:
        row["sub_props"] = call.body["sub_props"]
    client.subscriptions[topic] = row
    return {**row, "topic": gateway.mounted_topic(client, topic)}


def unsubscribe(call: Call) -> None:
    """End a subscription; the topic is given without the mount point."""
    _, client = find_client(call, "client process not found")
    if client.subscriptions.pop(call.bindings["topic"], None) is None:
        refuse_with(404, NOT_FOUND, "Resource not found")


def send_request(call: Call) -> Response:
    """Send a request to a client; simulated clients never respond, and the timeout is not waited for."""
    exists = call.bindings["clientid"] in call.cluster.gateways.by_name["coap"].clients
    return json_response(
        {"code": "CLIENT_NOT_RESPONSE" if exists else "CLIENT_NOT_FOUND"}, 504 if exists else 404
    )


def find_lwm2m_client(call: Call) -> GatewayClient:
    """Return the client of the path. Raises EarlyResponse (404, with a code only)."""
    client = call.cluster.gateways.by_name["lwm2m"].clients.get(call.bindings["clientid"])
    if client is None:
        raise EarlyResponse(json_response({"code": "CLIENT_NOT_FOUND"}, 404))
    return client


def record_reply(client: GatewayClient, action: str, path: str, answer: Row) -> None:
    """Record a client's reply to a command, unless it is silent."""
    if SILENT not in client.clientid:
        client.replies[action, path] = answer


def require_path(call: Call, client: GatewayClient) -> str:
    """Return the path of a command. Raises EarlyResponse (500): without one, the client's process crashes."""
    if call.query["path"] is None:
        del call.cluster.gateways.by_name["lwm2m"].clients[client.clientid]
        refuse("gateway_clients.bad_key")
    return str(call.query["path"])


def show_reply(call: Call) -> Json:
    """Show the last reply to a command."""
    client, path, action = find_lwm2m_client(call), call.query["path"], call.query["action"]
    if path is None or action is None:
        refuse("gateway_clients.bad_match")
    reply = client.replies.get((action, path), NO_REPLY)
    return {"action": action, "clientid": client.clientid, "path": path, **reply}


def read_value(call: Call) -> Json:
    """Ask a client for a value."""
    client = find_lwm2m_client(call)
    path = require_path(call, client)
    content = [{"path": path, "value": client.values.get(path, "42")}]
    return record_reply(client, "read", path, {"code": "2.05", "codeMsg": "content", "content": content})


def write_value(call: Call) -> Json:
    """Send a client a value."""
    client = find_lwm2m_client(call)
    path = require_path(call, client)
    if SILENT not in client.clientid:
        client.values[path] = str(call.query["value"])
    return record_reply(client, "write", path, {"code": "2.04", "codeMsg": "changed"})


def observe_value(call: Call) -> None:
    """Ask a client to report a value when it changes; none of the simulated ones confirms it."""
    require_path(call, find_lwm2m_client(call))
