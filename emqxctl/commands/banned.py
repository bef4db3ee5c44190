"""`emqxctl banned`: manage bans of clients, users and addresses."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer
from typer._click.types import ParamType  # as in param_types

from emqxctl.api.response import page_meta
from emqxctl.cli.bulk.resume import complete_options
from emqxctl.cli.bulk.targets import explicit_targets, run_bulk, select_keys, select_targets
from emqxctl.cli.bulk.task import BulkTask, one_by_one
from emqxctl.cli.command import command
from emqxctl.cli.completion.declared import complete_by_type
from emqxctl.cli.group import new_group
from emqxctl.cli.param_types import DURATION, TIME
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.clients._resource import CLIENTS
from emqxctl.errors import ExitCode, UsageError
from emqxctl.output.formatters import format_relative_time
from emqxctl.output.results import Done, Result
from emqxctl.resource import Column, Filter, Paging, Resource
from emqxctl.verbs.existence import create_if_missing, delete_if_exists
from emqxctl.verbs.list import add_list

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
    name_fields=("as", "who"),
    filters=(
        Filter("clientid", "Filter by banned client ID."),
        Filter("username", "Filter by banned username."),
        Filter("peerhost", "Filter by banned IP address."),
        Filter("like_clientid", "Filter by regular expression for the client ID."),
        Filter("like_username", "Filter by regular expression for the username."),
        Filter("like_peerhost", "Filter by regular expression for the IP address."),
        Filter("like_peerhost_net", "Filter by regular expression for the network."),
    ),
)


class BanKind(StrEnum):
    """What a ban applies to; the `_re` ones are regular expressions, `peerhost_net` a network (5.7+)."""

    clientid = "clientid"
    username = "username"
    peerhost = "peerhost"
    clientid_re = "clientid_re"
    username_re = "username_re"
    peerhost_net = "peerhost_net"


CLIENT_FIELDS = {"clientid": "clientid", "username": "username", "peerhost": "ip_address"}
BAN_PATH = "/banned/{as}/{who}"

KIND_SPELLINGS = {
    **{kind.value: kind for kind in BanKind},
    "address": BanKind.peerhost,
    "client": BanKind.clientid,
    "ip": BanKind.peerhost,
    "network": BanKind.peerhost_net,
    "user": BanKind.username,
}


class KindType(ParamType):
    """A kind of ban in any spelling; other words may be addresses, and are checked with the targets."""

    name = "kind"
    choices = tuple(KIND_SPELLINGS)

    def convert(self, value: str, param: object, ctx: object) -> str:  # noqa: ARG002  # Typer's own types
        """Return the word as it is."""
        return value


KindArgument = Annotated[
    str,
    typer.Argument(
        metavar="KIND",
        click_type=KindType(),
        help="Kind of ban: clientid, username, peerhost, clientid_re, username_re or peerhost_net. "
        "Not needed before an IP address or network.",
    ),
]
WhoArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="WHO", help="Client IDs, usernames, IP addresses, networks or patterns."),
]

app = new_group("Manage bans of clients, users and addresses.")
add_list(
    app,
    BANNED,
    examples=("emqxctl banned list", "emqxctl banned list --clientid dev-1", "emqxctl banned list -o csv"),
)


@app.command()
@command(
    calls=("POST /banned", "GET /clients"),
    examples=(
        "emqxctl banned add clientid dev-1 --for 2h --reason 'floods'",
        "emqxctl banned add 10.1.0.0/16 --until 2026-12-01T00:00:00Z",
        "emqxctl banned add clientid --where 'mqueue_len>5000' --for 1h --yes",
    ),
    effect=Effect.WRITE,
    bulk=True,
    completes={"who": complete_by_type, "by": ""},
)
def add(
    session: Session,
    kind: KindArgument,
    who: WhoArgument = None,
    for_: Annotated[
        float | None,
        typer.Option("--for", click_type=DURATION, help="Duration of the ban, such as 2h or 7d."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(click_type=TIME, help="End of the ban, such as 2026-12-01T00:00:00Z."),
    ] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Reason for the ban.")] = None,
    by: Annotated[
        str | None, typer.Option(metavar="NAME", help="Author of the ban (default mgmt_api).")
    ] = None,
) -> Result:
    """Ban clients, users or addresses.

    A ban without --for or --until is permanent. --where selects connected clients; their client IDs,
    usernames or IP addresses are then banned. --resume bans with the end, reason and author of the first run.
    """
    end = format_ban_end(for_, until)
    named_kind, named_targets = split_kind(kind, who or [])
    ban_kind, targets = select_ban_targets(session, named_kind, named_targets)
    options = complete_options(session, {"until": end, "reason": reason, "by": by})
    fields = {"as": ban_kind.value, **options}
    body = {name: value for name, value in fields.items() if value is not None}
    if len(targets) == 1 and named_targets and not session.settings.report:
        return ban_target(session, {**body, "who": targets[0]})
    action = one_by_one(
        lambda client, target: client.post("/banned", body={**body, "who": target}),
        skip_exit_code=ExitCode.REJECTED,
        skip_error_code="ALREADY_EXISTS",
        skip_reason="already banned",
    )
    kind_name = ban_kind.value
    task = BulkTask("ban", "banned", kind_name, "who", targets, action, key_kind=kind_name)
    is_named = len(targets) == 1 and not session.settings.where
    return run_bulk(session, task._replace(needs_confirmation=not is_named, options=options))


def ban_target(session: Session, body: dict[str, object]) -> Result:
    """Create one ban."""
    kind, who, end = body["as"], body["who"], body.get("until")

    def send() -> Done:
        response = session.client.post_object("/banned", body=body)
        period = f"until {end}" if end else "permanently"
        return Done(f"banned {kind} {who!r} {period}", response or body, key="who")

    return create_if_missing(session, f"ban of {kind} {who!r}", {"as": kind, "who": who}, send)


def split_kind(kind: str, who: list[str]) -> tuple[BanKind, list[str]]:
    """Return the kind of a ban and its targets; an address or network needs no kind. Raises UsageError."""
    from emqxctl.emqx.bans import is_network

    if kind in KIND_SPELLINGS:
        return KIND_SPELLINGS[kind], who
    if is_network(kind):
        return BanKind.peerhost, [kind, *who]
    message = f"unknown kind of ban {kind!r}"
    hint = f"KIND is one of {', '.join(BanKind)}; an IP address or network needs none"
    raise UsageError(message, hint=hint)


def find_address_kind(kind: BanKind, who: list[str]) -> BanKind:
    """Return the kind of a ban of addresses by their form: with a slash they are networks.

    Raises UsageError for a mixture, which are two kinds of ban.
    """
    if kind is not BanKind.peerhost or not who:
        return kind
    networks = [target for target in who if "/" in target]
    if networks and len(networks) < len(who):
        message = f"addresses and networks are different kinds of ban: {networks[0]!r} is a network"
        raise UsageError(message, hint="use one command for the addresses and one for the networks")
    return BanKind.peerhost_net if networks else kind


def select_ban_targets(session: Session, kind: BanKind, who: list[str]) -> tuple[BanKind, list[str]]:
    """Return what to ban, and its kind: what was named, and the fields of selected clients.

    Raises UsageError if nothing is.
    """
    targets = explicit_targets(session, who, "ban", "who")
    if session.settings.where or session.settings.all:
        if kind.value not in CLIENT_FIELDS:
            message = f"--where and --all are not supported for {kind.value}"
            raise UsageError(message, hint="use them with clientid, username or peerhost")
        targets = select_keys(session, CLIENTS, CLIENT_FIELDS[kind.value])
    elif not targets and not (session.settings.ids or session.settings.resume):
        message = "WHO, --ids, --where or --all is required"
        raise UsageError(message)
    kind = find_address_kind(kind, targets)
    if kind is BanKind.peerhost_net:
        check_networks(targets)
    return kind, targets


def check_networks(networks: list[str]) -> None:
    """Check networks, of which EMQX only says `function_clause`. Raises UsageError."""
    from emqxctl.emqx.bans import is_network

    for network in networks:
        if not is_network(network):
            message = f"invalid network {network!r}"
            raise UsageError(message, hint="use ADDRESS/LENGTH, such as 10.1.0.0/16 or 2001:db8::/32")


def format_ban_end(seconds: float | None, until: datetime | None) -> str | None:
    """Return the end of a ban as RFC 3339, None for a permanent one. Raises UsageError for both."""
    if seconds is not None and until:
        message = "--for and --until cannot be used together"
        raise UsageError(message)
    if seconds is None:
        return until.isoformat() if until else None
    try:
        return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="seconds")
    except OverflowError as error:
        message = f"--for: {error}"
        raise UsageError(message) from error


@app.command()
@command(
    calls=(f"DELETE {BAN_PATH}", "GET /banned"),
    examples=(
        "emqxctl banned delete clientid dev-1 --yes",
        "emqxctl banned delete clientid --where 'reason=floods' --yes",
    ),
    effect=Effect.DESTROY,
    bulk=True,
)
def delete(session: Session, kind: KindArgument, who: WhoArgument = None) -> Result:
    """Delete bans."""
    ban_kind, targets_by_name = split_kind(kind, who or [])
    ban_kind = find_address_kind(ban_kind, targets_by_name)
    targets = select_targets(session, targets_by_name, "delete", BANNED, f"as={ban_kind.value}")
    if len(targets) == 1 and targets_by_name and not session.settings.report:
        session.confirm(f"delete the ban of {ban_kind.value} {targets[0]!r}")
        return delete_ban(session, ban_kind.value, targets[0])
    action = one_by_one(
        lambda client, target: client.delete(BAN_PATH, ban_kind.value, target),
        skip_exit_code=ExitCode.NOT_FOUND,
        skip_reason="not banned",
    )
    return run_bulk(
        session, BulkTask("delete", "deleted", "ban", "who", targets, action, key_kind=ban_kind.value)
    )


def delete_ban(session: Session, kind: str, who: str) -> Result:
    """Delete one ban."""
    row: dict[str, object] = {"as": kind, "who": who}

    def send() -> Done:
        session.client.delete(BAN_PATH, kind, who)
        return Done(f"deleted the ban of {kind} {who!r}", row, key="who")

    return delete_if_exists(session, f"ban of {kind} {who!r}", row, send)


@app.command()
@command(
    calls=("GET /banned", "DELETE /banned"), examples=("emqxctl banned clear --yes",), effect=Effect.DESTROY
)
def clear(session: Session) -> Done:
    """Delete all bans."""
    count = page_meta(session.client.get("/banned", query={"limit": 1})).get("count")
    subject = "all bans" if count is None else "the only ban" if count == 1 else f"all {count} bans"
    session.confirm(f"delete {subject}")
    session.client.delete("/banned")
    return Done(f"deleted {subject}", {"cleared": count})
