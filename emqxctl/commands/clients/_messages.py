"""The messages that wait for a client: queued or in flight."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer

from emqxctl.api.pagination import iterate_rows
from emqxctl.api.response import page_meta, page_rows
from emqxctl.cli.session import Session
from emqxctl.commands._payloads import format_payload
from emqxctl.output.formatters import format_plain
from emqxctl.output.results import Rows
from emqxctl.resource import Column, Paging

END_POSITIONS = frozenset({"none", "end_of_data"})


class Payload(StrEnum):
    """How payloads are shown."""

    none = "none"
    plain = "plain"
    base64 = "base64"


PayloadOption = Annotated[
    Payload,
    typer.Option(metavar="none|plain|base64", help="Payload format; none omits payloads."),
]


def list_messages(session: Session, path: str, clientid: str, payload: Payload) -> Rows:
    """Return the messages of a queue, read from position to position."""

    def fetch_page(page: Mapping[str, object]) -> dict[str, Any]:
        query = {"limit": page["limit"], "position": page["cursor"], "payload": payload}
        response = session.client.get(path, clientid, query=query)
        return {"data": page_rows(response), "meta": {"cursor": next_position(response)}}

    formatter = format_payload if payload is Payload.base64 else format_plain
    columns = (
        Column("topic"),
        Column("qos", "QOS", align_right=True),
        Column("from_clientid", "FROM CLIENT"),
        Column("publish_at", "PUBLISHED AT", align_right=True),
        *((Column("payload", format=formatter),) if payload is not Payload.none else ()),
        Column("from_username", "FROM USER", wide=True),
        Column("mqueue_priority", "PRIORITY", align_right=True, wide=True),
        Column("msgid", "MESSAGE ID", wide=True),
    )
    rows = iterate_rows(fetch_page, Paging.CURSOR, {}, session.fetch_limit)
    return Rows(rows, columns, key="msgid", plural_noun="messages")


def next_position(page: object) -> str:
    """Return the position of the next page: that of the last message; `none` after the last page.

    EMQX cuts a page that would hold more than 1 MB of payloads, and its own position skips the messages
    that were cut (recorded 5.8.9, emqx#18509).
    """
    position, messages = str(page_meta(page).get("position") or "none"), page_rows(page)
    if not messages or position in END_POSITIONS:
        return "none"
    inserted_at, priority = messages[-1].get("inserted_at"), messages[-1].get("mqueue_priority")
    if not inserted_at:
        return position
    return str(inserted_at) if priority is None else f"{inserted_at}_{priority}"
