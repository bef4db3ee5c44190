"""The messages that wait for a client: `mqueue_messages` and `inflight_messages`."""

import re

from emqxctl.sandbox.handlers.clients import CLIENTS
from emqxctl.sandbox.http.routing import Call, serve_each
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.refusals import refuse_with
from emqxctl.sandbox.state.records import Message


def list_messages(call: Call, messages: list[Message], suffix: str) -> Json:
    """List messages from a position on.

    What `max_payload_bytes` cuts off is skipped by the position given back: EMQX loses them so (#18509).
    """
    position = call.query["position"]
    if position != "none" and not re.fullmatch(r"\d+" + suffix, position):
        refuse_with(400, "INVALID_PARAMETER", "position_limit_invalid")
    start = f"{messages[0].inserted_at}{suffix}" if messages else "none"
    after = -1 if position == "none" else int(position.removesuffix(suffix or "\0"))
    page = [message for message in messages if message.inserted_at > after][: call.query["limit"]]
    end = f"{page[-1].inserted_at}{suffix}" if page else position if messages else "none"
    rows = message_rows(page, call.query, with_priority=bool(suffix))
    return {"data": rows, "meta": {"start": start, "position": end}}


def message_rows(messages: list[Message], query: Row, *, with_priority: bool) -> list[Row]:
    """Return messages until their payloads pass the limit; the first one is always written."""
    rows: list[Row] = []
    room = query["max_payload_bytes"]
    for message in messages:
        row = message.queued_row(query["payload"])
        room -= len(message.payload) if "payload" in row else 0
        if rows and room < 0:
            break
        rows.append(row | {"mqueue_priority": 0} if with_priority else row)
    return rows


serve_each(
    {
        "GET /clients/{clientid}/mqueue_messages": lambda call: list_messages(
            call, CLIENTS.find(call).mqueue, "_0"
        ),  # a position is `<time>_<priority>`
        "GET /clients/{clientid}/inflight_messages": lambda call: list_messages(
            call, CLIENTS.find(call).inflight, ""
        ),  # a position is `<time>`
    },
    query="queued_messages",
)
