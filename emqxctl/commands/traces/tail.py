"""`emqxctl traces tail`: follow a client, topic, address or rule live."""

import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.param_types import DURATION
from emqxctl.cli.prompts import is_terminal
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.cli.view import use_color
from emqxctl.commands.traces._follower import Follower, TraceTarget
from emqxctl.commands.traces._lines import format_line
from emqxctl.commands.traces._log import DETAIL_PATH, LOG_PATH, PayloadEncoding
from emqxctl.errors import UsageError
from emqxctl.output.results import Bytes, Done, Result, Rows
from emqxctl.resource import Column

COLUMNS = tuple(
    Column(name) for name in ("time", "node", "tag", "msg", "clientid", "topic", "payload", "meta")
)
MAX_SECONDS = 366 * 86400


@command(
    calls=(
        "GET /trace",
        "POST /trace",
        f"GET {DETAIL_PATH}",
        f"GET {LOG_PATH}",
        "GET /nodes",
        "DELETE /trace/{name}",
    ),
    examples=(
        "emqxctl traces tail --client dev-1",
        "emqxctl traces tail --topic 'alerts/#' --for 1h --payload-encode hidden",
        "emqxctl traces tail --rule r1 -o jsonl >> r1.jsonl",
    ),
    effect=Effect.WRITE,
)
def tail(
    session: Session,
    client: Annotated[str | None, typer.Option(metavar="CLIENT_ID", help="Client to follow.")] = None,
    topic: Annotated[
        str | None, typer.Option(metavar="FILTER", help="Topic filter to follow, such as 'a/#'.")
    ] = None,
    ip: Annotated[str | None, typer.Option(metavar="ADDRESS", help="IP address to follow.")] = None,
    rule: Annotated[str | None, typer.Option(metavar="ID", help="Rule to follow (EMQX 5.7+).")] = None,
    for_: Annotated[
        float,
        typer.Option("--for", click_type=DURATION, help="Duration, such as 30s or 2h (default 10m)."),
    ] = 600.0,
    payload_encode: Annotated[
        PayloadEncoding, typer.Option(help="Payload encoding in the log.")
    ] = PayloadEncoding.text,
) -> Result:
    """Follow a client, topic, address or rule live.

    Creates a trace, reads it on all nodes, and deletes it at the end: after --for, at Ctrl-C, or when stdout
    is closed.
    """
    type_, value = select_target({"clientid": client, "topic": topic, "ip_address": ip, "ruleid": rule})
    if not 1 <= for_ <= MAX_SECONDS:
        message = "--for must be between 1 second and 366 days"
        raise UsageError(message)
    follower = Follower(session, TraceTarget(type_, value, for_, payload_encode.value))
    settings = session.settings
    if settings.dry_run:
        follower.plan()
        return Done(f"would trace {type_} {value!r}")
    if settings.output in {None, "", "table", "wide"} and not settings.fields and not settings.query:
        return Bytes(format_lines(session, follower))
    return Rows(follower.follow(), COLUMNS, key="msg", plural_noun="lines", is_live=True)


def select_target(options: dict[str, str | None]) -> tuple[str, str]:
    """Return the trace type and value of the one option that is set. Raises UsageError."""
    targets = [(type_, value) for type_, value in options.items() if value is not None]
    if len(targets) != 1 or not targets[0][1]:
        names = "--client, --topic, --ip and --rule"
        message = f"{names} cannot be used together" if len(targets) > 1 else f"one of {names} is required"
        raise UsageError(message, hint="such as --client dev-1")
    return targets[0]


def format_lines(session: Session, follower: Follower) -> Iterator[bytes]:
    """Yield the lines as a table prints them; the trace is removed when this is closed."""
    color = use_color(session.settings, session.environ, terminal=is_terminal(sys.stdout))
    rows = follower.follow()
    try:
        for row in rows:
            nodes = follower.positions if len(follower.positions) > 1 else ()
            yield format_line(row, nodes, color=color).encode("utf-8", "backslashreplace")
    finally:
        rows.close()
