"""`emqxctl clients why`: why a client is not connected, or not well."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from emqxctl.api.listing import iterate_list
from emqxctl.api.parallel import Fetch, Fetched, fetch_all, fetch_list, fetch_one
from emqxctl.cli.command import command
from emqxctl.cli.options import ClientArgument
from emqxctl.cli.session import Session
from emqxctl.commands.clients.why import _trace
from emqxctl.commands.clients.why._causes import PATIENCE, Known, causes, quoted
from emqxctl.commands.clients.why._report import page
from emqxctl.commands.topics.who import identity
from emqxctl.diagnosis import access
from emqxctl.emqx.acl import AccessRequest, ClientIdentity
from emqxctl.emqx.bans import ban_applies
from emqxctl.errors import UnsupportedError
from emqxctl.output.results import Report, Row

Username = Annotated[str | None, typer.Option(metavar="NAME", help="Its user name, if not connected.")]
Ip = Annotated[str | None, typer.Option(metavar="ADDRESS", help="Its address, if not connected.")]

KICKS = ("/clients/:clientid", "/clients/kickout/bulk")  # the audit log's names for what kicks
AUDITED = 1000  # entries of the audit log looked through; it keeps 5000


@command(
    calls=(
        "GET /clients/{clientid}",
        "GET /clients",
        "GET /clients/{clientid}/subscriptions",
        "GET /banned",
        "GET /authentication/{id}/status",
        "GET /listeners",
        "GET /alarms",
        "GET /slow_subscriptions",
        "GET /configs/global_zone",
        "GET /trace",
        "GET /trace/{name}/log",
        "GET /audit",
        *access.ACCESS_CALLS,
    ),
    examples=(
        "emqxctl clients why dev-1",
        "emqxctl clients why dev-1 --username ann --ip 10.0.3.7",
        "emqxctl clients why dev-1 -o json --query 'causes[0].cause'",
    ),
)
def why(session: Session, clientid: ClientArgument, username: Username = None, ip: Ip = None) -> Report:
    """Find out why a client is not connected, or not well.

    Bans, authentication, authorization of its subscriptions, queues, listeners, alarms and traces are read
    and the causes put in order of what speaks for them. For one that is not connected, --username and --ip
    say what it would come with. Exit 8 when it is not connected.
    """
    parts = fetch_all(session.client, first_reads(clientid))
    if parts["client"].error:
        raise parts["client"].error
    shown = parts["client"].value
    who = identity(clientid, shown, username, ip)
    chain = access.list_enabled_authenticators(parts)
    traces = _trace.of_client(parts["traces"].value, clientid, who.address)
    parts |= fetch_all(session.client, second_reads(who, chain, traces))
    who = who._replace(superuser=access.is_superuser(parts, chain))
    known = put_together(parts, who, shown, traces)
    found = causes(known, f"emqxctl traces tail --client {quoted(clientid)}")
    return page(
        known, found, decides(parts, who) | {"caveat": access.describe_hidden_rules(parts, chain) or None}
    )


def first_reads(clientid: str) -> dict[str, Fetch]:
    """Give what is read before the user is known."""
    from emqxctl.commands.alarms import ALARMS

    return {
        "client": client(clientid),
        "subscriptions": fetch_one("/clients/{clientid}/subscriptions", clientid),
        "listeners": fetch_one("/listeners"),
        "alarms": fetch_list(ALARMS),
        "slow subscriptions": fetch_one("/slow_subscriptions"),
        "settings of MQTT": fetch_one("/configs/global_zone"),
        "traces": fetch_one("/trace"),
        **access.list_fetches(clientid),
    }


def client(clientid: str) -> Fetch:
    """Make the reading of a client; one that no path can name is looked up in the list."""
    if clientid not in {".", ".."}:
        return fetch_one("/clients/{clientid}", clientid)

    def read(api: Any) -> Any:  # noqa: ANN401  # the client must not be imported for a type
        from emqxctl.api.pagination import page_rows

        found = page_rows(api.get("/clients", query={"clientid": clientid}))
        return next((each for each in found if each.get("clientid") == clientid), None)

    return read


def second_reads(
    who: ClientIdentity, chain: Sequence[Row], traces: Sequence[Mapping[str, Any]]
) -> dict[str, Fetch]:
    """Give what is read of the user, its authenticators, the traces that follow it, and who kicked it."""
    found: dict[str, Fetch] = {"bans": lambda api: bans(api, who), **access.list_user_fetches(who, chain)}
    for each in chain:
        name = str(each.get("id"))
        found[f"attempts at {name}"] = fetch_one("/authentication/{id}/status", name)
    for trace in traces:
        found[f"trace {trace.get('name')}"] = _trace.tail(trace)
    found["kicks"] = kicks(str(who.clientid))
    return found


def kicks(clientid: str) -> Fetch:
    """Make the reading of who kicked a client, last first, where there is an audit log (Enterprise)."""

    def read(api: Any) -> list[Row]:  # noqa: ANN401  # the client must not be imported for a type
        from itertools import islice

        from emqxctl.resource import Paging, Resource

        log = Resource(noun="entry", path="/audit", key="created_at", columns=(), paging=Paging.PAGES)
        try:
            entries = list(islice(iterate_list(api, log), AUDITED))
        except UnsupportedError:
            return []
        return [each for each in entries if is_kick(each, clientid)]

    return read


def is_kick(entry: Row, clientid: str) -> bool:
    """Tell whether an entry of the audit log is the kick of this client."""
    request = entry.get("http_request")
    if entry.get("operation_id") not in KICKS or not isinstance(request, Mapping):
        return False
    named, body = request.get("bindings"), request.get("body")
    if entry.get("http_method") == "delete" and isinstance(named, Mapping):
        return named.get("clientid") == clientid
    return isinstance(body, list) and clientid in body


def put_together(
    parts: Mapping[str, Fetched], who: ClientIdentity, shown: object, traces: Sequence[Mapping[str, Any]]
) -> Known:
    """Put together what is known."""
    clientid = str(who.clientid)
    told = _trace.told(traces, parts, clientid)
    slow = access.get_nested_rows(parts["slow subscriptions"], "data")
    return Known(
        clientid,
        shown if isinstance(shown, Mapping) else None,
        bans=parts["bans"].value[0] if parts["bans"].value else (),
        bans_open=parts["bans"].value[1] if parts["bans"].value else (),
        authentication=authentication(parts, who),
        subscriptions=subscriptions(parts, who),
        listeners=access.objects(parts["listeners"].value),
        alarms=[one for one in access.objects(parts["alarms"].value) if concerns(one, clientid)],
        kicks=access.objects(parts["kicks"].value),
        slow=[one for one in slow if one.get("clientid") == clientid],
        trace=told._asdict() if told else None,
        unread=access.list_unavailable(parts),
        patience=patience(parts["settings of MQTT"].value),
        username=who.username,
        address=who.address,
    )


def patience(zone: object) -> float:
    """Give how many times its keep-alive a client may be silent."""
    mqtt = zone.get("mqtt") if isinstance(zone, Mapping) else None
    found = mqtt.get("keepalive_multiplier") if isinstance(mqtt, Mapping) else None
    return float(found) if isinstance(found, int | float) else PATIENCE


def bans(api: Any, who: ClientIdentity) -> tuple[list[Row], list[Row]]:  # noqa: ANN401  # as above
    """Give the bans that hit it, and those that may, as what they are by is not known."""
    from emqxctl.commands.banned import BANNED

    client = {"clientid": who.clientid, "username": who.username, "address": who.address}
    now = datetime.now(UTC)
    found: list[Row] = []
    maybe: list[Row] = []
    for ban in iterate_list(api, BANNED):
        hit = ban_applies(ban, client, now)
        if hit is not False:
            (found if hit else maybe).append(ban)
    return found, maybe


def authentication(parts: Mapping[str, Fetched], who: ClientIdentity) -> list[Row]:
    """Say of each authenticator whether it knows the client (null: cannot be told), and its counters."""
    found = []
    for each in access.list_enabled_authenticators(parts):
        name = str(each.get("id"))
        user = access.get_user_id(each, who) or None
        part = parts.get(f"user in {name}")
        known = part.value is not None if part and not part.error else None
        row: Row = {"id": name, "user": user, "known": known}
        status = parts[f"attempts at {name}"].value
        counted = status.get("metrics") if isinstance(status, Mapping) else None
        counters = counted if isinstance(counted, Mapping) else {}
        row |= {field: counters.get(field) for field in ("success", "failed", "nomatch", "total")}
        found.append(row | {"status": status.get("status") if isinstance(status, Mapping) else None})
    return found


def subscriptions(parts: Mapping[str, Fetched], who: ClientIdentity) -> list[Row]:
    """Give its subscriptions, each with what authorization says of it now."""
    found = []
    for row in access.objects(parts["subscriptions"].value):
        qos = row.get("qos")
        wanted = AccessRequest("subscribe", str(row.get("topic", "")), qos if isinstance(qos, int) else None)
        found.append(
            row | {"authorization": access.verdict_to_object(access.evaluate_access(parts, who, wanted))}
        )
    return found


def concerns(alarm: Row, clientid: str) -> bool:
    """Tell whether an alarm is about this client: `conn_congestion/CLIENTID/USERNAME`."""
    return f"{alarm.get('name')}/".startswith(f"conn_congestion/{clientid}/")


def decides(parts: Mapping[str, Fetched], who: ClientIdentity) -> Row:
    """Say what authorization goes by: the sources in order, the rules that the API shows, `no_match`."""
    found = access.build_sources(parts)
    return {
        "superuser": who.superuser,
        "no_match": access.get_no_match(parts) or None,
        "sources": [
            {
                "source": source.name,
                "shown": source.rules is not None,
                "why": source.hidden_reason or None,
                "rules": [{"whose": whose, "rule": rule.text} for whose, rule in source.rules or ()],
            }
            for source in found
        ],
    }
