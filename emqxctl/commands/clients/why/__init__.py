"""`emqxctl clients why`: explain why a client is disconnected or unhealthy."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emqxctl.api.listing import iterate_list
from emqxctl.api.parallel import Fetch, Fetched, fetch_all, fetch_list, fetch_one
from emqxctl.cli.command import command
from emqxctl.cli.options import ClientArgument
from emqxctl.cli.session import Session
from emqxctl.commands.clients.why import _trace
from emqxctl.commands.clients.why._causes import (
    KEEPALIVE_MULTIPLIER,
    ClientFacts,
    list_causes,
)
from emqxctl.commands.clients.why._report import build_report
from emqxctl.diagnosis import access
from emqxctl.diagnosis.causes import quote_for_shell
from emqxctl.diagnosis.health import dict_rows, is_stopped
from emqxctl.emqx.acl import AccessRequest, ClientIdentity
from emqxctl.emqx.bans import ban_applies
from emqxctl.errors import UnsupportedError
from emqxctl.output.results import Report, Row

if TYPE_CHECKING:
    from emqxctl.api.client import Client

Username = Annotated[
    str | None, typer.Option(metavar="NAME", help="Username of a client that is not connected.")
]
Ip = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="IP address of a client that is not connected.")
]

KICK_OPERATIONS = ("/clients/:clientid", "/clients/kickout/bulk")  # ids of the operations in the audit log
MAX_AUDIT_ENTRIES = 1000  # entries of the audit log that are read; EMQX keeps 5000


@command(
    calls=(
        "GET /clients/{clientid}",
        "GET /clients",
        "GET /clients/{clientid}/subscriptions",
        "GET /banned",
        "GET /authentication/{id}/status",
        "GET /listeners",
        "GET /nodes",
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
    """Explain why a client is disconnected or unhealthy.

    Reads bans, authentication, the authorization of the client's subscriptions, queues, nodes, listeners,
    alarms, traces and the audit log, and lists causes in order of likelihood. For a client that is not
    connected, --username and --ip complete what is known of it. Exits with 8 if the client is not connected.
    """
    parts = fetch_all(session.client, first_fetches(clientid))
    if parts["client"].error:
        raise parts["client"].error
    client_row = parts["client"].value
    identity = access.identify_client(clientid, client_row, username, ip)
    authenticators = access.list_enabled_authenticators(parts)
    traces = _trace.select_traces(parts["traces"].value, clientid, identity.address)
    parts |= fetch_all(session.client, second_fetches(identity, authenticators, traces))
    identity = identity._replace(superuser=access.is_superuser(parts, authenticators))
    facts = build_facts(parts, identity, client_row, traces)
    causes = list_causes(facts, f"emqxctl traces tail --client {quote_for_shell(clientid)}")
    authorization = describe_authorization(parts, identity)
    authorization["caveat"] = access.describe_hidden_rules(parts, authenticators) or None
    return build_report(facts, causes, authorization)


def first_fetches(clientid: str) -> dict[str, Fetch]:
    """Return what is read before the client's username and address are known."""
    from emqxctl.commands.alarms import ALARMS

    return {
        "client": fetch_client(clientid),
        "subscriptions": fetch_one("/clients/{clientid}/subscriptions", clientid),
        "listeners": fetch_one("/listeners"),
        "nodes": fetch_one("/nodes"),
        "alarms": fetch_list(ALARMS),
        "slow subscriptions": fetch_one("/slow_subscriptions"),
        "MQTT settings": fetch_one("/configs/global_zone"),
        "traces": fetch_one("/trace"),
        **access.list_fetches(clientid),
    }


def fetch_client(clientid: str) -> Fetch:
    """Return the fetch of a client; an id that no path can contain is looked up in the list."""
    if clientid not in {".", ".."}:
        return fetch_one("/clients/{clientid}", clientid)

    def fetch(client: "Client") -> Any:  # noqa: ANN401  # JSON is Any
        from emqxctl.api.response import page_rows

        rows = page_rows(client.get("/clients", query={"clientid": clientid}))
        return next((row for row in rows if row.get("clientid") == clientid), None)

    return fetch


def second_fetches(
    identity: ClientIdentity, authenticators: Sequence[Row], traces: Sequence[Mapping[str, Any]]
) -> dict[str, Fetch]:
    """Return what is read of the client's bans, authenticators, traces and kicks."""
    fetches: dict[str, Fetch] = {
        "bans": lambda client: fetch_bans(client, identity),
        **access.list_user_fetches(identity, authenticators),
    }
    for authenticator in authenticators:
        name = str(authenticator.get("id"))
        fetches[f"status of {name}"] = fetch_one("/authentication/{id}/status", name)
    for trace in traces:
        fetches[f"trace {trace.get('name')}"] = _trace.fetch_log_tail(trace)
    fetches["audit log"] = fetch_kicks(str(identity.clientid))
    return fetches


def fetch_kicks(clientid: str) -> Fetch:
    """Return the fetch of a client's kicks from the audit log (Enterprise), the last first."""

    def fetch(client: "Client") -> list[Row]:
        from itertools import islice

        from emqxctl.commands.audit import AUDIT

        try:
            entries = list(islice(iterate_list(client, AUDIT), MAX_AUDIT_ENTRIES))
        except UnsupportedError:
            return []
        return [entry for entry in entries if is_kick(entry, clientid)]

    return fetch


