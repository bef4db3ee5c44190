"""The clients and their sessions: `/clients`, `/clients_v2`, `/sessions_count`."""

import ipaddress
from collections.abc import Callable, Iterable
from math import inf

from emqxctl.sandbox.http.paging import Position, cut_page, format_cursor, parse_cursor
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import EarlyResponse, Json, Response, Row, error_response, json_response
from emqxctl.sandbox.schema.fields import Field
from emqxctl.sandbox.schema.refusals import lookup
from emqxctl.sandbox.schema.types import check_text, invalid_value
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.records import Client

ClientFilter = Callable[[Client], bool]
# What each filter of the query compares: one value, one of several, a part of a text, a range of time.
EXACT: dict[str, Callable[[Client], object]] = {
    "clean_start": lambda client: client.clean_start,
    "ip_address": lambda client: client.fields.get("ip_address", "127.0.0.1"),
    "proto_ver": lambda client: str(client.fields.get("proto_ver", 5)),
    "conn_state": lambda client: "connected" if client.connected else "disconnected",
}
LISTED: dict[str, Callable[[Client], str]] = {
    "clientid": lambda client: client.clientid,
    "username": lambda client: client.username or "",
}
FUZZY = tuple(f"like_{name}" for name in LISTED)
TIMES: dict[str, Callable[[Client], float]] = {
    "created_at": lambda client: client.created_at,
    "connected_at": lambda client: client.connected_at,
}
# Written with all fields, but refused as a name in `fields`.
UNNAMED = {"enable_authn", "is_persistent", "listener", "peerport", "ws_cookie"}
NAMED = frozenset(Client("", "", connected=False).row() | Client("", "").row()) - UNNAMED


def check_field_names(value: Json, path: str) -> list[str]:
    """Return `fields`: names with commas between them; `all` or nothing means all."""
    names = [name.strip() for name in str(value).split(",") if name.strip()]
    if names in ([], ["all"]):
        return []
    for name in names:
        if name not in NAMED:
            raise invalid_value(name, "not_a_enum_symbol", path)
    return names


FIELDS = Field("fields", check_field_names, default=(), single=True)


def invalid_parameter(declared: tuple[str, str], value: str) -> EarlyResponse:
    """Build the error for a filter that passed the schema and is invalid."""
    name, expected = declared
    message = f"the {name} parameter expected type is {expected}, but the value is {value}"
    return EarlyResponse(error_response(400, "INVALID_PARAMETER", message))


def check_filters(query: Row) -> None:
    """Refuse what the handler, not the schema, refuses: an address or a version that is none."""
    version, address = query["proto_ver"], query["ip_address"]
    if version is not None and not version.isdecimal():
        raise invalid_parameter(("proto_ver", "integer"), version)
    try:
        if address is not None:
            ipaddress.ip_address(address)
    except ValueError:
        raise invalid_parameter(("ip_address", "ip"), address) from None


def exact_filters(query: Row) -> list[ClientFilter]:
    """Return the exact filters of a query; none of them looks at a client unless its parameter was given."""
    filters = [equals(read, query[name]) for name, read in EXACT.items() if query[name] is not None]
    for name, read in LISTED.items():
        if query[name]:
            filters.append(is_listed(read, query[name]))
    for name, read_time in TIMES.items():
        low, high = query[f"gte_{name}"], query[f"lte_{name}"]
        if low is not None or high is not None:
            filters.append(is_between(read_time, low, high))
    return filters


def equals(read: Callable[[Client], object], value: object) -> ClientFilter:
    """Return a filter by one value."""
    return lambda client: read(client) == value


def is_listed(read: Callable[[Client], str], values: list[str]) -> ClientFilter:
    """Return a filter by several values."""
    return lambda client: read(client) in values


def is_between(read_time: Callable[[Client], float], low: int | None, high: int | None) -> ClientFilter:
    """Return a filter by a range of time in milliseconds, open where a bound is None."""
    first, last = -inf if low is None else low, inf if high is None else high
    return lambda client: first <= read_time(client) * 1000 <= last


def fuzzy_filters(query: Row) -> list[ClientFilter]:
    """Return the fuzzy filters of a query, which EMQX applies after it has read its table."""
    return [contains(LISTED[name.removeprefix("like_")], query[name]) for name in FUZZY if query[name]]


def contains(read: Callable[[Client], str], part: str) -> ClientFilter:
    """Return a filter by a part of a text."""
    return lambda client: part in read(client)


def select_clients(clients: Iterable[Client], filters: list[ClientFilter]) -> list[Client]:
    """Return the clients that pass every filter."""
    return [client for client in clients if all(matches(client) for matches in filters)]


def sort_clients(clients: Iterable[Client], node: str) -> list[Client]:
    """Sort one node's clients as its table gives them out: by id, last first."""
    own = [client for client in clients if client.node == node]
    return sorted(own, key=lambda client: sort_key(client.clientid), reverse=True)


def sort_key(clientid: str) -> bytes:
    """Return what EMQX compares: the bytes of the id."""
    return clientid.encode("utf-8", "replace")


