"""The clients of gateways and their subscriptions: `/gateways/{name}/clients`."""

from emqxctl.sandbox.handlers.gateways import NOT_FOUND, find_loaded
from emqxctl.sandbox.http.paging import cut_page
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Response, Row, error_response, json_response
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.gateways import Gateway, GatewayClient

EQUAL = ("clientid", "username", "ip_address", "proto_ver", "endpoint_name", "node")
FUZZY = ("clientid", "username", "endpoint_name")
TIMES = ("created_at", "connected_at")
NO_NODE = "bad rpc call '{}', Reason {{badrpc,nodedown}}"


def matches_filters(row: Row, client: GatewayClient, query: Row) -> bool:
    """Return whether a client is one of those that a query asks for."""
    at = client.connected * 1000
    return (
        all(query[name] in (None, row.get(name)) for name in (*EQUAL, "clean_start"))
        and all((query[f"like_{name}"] or "") in (row.get(name) or "") for name in FUZZY)
        and all((query[f"gte_{name}"] or 0) <= at <= (query[f"lte_{name}"] or at) for name in TIMES)
    )


@route("GET", "/gateways/{name}/clients", query="gateway_clients")
def list_clients(call: Call) -> Response:
    """List the clients of a gateway; a fuzzy filter is not counted."""
    gateway, query, nodes = find_loaded(call), call.query, call.cluster.running()
    if query["node"] not in (None, *nodes):
        return error_response(500, "NODE_DOWN", NO_NODE.format(query["node"]))
    rows = []
    for client in gateway.clients.values():
        row = gateway.client_row(client, call.cluster.seed)
        if client.node in nodes and matches_filters(row, client, query):
            rows.append(row)
    counted = all(query[f"like_{name}"] is None for name in FUZZY)
    return json_response(cut_page(rows, query, counted=counted))


def find_client(call: Call, message: str = "Client not found") -> tuple[Gateway, GatewayClient]:
    """Return the gateway and the client of the path. Raises EarlyResponse (404)."""
    gateway = find_loaded(call)
    client = gateway.clients.get(call.bindings["clientid"])
    if client is None:
        refuse_with(404, NOT_FOUND, message)
    return gateway, client


@route("GET", "/gateways/{name}/clients/{clientid}")
def show_client(call: Call) -> Response:
    """Show one client."""
    gateway, client = find_client(call)
    return json_response(gateway.client_row(client, call.cluster.seed))


@route("DELETE", "/gateways/{name}/clients/{clientid}")
def kick_client(call: Call) -> Response:
    """Kick a client out."""
    gateway, client = find_client(call)
    del gateway.clients[client.clientid]
    return Response(204)


@route("GET", "/gateways/{name}/clients/{clientid}/subscriptions")
def list_subscriptions(call: Call) -> Response:
    """List the subscriptions of a client, the newest first, with the mount point before their topics."""
    gateway, client = find_client(call, "client process not found")
    rows = reversed(client.subscriptions.items())
    return json_response([{**row, "topic": gateway.mounted_topic(client, topic)} for topic, row in rows])


@route(
    "POST", "/gateways/{name}/clients/{clientid}/subscriptions", body=Body("gateway_subscription", loose=True)
)
def subscribe(call: Call) -> Response:
    """Subscribe a client to a topic under its mount point."""
    gateway, client = find_client(call, "client process not found")
    topic = call.body["topic"]
    if topic is None:
        refuse_request("Miss topic property")
    row = {"is_new": True, **{name: call.body[name] for name in ("nl", "qos", "rap", "rh")}}
    if "sub_props" in call.body:
        row["sub_props"] = call.body["sub_props"]
    client.subscriptions[topic] = row
    return json_response({**row, "topic": gateway.mounted_topic(client, topic)}, 201)


@route("DELETE", "/gateways/{name}/clients/{clientid}/subscriptions/{topic}")
def unsubscribe(call: Call) -> Response:
    """End a subscription; the topic is given without the mount point."""
    _, client = find_client(call, "client process not found")
    if client.subscriptions.pop(call.bindings["topic"], None) is None:
        refuse_with(404, NOT_FOUND, "Resource not found")
    return Response(204)
