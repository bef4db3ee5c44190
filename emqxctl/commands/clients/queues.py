"""`emqxctl clients mqueue` and its like: messages that wait for a client, and its keep-alive."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer

from emqxctl.api.pagination import iterate_rows, page_meta, page_rows
from emqxctl.cli.command import command
from emqxctl.cli.options import ClientArgument
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.output.formatters import format_plain
from emqxctl.output.results import Done, Rows
from emqxctl.resource import Column, Paging

MQUEUE = "/clients/{clientid}/mqueue_messages"
INFLIGHT = "/clients/{clientid}/inflight_messages"
END = frozenset({"none", "end_of_data"})


class Payload(StrEnum):
    """How payloads are shown."""

    none = "none"
    plain = "plain"
    base64 = "base64"


PayloadOption = Annotated[
    Payload,
    typer.Option(metavar="none|plain|base64", help="Payloads: not at all, as text, or as base64."),
]


def waiting(session: Session, path: str, clientid: str, payload: Payload) -> Rows:
    """Give the messages that wait, from position to position.

    EMQX cuts a page that would hold more than 1 MB of payloads, and its position skips what was cut
    (recorded 5.8.9, emqx#18509). So the next page begins after the last message that came.
    """
    from emqxctl.commands.retained import as_text

    def fetch(page: Mapping[str, object]) -> dict[str, Any]:
        query = {"limit": page["limit"], "position": page["cursor"], "payload": payload}
        found = session.client.get(path, clientid, query=query)
        return {"data": page_rows(found), "meta": {"cursor": after(found)}}

    narrowed = session.settings.where or session.settings.sort or session.settings.query
    enough = 0 if narrowed else session.settings.limit
    shown = as_text if payload is Payload.base64 else format_plain
    columns = (
        Column("topic"),
        Column("qos", "QOS", align_right=True),
        Column("from_clientid", "FROM CLIENT"),
        Column("publish_at", "PUBLISHED AT", align_right=True),
        *((Column("payload", format=shown),) if payload is not Payload.none else ()),
        Column("from_username", "FROM USER", wide=True),
        Column("mqueue_priority", "PRIORITY", align_right=True, wide=True),
        Column("msgid", "MESSAGE ID", wide=True),
    )
    found = iterate_rows(fetch, Paging.CURSOR, {}, enough)
    return Rows(found, columns, key="msgid", plural_noun="messages that wait")


def after(page: object) -> str:
    """Give the position to go on from: of the last message; `none` where nothing came or it was the end."""
    told, found = str(page_meta(page).get("position") or "none"), page_rows(page)
    if not found or told in END:
        return "none"
    inserted, priority = found[-1].get("inserted_at"), found[-1].get("mqueue_priority")
    if not inserted:
        return told
    return str(inserted) if priority is None else f"{inserted}_{priority}"


@command(
    calls=f"GET {MQUEUE}",
    examples=(
        "emqxctl clients mqueue dev-1",
        "emqxctl clients mqueue dev-1 --payload none -o csv",
        "emqxctl clients mqueue dev-1 --limit 10 --json",
    ),
)
def mqueue(session: Session, clientid: ClientArgument, payload: PayloadOption = Payload.base64) -> Rows:
    """List the messages that wait in a client's queue (5.6+).

    Tables show a payload that is text as text; other formats give base64, as EMQX does. In-memory sessions
    only.
    """
    return waiting(session, MQUEUE, clientid, payload)


@command(
    calls=f"GET {INFLIGHT}",
    examples=("emqxctl clients inflight dev-1", "emqxctl clients inflight dev-1 --payload plain --json"),
)
def inflight(session: Session, clientid: ClientArgument, payload: PayloadOption = Payload.base64) -> Rows:
    """List what a client has got and not acknowledged (5.6+).

    Tables show a payload that is text as text; other formats give base64, as EMQX does. In-memory sessions
    only.
    """
    return waiting(session, INFLIGHT, clientid, payload)


@command(
    calls="PUT /clients/{clientid}/keepalive",
    examples=("emqxctl clients keepalive dev-1 120",),
    effect=Effect.WRITE,
)
def keepalive(
    session: Session,
    clientid: ClientArgument,
    seconds: Annotated[
        int, typer.Argument(metavar="SECONDS", min=0, max=65535, help="The interval; 0 is none.")
    ],
) -> Done:
    """Set how often a client must show that it lives."""
    path = "/clients/{clientid}/keepalive"
    session.client.put(path, clientid, body={"interval": seconds})
    found = {"clientid": clientid, "keepalive": seconds}
    return Done(f"client {clientid!r} keeps alive every {seconds} s", found, key="clientid")
