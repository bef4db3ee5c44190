"""The messages that wait for a client: `mqueue_messages` and `inflight_messages`."""

import re

from emqxctl.sandbox.handlers.clients import find_client
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Response, Row, error_response, json_response
from emqxctl.sandbox.state.records import Message


@route("GET", "/clients/{clientid}/mqueue_messages", query="queued_messages")
def list_queued(call: Call) -> Response:
    """List the messages that wait in a client's queue; a position is `<time>_<priority>`."""
    return list_messages(call, find_client(call).mqueue, "_0")


@route("GET", "/clients/{clientid}/inflight_messages", query="queued_messages")
def list_inflight(call: Call) -> Response:
    """List the messages that a client has not acknowledged; a position is `<time>`."""
    return list_messages(call, find_client(call).inflight, "")


def list_messages(call: Call, messages: list[Message], suffix: str) -> Response:
    """List messages from a position on.

    What `max_payload_bytes` cuts off is skipped by the position given back: EMQX loses them so (#18509).
    """
    position = call.query["position"]
    if position != "none" and not re.fullmatch(r"\d+" + suffix, position):
        return error_response(400, "INVALID_PARAMETER", "position_limit_invalid")
    start = f"{messages[0].inserted_at}{suffix}" if messages else "none"
    after = -1 if position == "none" else int(position.removesuffix(suffix or "\0"))
    page = [message for message in messages if message.inserted_at > after][: call.query["limit"]]
    end = f"{page[-1].inserted_at}{suffix}" if page else position if messages else "none"
    rows = message_rows(page, call.query, with_priority=bool(suffix))
    return json_response({"data": rows, "meta": {"start": start, "position": end}})


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