def selected_nodes(call: Call) -> list[str]:
    """Return the `node` filter, or all running nodes. Raises EarlyResponse (500 NODE_DOWN)."""
    name = call.query["node"]
    if name is None or name in call.cluster.running():
        return call.cluster.running() if name is None else [name]
    if name in call.cluster.nodes:
        message = f"bad rpc call '{name}', Reason nodedown"
    else:
        message = f'bad rpc call <<"{name}">>, Reason <<"invalid node">>'
    raise EarlyResponse(error_response(500, "NODE_DOWN", message))


@route("GET", "/clients", query=("page", "node", "client_filters", FIELDS))
def list_clients(call: Call) -> Response:
    """List clients, a page at a time."""
    check_filters(call.query)
    nodes = selected_nodes(call)
    filters = [*exact_filters(call.query), *fuzzy_filters(call.query)]
    fitting = select_clients(call.cluster.clients.values(), filters)
    ordered = [client for node in nodes for client in sort_clients(fitting, node)]
    page = cut_page(ordered, call.query, counted=not any(call.query[name] for name in FUZZY))
    names = call.query["fields"]
    rows = [client.row() for client in page["data"]]
    page["data"] = [{key: row[key] for key in names if key in row} for row in rows] if names else rows
    return json_response(page)


@route("GET", "/clients_v2", query=("cursor", "client_filters", FIELDS))
def list_by_cursor(call: Call) -> Response:
    """List clients from a cursor on; `node` and `fields` have no effect."""
    check_filters(call.query)
    place: Position | None = (call.cluster.self_node, "")
    if call.query["cursor"] is not None:
        place = parse_cursor(call.query["cursor"])
        if place is None or place[0] not in call.cluster.nodes:
            return error_response(400, "BAD_REQUEST", "bad cursor")
    clients: list[Client] = []
    while place and len(clients) < call.query["limit"]:
        chunk, place = read_chunk(call, place)
        clients = select_clients(chunk, fuzzy_filters(call.query)) + clients
    meta: Row = {"count": len(clients)}
    if place:
        meta["cursor"] = format_cursor(*place)
    return json_response({"data": [client.row() for client in clients], "meta": meta})


def read_chunk(call: Call, place: Position) -> tuple[list[Client], Position | None]:
    """Read `limit` clients of one node's table from a place on, and the next place: None at the end of all.

    A chunk is put before those that did not fill a page, so pages can be out of order and longer than `limit`
    (recorded). A node whose last chunk is full needs one more, empty one.
    """
    limit, nodes = call.query["limit"], call.cluster.running()
    node, after = place
    own = sort_clients(select_clients(call.cluster.clients.values(), exact_filters(call.query)), node)
    if after:
        own = [client for client in own if sort_key(client.clientid) < sort_key(after)]
    if len(own) >= limit:
        return own[:limit], (node, own[limit - 1].clientid)
    later = nodes[nodes.index(node) + 1 :] if node in nodes else []
    return own, (later[0], "") if later else None


def find_client(call: Call) -> Client:
    """Return the client of the path. Raises EarlyResponse (404)."""
    return lookup(
        call.cluster.clients, call.bindings["clientid"], 404, "CLIENTID_NOT_FOUND", "Client ID not found"
    )


@route("GET", "/clients/{clientid}")
def show_client(call: Call) -> Response:
    """Show one client; `fields` has no effect here."""
    return json_response(find_client(call).row())


@route("DELETE", "/clients/{clientid}")
def kick_client(call: Call) -> Response:
    """End one session."""
    call.cluster.kick(find_client(call).clientid)
    return Response(204)


@route("POST", "/clients/kickout/bulk", body=Body(array=True, element=check_text))
def kick_clients(call: Call) -> Response:
    """End many sessions; 204 whatever was found."""
    for clientid in call.body:
        call.cluster.kick(clientid)
    return Response(204)


@route("PUT", "/clients/{clientid}/keepalive", body=Body("keepalive"))
def set_keepalive(call: Call) -> Response:
    """Change a client's keep-alive."""
    if call.body["interval"] is None:
        return error_response(400, "BAD_REQUEST", "Interval Not Found")
    client = find_client(call)
    client.fields["keepalive"] = call.body["interval"]
    return json_response(client.row())


@route("GET", "/clients/{clientid}/authorization/cache")
def show_authz_cache(call: Call) -> Response:
    """List what a client was allowed and denied lately."""
    return json_response(find_client(call).authz_cache)


@route("DELETE", "/clients/{clientid}/authorization/cache")
def clear_authz_cache(call: Call) -> Response:
    """Delete what a client was allowed and denied."""
    find_client(call).authz_cache.clear()
    return Response(204)


@route("DELETE", "/authorization/cache")
def clear_all_authz_caches(call: Call) -> Response:
    """Delete what all clients were allowed and denied."""
    for client in call.cluster.clients.values():
        client.authz_cache.clear()
    return Response(204)


@route("GET", "/sessions_count", query="sessions_count")
def count_sessions(call: Call) -> Response:
    """Count the sessions, as a bare number; `since` has no effect without durable sessions."""
    return json_response(len(call.cluster.clients))
