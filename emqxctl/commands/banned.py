"""`emqxctl banned`: clients, users and addresses kept out."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from emqxctl.cli.bulk.targets import explicit_targets, run_bulk, select_keys, select_targets
from emqxctl.cli.bulk.task import BulkTask, one_by_one
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.clients._resource import CLIENTS
from emqxctl.errors import ExitCode, UsageError
from emqxctl.output.formatters import format_relative_time
from emqxctl.output.results import Done, Result
from emqxctl.resource import Column, Filter, Paging, Resource
from emqxctl.text.units import parse_duration, parse_time
from emqxctl.verbs import stock

BANNED = Resource(
    noun="ban",
    path="/banned",
    key="who",
    columns=(
        Column("as"),
        Column("who"),
        Column("until", format=format_relative_time),
        Column("reason"),
        Column("by"),
        Column("at", wide=True),
    ),
    paging=Paging.PAGES,
    row_key=("as", "who"),
    filters=(
        Filter("clientid", "Only the ban of this client id."),
        Filter("username", "Only the ban of this user name."),
        Filter("peerhost", "Only the ban of this address."),
        Filter("like_clientid", "Client ids that match this regular expression."),
        Filter("like_username", "User names that match this regular expression."),
        Filter("like_peerhost", "Addresses that match this regular expression."),
        Filter("like_peerhost_net", "Networks that match this regular expression."),
    ),
)


class BanKind(StrEnum):
    """What a ban is by; the `_re` ones are regular expressions, `peerhost_net` a network (5.7+)."""

    clientid = "clientid"
    username = "username"
    peerhost = "peerhost"
    clientid_re = "clientid_re"
    username_re = "username_re"
    peerhost_net = "peerhost_net"


Kind = Annotated[BanKind, typer.Argument(help="What is banned.", show_choices=True)]
Who = Annotated[
    list[str] | None, typer.Argument(metavar="[WHO]...", help="Ids, names, addresses, networks or patterns.")
]

app = new_group("Bans: clients, users and addresses kept out.")
stock.add_list(
    app,
    BANNED,
    examples=("emqxctl banned list", "emqxctl banned list --clientid dev-1", "emqxctl banned list -o csv"),
)


@app.command()
@command(
    calls=("POST /banned", "GET /clients"),
    examples=(
        "emqxctl banned add clientid dev-1 --for 2h --reason 'floods'",
        "emqxctl banned add peerhost_net 10.1.0.0/16 --until 2026-12-01T00:00:00Z",
        "emqxctl banned add clientid --where 'mqueue_len>5000' --for 1h --yes",
    ),
    effect=Effect.WRITE,
    bulk=True,
)
def add(
    session: Session,
    kind: Kind,
    who: Who = None,
    for_: Annotated[str | None, typer.Option("--for", metavar="TIME", help="How long: 30m, 2h, 7d.")] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Until when (RFC 3339).")] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why, for whoever lists it.")] = None,
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Who bans (default: mgmt_api).")] = None,
) -> Result:
    """Ban clients, users or addresses; for ever unless limited.

    --where selects connected clients, whose id, user name or address is then banned.
    """
    end = ending(for_, until)
    wanted = {"as": kind.value, "until": end, "reason": reason, "by": by}
    body = {name: value for name, value in wanted.items() if value is not None}
    targets = targets_of(session, kind, who or [])
    if len(targets) == 1 and not session.settings.where:
        made = session.client.post("/banned", body={**body, "who": targets[0]})
        found: dict[str, object] = made if isinstance(made, dict) else {**body, "who": targets[0]}
        return Done(
            f"banned {kind.value} {targets[0]!r}" + (f" until {end}" if end else " for ever"),
            found,
            key="who",
        )
    deed = one_by_one(
        lambda api, one: api.post("/banned", body={**body, "who": one}),
        skip_exit_code=ExitCode.REFUSED,
        skip_error_code="ALREADY_EXISTS",
        skip_reason="already banned",
    )
    return run_bulk(session, BulkTask("ban", "banned", kind.value, "who", targets, deed))


OF_CLIENT = {"clientid": "clientid", "username": "username", "peerhost": "ip_address"}


def targets_of(session: Session, kind: BanKind, who: list[str]) -> list[str]:
    """Give who is to be banned: named, or found among the clients. Raises UsageError for nobody."""
    targets = explicit_targets(session, who, "ban", "who")
    if session.settings.where or session.settings.all:
        if kind.value not in OF_CLIENT:
            message = f"--where selects clients, which have no {kind.value}"
            raise UsageError(message, hint="--where goes with clientid, username and peerhost")
        found = select_keys(session, CLIENTS, OF_CLIENT[kind.value])
        targets = list(dict.fromkeys([*targets, *found]))
    elif not targets and not (session.settings.ids or session.settings.resume):
        message = "who is to be banned?"
        raise UsageError(message, hint="name them, or give --ids FILE or --where TEST")
    return targets


def ending(length: str | None, until: str | None) -> str | None:
    """Give the end of a ban as RFC 3339, None for no end. Raises UsageError for both or an unreadable one."""
    if length and until:
        message = "--for and --until say the same thing"
        raise UsageError(message, hint="give one of them")
    try:
        if length:
            return (datetime.now(UTC) + timedelta(seconds=parse_duration(length))).isoformat(
                timespec="seconds"
            )
        return parse_time(until).isoformat() if until else None
    except (ValueError, OverflowError) as error:
        message = f"{'--for' if length else '--until'}: {error}"
        raise UsageError(message) from error


@app.command()
@command(
    calls=("DELETE /banned/{as}/{who}", "GET /banned"),
    examples=(
        "emqxctl banned delete clientid dev-1 --yes",
        "emqxctl banned delete clientid --where 'reason=floods' --yes",
    ),
    effect=Effect.DESTROY,
    bulk=True,
)
def delete(session: Session, kind: Kind, who: Who = None) -> Result:
    """Lift bans."""
    targets = select_targets(session, who or [], "lift", BANNED, f"as={kind.value}")
    if len(targets) == 1 and who:
        session.confirm(f"lift the ban of {kind.value} {targets[0]!r}")
        session.client.delete("/banned/{as}/{who}", kind.value, targets[0])
        found: dict[str, object] = {"as": kind.value, "who": targets[0]}
        return Done(f"lifted the ban of {kind.value} {targets[0]!r}", found, key="who")
    deed = one_by_one(
        lambda api, one: api.delete("/banned/{as}/{who}", kind.value, one),
        skip_exit_code=ExitCode.NOT_FOUND,
        skip_reason="not banned",
    )
    return run_bulk(session, BulkTask("lift", "lifted", "ban", "who", targets, deed))


@app.command()
@command(
    calls=("GET /banned", "DELETE /banned"), examples=("emqxctl banned clear --yes",), effect=Effect.DESTROY
)
def clear(session: Session) -> Done:
    """Lift every ban."""
    answer = session.client.get("/banned", query={"limit": 1})
    meta = answer.get("meta", {}) if isinstance(answer, dict) else {}
    count = meta.get("count", "all")
    session.confirm(f"lift {count} bans")
    session.client.delete("/banned")
    return Done(f"lifted {count} bans", {"cleared": count})
