"""The bans: `/banned`."""

import ipaddress
import re
from collections.abc import Callable

from emqxctl.sandbox.http.paging import one_page
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Answer, Row, answer_error, answer_json, erlang_json
from emqxctl.sandbox.schema.refusals import refuse_request
from emqxctl.sandbox.schema.types import InvalidError, enum_of
from emqxctl.sandbox.schema.validation import Body
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
def list_bans(call: Call) -> Answer:
    """List the bans, all of them or those that one filter fits."""
    given = [name for name in (*EXACT, *FUZZY) if call.query[name] is not None]
    if len(given) > 1:
        refuse_request(TOO_MANY)
    bans = call.cluster.live_bans()
    if given:
        fits = make_filter(given[0], call.query[given[0]])
        bans = [ban for ban in bans if fits(ban)]
    fuzzy = bool(given) and given[0] in FUZZY
    rows = [ban.row() for ban in bans]
    return answer_json(one_page(rows, call.query, counted=not fuzzy, hints=bool(given)))


def make_filter(name: str, value: str) -> Callable[[Ban], bool]:
    """Make the test of one filter. Raises AnswerNow (400) when its value makes none."""
    if name in EXACT:
        if name == "peerhost":
            check_address(value)
        return lambda ban: (ban.kind, ban.who) == (name, value)
    try:
        pattern = re.compile(value)
    except re.error as error:
        refuse_request(str(error))
    return lambda ban: ban.kind in FUZZY[name] and pattern.search(ban.who) is not None


def check_address(value: str) -> None:
    """Raise AnswerNow (400) for what is no IP address."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        refuse_request(BAD_ADDRESS)


def check_who(kind: str, who: str) -> None:
    """Raise AnswerNow (400) when `who` is not of its kind: an address, a network, a pattern."""
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
            refuse_request(write_regex_error(error))


def write_regex_error(error: re.error) -> str:
    """Write what is wrong with a pattern, and where, as an Erlang term."""
    return f'{{"{error.msg}",{error.pos or 0}}}'


@route("POST", "/banned", body=Body("ban"))
def ban(call: Call) -> Answer:
    """Ban a client, a user, an address or a network; an existing ban is not changed."""
    wish, now = call.body, int(call.cluster.now())
    kind, who, end = wish["as"], wish["who"], wish["until"]
    check_who(kind, who)
    if isinstance(end, int) and end <= now:
        refuse_request(write_expired(now, end))
    existing = [one for one in call.cluster.live_bans() if (one.kind, one.who) == (kind, who)]
    if existing:
        return answer_error(400, "ALREADY_EXISTS", erlang_json(in_recorded_order(existing[0].row())))
    made = Ban(kind, who, wish["by"], wish["reason"], wish["at"] or now, end)
    call.cluster.bans[kind, who] = made
    return answer_json(made.row())


def write_expired(now: int, end: int) -> str:
    """Write why a ban cannot end in the past, as EMQX 5.8.9 prints it: codes and texts on two lines."""
    codes = [str(ord(character)) for character in "Cannot create expired banned, "]
    first, second = ",".join(codes[:20]), ",".join(codes[20:])
    return f'[{first},\n {second},"{now}",32,116,111,32,"{end}"]'


def in_recorded_order(row: Row) -> Row:
    """Turn the fields of a ban around, as EMQX does in its error text."""
    return dict(reversed(row.items()))


@route("DELETE", "/banned")
def lift_all(call: Call) -> Answer:
    """Lift every ban."""
    call.cluster.bans.clear()
    return Answer(204)


@route("DELETE", "/banned/{as}/{who}")
def lift(call: Call) -> Answer:
    """Lift one ban."""
    kind, who = call.bindings["as"], call.bindings["who"]
    try:
        enum_of(*KINDS)(kind, "as")
    except InvalidError as invalid:
        refuse_request(erlang_json(invalid.details))
    call.cluster.live_bans()
    if call.cluster.bans.pop((kind, who), None) is None:
        return answer_error(404, "NOT_FOUND", f"{kind}: {who} not found")
    return Answer(204)
