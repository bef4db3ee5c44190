"""`emqxctl traces tail`: what a client, topic, address or rule does, as it happens."""

import sys
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.prompts import is_terminal
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.cli.view import use_color
from emqxctl.commands.traces._follower import Follower, Watch
from emqxctl.commands.traces._lines import pretty
from emqxctl.commands.traces._log import DETAIL, LOG
from emqxctl.errors import UsageError
from emqxctl.output.results import Bytes, Done, Result, Rows
from emqxctl.resource import Column
from emqxctl.text.units import parse_duration

FIELDS = ("time", "node", "tag", "msg", "clientid", "topic", "payload", "meta")
COLUMNS = tuple(Column(name) for name in FIELDS)


class Payloads(StrEnum):
    """How payloads stand in a log."""

    text = "text"
    hex = "hex"
    hidden = "hidden"


@command(
    calls=("GET /trace", "POST /trace", f"GET {DETAIL}", f"GET {LOG}", "GET /nodes", "DELETE /trace/{name}"),
    examples=(
        "emqxctl traces tail --client dev-1",
        "emqxctl traces tail --topic 'alerts/#' --for 1h --payload-encode hidden",
        "emqxctl traces tail --rule r1 -o jsonl >> r1.jsonl",
    ),
    effect=Effect.WRITE,
)
def tail(
    session: Session,
    client: Annotated[str | None, typer.Option(metavar="CLIENTID", help="What this client does.")] = None,
    topic: Annotated[
        str | None, typer.Option(metavar="FILTER", help="What happens on these topics: 'a/#'.")
    ] = None,
    ip: Annotated[str | None, typer.Option(metavar="ADDRESS", help="What comes from this address.")] = None,
    rule: Annotated[str | None, typer.Option(metavar="ID", help="What this rule does (5.7+).")] = None,
    for_: Annotated[str, typer.Option("--for", metavar="TIME", help="How long: 30s, 2h.")] = "10m",
    payload_encode: Annotated[
        Payloads, typer.Option(help="How payloads are written; hidden shows none.")
    ] = Payloads.text,
) -> Result:
    """Follow a client, topic, address or rule, live.

    A trace is made for it, read on all nodes as it grows, and removed at the end: after --for, at Ctrl-C,
    or when nobody reads any more.
    """
    kind, value = watched({"clientid": client, "topic": topic, "ip_address": ip, "ruleid": rule})
    follower = Follower(session, Watch(kind, value, length(for_), payload_encode.value))
    if session.settings.dry_run:
        follower.plan()
        return Done(f"would trace {kind} {value!r}")
    settings = session.settings
    if settings.output in {None, "", "table", "wide"} and not settings.fields and not settings.query:
        return Bytes(shown(session, follower))
    return Rows(follower.rows(), COLUMNS, key="msg", plural_noun="lines", is_live=True)


def watched(wanted: dict[str, str | None]) -> tuple[str, str]:
    """Give what is followed, which is one thing. Raises UsageError."""
    found = [(kind, value) for kind, value in wanted.items() if value is not None]
    if len(found) != 1 or not found[0][1]:
        message = "one thing is followed at a time" if len(found) > 1 else "nothing is named to follow"
        raise UsageError(message, hint="give one of --client, --topic, --ip and --rule")
    return found[0]


def length(text: str) -> float:
    """Read --for. Raises UsageError."""
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        message = f"--for: {error}"
        raise UsageError(message) from error
    if not 1 <= seconds <= 366 * 86400:
        message = f"--for {text}: from one second to a year"
        raise UsageError(message)
    return seconds


def shown(session: Session, follower: Follower) -> Iterator[bytes]:
    """Give the lines for a person, the trace removed when this is closed."""
    paint = use_color(session.settings, session.environ, terminal=is_terminal(sys.stdout))
    rows = follower.rows()
    try:
        for row in rows:
            nodes = follower.places if len(follower.places) > 1 else ()
            yield pretty(row, nodes, colour=paint).encode("utf-8", "backslashreplace")
    finally:
        rows.close()
