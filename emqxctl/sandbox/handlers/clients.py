"""The clients, their sessions and what waits for them: `/clients`, `/clients_v2`, `/sessions_count`."""

import ipaddress
import re
from collections.abc import Iterable

from emqxctl.sandbox.handlers._items import Items
from emqxctl.sandbox.http.paging import (
    Filter,
    Position,
    Readers,
    cut_page,
    exact_filters,
    format_cursor,
    fuzzy_filters,
    parse_cursor,
    range_filters,
    select,
)
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.fields import Field
from emqxctl.sandbox.schema.refusals import refuse, refuse_request, refuse_with
from emqxctl.sandbox.schema.types import invalid_value
from emqxctl.sandbox.state.records import Client, Message

# What each filter of the query compares.
LISTED: Readers[Client] = {
    "clientid": lambda client: client.clientid,
    "username": lambda client: client.username or "",
}
EXACT: Readers[Client] = {
    "clean_start": lambda client: client.clean_start,
    "ip_address": lambda client: client.fields.get("ip_address", "127.0.0.1"),
    "proto_ver": lambda client: str(client.fields.get("proto_ver", 5)),
    "conn_state": lambda client: "connected" if client.connected else "disconnected",
    **LISTED,
}
TIMES: Readers[Client] = {
    "created_at": lambda client: client.created_at * 1000,
    "connected_at": lambda client: client.connected_at * 1000,
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


def check_filters(query: Row) -> None:
    """Refuse what the handler, not the schema, refuses: an address or a version that is none."""
    version, address = query["proto_ver"], query["ip_address"]
    if version is not None and not version.isdecimal():
        refuse("clients.bad_filter", "proto_ver", "integer", version)
    try:
        if address is not None:
            ipaddress.ip_address(address)
    except ValueError:
        refuse("clients.bad_filter", "ip_address", "ip", address)


def table_filters(query: Row) -> list[Filter[Client]]:
    """Return the filters that EMQX applies as it reads its table, before the fuzzy ones."""
    return [*exact_filters(query, EXACT), *range_filters(query, TIMES)]


def sort_clients(clients: Iterable[Client], node: str) -> list[Client]:
    """Sort one node's clients as its table gives them out: by id, last first."""
    own = [client for client in clients if client.node == node]
    return sorted(own, key=lambda client: sort_key(client.clientid), reverse=True)


def sort_key(clientid: str) -> bytes:
    """Return what EMQX compares: the bytes of the id."""
    return clientid.encode("utf-8", "replace")


def selected_nodes(call: Call) -> list[str]:
    """Return the `node` filter, or all running nodes. Raises EarlyResponse (500 NODE_DOWN)."""
    name, running = call.query["node"], call.cluster.running()
    if name is not None and name not in running:
        refuse("clients.node_down" if name in call.cluster.nodes else "clients.invalid_node", name)
    return running if name is None else [name]


@route("GET", "/clients", query=("page", "node", "client_filters", FIELDS))
def list_clients(call: Call) -> Json:
    """List clients, a page at a time."""
    check_filters(call.query)
    nodes = selected_nodes(call)
    filters = [*table_filters(call.query), *fuzzy_filters(call.query, LISTED)]
    fitting = select(call.cluster.clients.values(), filters)
    ordered = [client for node in nodes for client in sort_clients(fitting, node)]
    page = cut_page(ordered, call.query, counted=not fuzzy_filters(call.query, LISTED))
    names = call.query["fields"]
    rows = [client.row() for client in page["data"]]
    page["data"] = [{key: row[key] for key in names if key in row} for row in rows] if names else rows
    return page


@route("GET", "/clients_v2", query=("cursor", "client_filters", FIELDS))
def list_by_cursor(call: Call) -> Json:
    """List clients from a cursor on; `node` and `fields` have no effect."""
    check_filters(call.query)
    place: Position | None = (call.cluster.self_node, "")
    if call.query["cursor"] is not None:
        place = parse_cursor(call.query["cursor"])
        if place is None or place[0] not in call.cluster.nodes:
            refuse_request("bad cursor")
    clients: list[Client] = []
    while place and len(clients) < call.query["limit"]:
        chunk, place = read_chunk(call, place)
        clients = select(chunk, fuzzy_filters(call.query, LISTED)) + clients
    meta: Row = {"count": len(clients)}
    if place:
        meta["cursor"] = format_cursor(*place)
    return {"data": [client.row() for client in clients], "meta": meta}


def read_chunk(call: Call, place: Position) -> tuple[list[Client], Position | None]:
    """Read `limit` clients of one node's table from a place on, and the next place: None at the end of all.

    A chunk is put before those that did not fill a page, so pages can be out of order and longer than `limit`
    (recorded). A node whose last chunk is full needs one more, empty one.
    """
    limit, nodes = call.query["limit"], call.cluster.running()
    node, after = place
    own = sort_clients(select(call.cluster.clients.values(), table_filters(call.query)), node)
    if after:
        own = [client for client in own if sort_key(client.clientid) < sort_key(after)]
    if len(own) >= limit:
        return own[:limit], (node, own[limit - 1].clientid)
    later = nodes[nodes.index(node) + 1 :] if node in nodes else []
    return own, (later[0], "") if later else None


CLIENTS = Items("clients", lambda _call, _clientid, client: client.row())  # `fields` has no effect here


def kick_client(call: Call) -> None:
    """End one session."""
    call.cluster.kick(CLIENTS.find(call).clientid)


def kick_clients(call: Call) -> None:
    """End many sessions; 204 whatever was found."""
    for clientid in call.body:
        call.cluster.kick(clientid)


def set_keepalive(call: Call) -> Json:
    """Change a client's keep-alive."""
    if call.body["interval"] is None:
        refuse_request("Interval Not Found")
    client = CLIENTS.find(call)
    client.fields["keepalive"] = call.body["interval"]
    return client.row()


def show_authz_cache(call: Call) -> Json:
    """List what a client was allowed and denied lately."""
    return CLIENTS.find(call).authz_cache


def clear_authz_cache(call: Call) -> None:
    """Delete what a client was allowed and denied."""
    CLIENTS.find(call).authz_cache.clear()


def clear_all_authz_caches(call: Call) -> None:
    """Delete what all clients were allowed and denied."""
    for client in call.cluster.clients.values():
        client.authz_cache.clear()


def count_sessions(call: Call) -> Json:
    """Count the sessions, as a bare number; `since` has no effect without durable sessions."""
    return len(call.cluster.clients)


def list_queued(call: Call) -> Json:
    """List the messages that wait in a client's queue; a position is `<time>_<priority>`."""
    return list_messages(call, CLIENTS.find(call).mqueue, "_0")


def list_inflight(call: Call) -> Json:
    """List the messages that a client has not acknowledged; a position is `<time>`."""
    return list_messages(call, CLIENTS.find(call).inflight, "")


def list_messages(call: Call, messages: list[Message], suffix: str) -> Json:
    """List messages from a position on.

    What `max_payload_bytes` cuts off is skipped by the position given back: EMQX loses them so (#18509).
    """
    position = call.query["position"]
    if position != "none" and not re.fullmatch(r"\d+" + suffix, position):
        refuse_with(400, "INVALID_PARAMETER", "position_limit_invalid")
    start = f"{messages[0].inserted_at}{suffix}" if messages else "none"
    after = -1 if position == "none" else int(position.removesuffix(suffix or "\0"))
    page = [message for message in messages if message.inserted_at > after][: call.query["limit"]]
    end = f"{page[-1].inserted_at}{suffix}" if page else position if messages else "none"
    rows = message_rows(page, call.query, with_priority=bool(suffix))
    return {"data": rows, "meta": {"start": start, "position": end}}


def message_rows(messages: list[Message], query: Row, *, with_priority: bool) -> list[Row]:
    """Return messages until their payloads pass the limit; the first one is always written."""
    rows: list[Row] = []
    room = query["max_payload_bytes"]
    for message in messages:
        row = message.queued_row(query["payload"])
        room -= len(message.payload) if "payload" in row else 0
        if rows and room < 0:
            break
        rows.append(row | {"mqueue_priority": 0} if with_priority else row)
    return rows
