"""Bans: `/banned`."""

import ipaddress
import re
from collections.abc import Callable

from emqxctl.sandbox.http.paging import cut_page
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Response, Row, error_response, format_erlang_json, json_response
from emqxctl.sandbox.schema.factories import enum_of
from emqxctl.sandbox.schema.refusals import refuse_request
from emqxctl.sandbox.schema.validation import Body, check_parameter
from emqxctl.sandbox.state.records import Ban

KINDS = ("clientid", "username", "peerhost", "clientid_re", "username_re", "peerhost_net")
EXACT = ("clientid", "username", "peerhost")
# A fuzzy filter is a regular expression over the bans of these kinds.
FUZZY = {
    "like_clientid": ("clientid", "clientid_re"),
    "like_username": ("username", "username_re"),
    "like_peerhost": ("peerhost",),
    "like_peerhost_net": ("peerhost_net",),
}


TOO_MANY = "too_many_filters"
BAD_ADDRESS = '"bad peerhost"'
BAD_NETWORK = "function_clause"


@route("GET", "/banned", query="bans")
def list_bans(call: Call) -> Response:
    """List the bans, all of them or those that match one filter."""
    filters = [name for name in (*EXACT, *FUZZY) if call.query[name] is not None]
    if len(filters) > 1:
        refuse_request(TOO_MANY)
    bans = call.cluster.live_bans()
    if filters:
        fits = build_filter(filters[0], call.query[filters[0]])
        bans = [ban for ban in bans if fits(ban)]
    fuzzy = bool(filters) and filters[0] in FUZZY
    rows = [ban.row() for ban in bans]
    return json_response(cut_page(rows, call.query, counted=not fuzzy, hints=bool(filters)))


def build_filter(name: str, value: str) -> Callable[[Ban], bool]:
    """Build the test of one filter. Raises EarlyResponse (400) when its value makes none."""
    if name in EXACT:
        if name == "peerhost":
            check_address(value)
        return lambda ban: (ban.subject_type, ban.subject) == (name, value)
    try:
        pattern = re.compile(value)
    except re.error as error:
        refuse_request(str(error))
    return lambda ban: ban.subject_type in FUZZY[name] and pattern.search(ban.subject) is not None


def check_address(value: str) -> None:
    """Raise EarlyResponse (400) for what is no IP address."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        refuse_request(BAD_ADDRESS)


def check_subject(kind: str, who: str) -> None:
    """Raise EarlyResponse (400) when `who` is not of its kind: an address, a network, a pattern."""
    if kind == "peerhost":
        check_address(who)
    elif kind == "peerhost_net":
        try:
            ipaddress.ip_network(who, strict=False)
        except ValueError:
            refuse_request(BAD_NETWORK)
    elif kind.endswith("_re"):
        try:
            re.compile(who)
        except re.error as error:
            refuse_request(format_regex_error(error))


def format_regex_error(error: re.error) -> str:
    """Format what is wrong with a pattern, and where, as an Erlang term."""
    return f'{{"{error.msg}",{error.pos or 0}}}'


@route("POST", "/banned", body=Body("ban"))
def create_ban(call: Call) -> Response:
    """Ban a client, a user, an address or a network; an existing ban is not changed."""
    body, now = call.body, int(call.cluster.now())
    kind, who, end = body["as"], body["who"], body["until"]
    check_subject(kind, who)
    if isinstance(end, int) and end <= now:
        refuse_request(format_expired(now, end))
    existing = [old for old in call.cluster.live_bans() if (old.subject_type, old.subject) == (kind, who)]
    if existing:
        return error_response(400, "ALREADY_EXISTS", format_erlang_json(reverse_fields(existing[0].row())))
    ban = Ban(kind, who, body["by"], body["reason"], body["at"] or now, end)
    call.cluster.bans[kind, who] = ban
    return json_response(ban.row())


def format_expired(now: int, end: int) -> str:
    """Format why a ban cannot end in the past, as EMQX 5.8.9 prints it: codes and texts on two lines."""
    codes = [str(ord(character)) for character in "Cannot create expired banned, "]
    first, second = ",".join(codes[:20]), ",".join(codes[20:])
    return f'[{first},\n {second},"{now}",32,116,111,32,"{end}"]'


def reverse_fields(row: Row) -> Row:
    """Reverse the fields of a ban, as EMQX does in its error text."""
    return dict(reversed(row.items()))


@route("DELETE", "/banned")
def delete_all_bans(call: Call) -> Response:
    """Delete every ban."""
    call.cluster.bans.clear()
    return Response(204)


@route("DELETE", "/banned/{as}/{who}")
def delete_ban(call: Call) -> Response:
    """Delete one ban."""
    kind, who = call.bindings["as"], call.bindings["who"]
    check_parameter(enum_of(*KINDS), kind, "as")
    call.cluster.live_bans()
    if call.cluster.bans.pop((kind, who), None) is None:
        return error_response(404, "NOT_FOUND", f"{kind}: {who} not found")
    return Response(204)
