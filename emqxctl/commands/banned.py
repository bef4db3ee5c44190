"""`emqxctl banned`: clients, users and addresses kept out."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from emqxctl.cli import stock
from emqxctl.cli.command import Effect, command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.errors import UsageError
from emqxctl.output.results import Done
from emqxctl.resource import Column, Filter, Paging, Resource
from emqxctl.values import parse_duration, parse_time
from emqxctl.writers import since

BANNED = Resource(
    noun="ban",
    path="/banned",
    key="who",
    columns=(
        Column("as"),
        Column("who"),
        Column("until", write=since),
        Column("reason"),
        Column("by"),
        Column("at", wide=True),
    ),
    paging=Paging.PAGES,
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
Who = Annotated[str, typer.Argument(metavar="WHO", help="Its id, name, address, network or pattern.")]

app = new_group("Bans: clients, users and addresses kept out.")
stock.add_list(
    app,
    BANNED,
    examples=("emqxctl banned list", "emqxctl banned list --clientid dev-1", "emqxctl banned list -o csv"),
)


@app.command()
@command(
    calls="POST /banned",
    examples=(
        "emqxctl banned add clientid dev-1 --for 2h --reason 'floods'",
        "emqxctl banned add peerhost_net 10.1.0.0/16 --until 2026-12-01T00:00:00Z",
    ),
    effect=Effect.WRITE,
)
def add(
    session: Session,
    kind: Kind,
    who: Who,
    for_: Annotated[str | None, typer.Option("--for", metavar="TIME", help="How long: 30m, 2h, 7d.")] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Until when (RFC 3339).")] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why, for whoever lists it.")] = None,
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Who bans (default: mgmt_api).")] = None,
) -> Done:
    """Ban a client, user or address; for ever unless limited."""
    end = ending(for_, until)
    wanted = {"as": kind.value, "who": who, "until": end, "reason": reason, "by": by}
    body = {name: value for name, value in wanted.items() if value is not None}
    made = session.api.post("/banned", body=body)
    found: dict[str, object] = made if isinstance(made, dict) else {**body}
    return Done(f"banned {kind.value} {who!r}" + (f" until {end}" if end else " for ever"), found, key="who")


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
    calls="DELETE /banned/{as}/{who}",
    examples=("emqxctl banned delete clientid dev-1 --yes",),
    effect=Effect.DESTROY,
)
def delete(session: Session, kind: Kind, who: Who) -> Done:
    """Lift one ban."""
    session.confirm(f"lift the ban of {kind.value} {who!r}")
    session.api.delete("/banned/{as}/{who}", kind.value, who)
    return Done(f"lifted the ban of {kind.value} {who!r}", {"as": kind.value, "who": who}, key="who")


@app.command()
@command(
    calls=("GET /banned", "DELETE /banned"), examples=("emqxctl banned clear --yes",), effect=Effect.DESTROY
)
def clear(session: Session) -> Done:
    """Lift every ban."""
    answer = session.api.get("/banned", query={"limit": 1})
    meta = answer.get("meta", {}) if isinstance(answer, dict) else {}
    count = meta.get("count", "all")
    session.confirm(f"lift {count} bans")
    session.api.delete("/banned")
    return Done(f"lifted {count} bans", {"cleared": count})