def is_kick(entry: Row, clientid: str) -> bool:
    """Return whether an entry of the audit log is a kick of this client."""
    request = entry.get("http_request")
    if entry.get("operation_id") not in KICK_OPERATIONS or not isinstance(request, Mapping):
        return False
    bindings, body = request.get("bindings"), request.get("body")
    if entry.get("http_method") == "delete" and isinstance(bindings, Mapping):
        return bindings.get("clientid") == clientid
    return isinstance(body, list) and clientid in body


def fetch_bans(client: "Client", identity: ClientIdentity) -> tuple[list[Row], list[Row]]:
    """Return the bans that apply to a client, and those that may, as it is not known well enough."""
    from emqxctl.commands.banned import BANNED

    fields = {"clientid": identity.clientid, "username": identity.username, "address": identity.address}
    now = datetime.now(UTC)
    bans: list[Row] = []
    possible_bans: list[Row] = []
    for ban in iterate_list(client, BANNED):
        applies = ban_applies(ban, fields, now)
        if applies is not False:
            (bans if applies else possible_bans).append(ban)
    return bans, possible_bans


def build_facts(
    parts: Mapping[str, Fetched],
    identity: ClientIdentity,
    client_row: object,
    traces: Sequence[Mapping[str, Any]],
) -> ClientFacts:
    """Build the facts about a client from all that was read."""
    clientid = str(identity.clientid)
    evidence = _trace.find_evidence(traces, parts, clientid)
    bans, possible_bans = parts["bans"].value or ((), ())
    slow_subscriptions = access.get_nested_rows(parts["slow subscriptions"], "data")
    return ClientFacts(
        clientid,
        client_row if isinstance(client_row, Mapping) else None,
        bans=bans,
        possible_bans=possible_bans,
        authentication=check_authenticators(parts, identity),
        subscriptions=authorize_subscriptions(parts, identity),
        listeners=dict_rows(parts["listeners"].value),
        alarms=[alarm for alarm in dict_rows(parts["alarms"].value) if is_alarm_of(alarm, clientid)],
        kicks=dict_rows(parts["audit log"].value),
        slow_subscriptions=[row for row in slow_subscriptions if row.get("clientid") == clientid],
        trace=evidence._asdict() if evidence else None,
        unavailable=access.list_unavailable(parts),
        keepalive_multiplier=get_keepalive_multiplier(parts["MQTT settings"].value),
        username=identity.username,
        address=identity.address,
        stopped_nodes=[str(row["node"]) for row in dict_rows(parts["nodes"].value) if is_stopped(row)],
    )


def get_keepalive_multiplier(zone: object) -> float:
    """Return how many keepalive intervals a client may send nothing."""
    settings = zone.get("mqtt") if isinstance(zone, Mapping) else None
    multiplier = settings.get("keepalive_multiplier") if isinstance(settings, Mapping) else None
    return float(multiplier) if isinstance(multiplier, int | float) else KEEPALIVE_MULTIPLIER


def check_authenticators(parts: Mapping[str, Fetched], identity: ClientIdentity) -> list[Row]:
    """Return each authenticator with its counters, and whether it has the user (None: unknown)."""
    rows = []
    for authenticator in access.list_enabled_authenticators(parts):
        name = str(authenticator.get("id"))
        user_part = parts.get(f"user in {name}")
        status = parts[f"status of {name}"].value
        metrics = status.get("metrics") if isinstance(status, Mapping) else None
        counters = metrics if isinstance(metrics, Mapping) else {}
        row: Row = {
            "id": name,
            "user": access.get_user_id(authenticator, identity) or None,
            "user_exists": user_part.value is not None if user_part and not user_part.error else None,
            **{field: counters.get(field) for field in ("success", "failed", "nomatch", "total")},
            "status": status.get("status") if isinstance(status, Mapping) else None,
        }
        rows.append(row)
    return rows


def authorize_subscriptions(parts: Mapping[str, Fetched], identity: ClientIdentity) -> list[Row]:
    """Return the client's subscriptions, each with what authorization now decides for it."""
    rows = []
    for subscription in dict_rows(parts["subscriptions"].value):
        topic, qos = str(subscription.get("topic", "")), subscription.get("qos")
        request = AccessRequest("subscribe", topic, qos if isinstance(qos, int) else None)
        verdict = access.evaluate_access(parts, identity, request)
        rows.append(subscription | {"authorization": access.verdict_to_object(verdict)})
    return rows


def is_alarm_of(alarm: Row, clientid: str) -> bool:
    """Return whether an alarm is about this client: `conn_congestion/CLIENTID/USERNAME`."""
    return f"{alarm.get('name')}/".startswith(f"conn_congestion/{clientid}/")


def describe_authorization(parts: Mapping[str, Fetched], identity: ClientIdentity) -> Row:
    """Return what decides authorization: the sources in order, the rules that the API shows, `no_match`."""
    return {
        "superuser": identity.superuser,
        "no_match": access.get_no_match(parts) or None,
        "sources": [
            {
                "source": source.name,
                "visible": source.rules is not None,
                "reason": source.hidden_reason or None,
                "rules": [{"scope": scope, "rule": rule.text} for scope, rule in source.rules or ()],
            }
            for source in access.build_sources(parts)
        ],
    }
