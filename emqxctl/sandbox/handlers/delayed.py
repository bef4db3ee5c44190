"""Delayed messages and their settings: `/mqtt/delayed`."""

import base64
import re

from emqxctl.emqx.topics import has_wildcard
from emqxctl.sandbox.handlers._settings import serve_settings
from emqxctl.sandbox.http.paging import cut_page
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Response, Row, error_response, json_response
from emqxctl.sandbox.schema.refusals import refuse_with
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.features import Delayed
from emqxctl.sandbox.state.records import format_time

MAX_PAYLOAD = 2048  # what emqx_delayed shows of a payload
MESSAGE_ID = re.compile(r"[0-9A-Fa-f]{32}")

serve_settings("/mqtt/delayed", "delayed", Body("delayed"))


def delayed_row(delayed: Delayed, now: float) -> Row:
    """Return a delayed message; its times are in seconds."""
    message = delayed.message
    return {
        **message.origin(),
        "delayed_interval": delayed.seconds,
        "delayed_remaining": max(0, int(delayed.due - now)),
        "expected_at": format_time(delayed.due),
        "from_username": message.from_username or "undefined",
        "node": delayed.node,
        "publish_at": format_time(message.published),
    }


def list_waiting(call: Call) -> list[Delayed]:
    """List what still waits on the running nodes, after sending what is due."""
    call.cluster.publish_due()
    features, running = call.cluster.features, call.cluster.running()
    return (
        [delayed for delayed in features.delayed if delayed.node in running]
        if call.cluster.settings["delayed"]["enable"]
        else []
    )


@route("GET", "/mqtt/delayed/messages", query="page")
def list_delayed(call: Call) -> Response:
    """List the delayed messages, the last to be sent first."""
    now = call.cluster.now()
    rows = [
        delayed_row(delayed, now) for delayed in sorted(list_waiting(call), key=lambda delayed: -delayed.due)
    ]
    return json_response(cut_page(rows, call.query))


def find_delayed(call: Call) -> Delayed | None:
    """Find the message of the path. Raises EarlyResponse (400)."""
    node, msgid = call.bindings["node"], call.bindings["msgid"]
    if node not in call.cluster.running():
        refuse_with(400, "INVALID_NODE", f"The node name {node} is invalid")
    if not MESSAGE_ID.fullmatch(msgid):
        refuse_with(400, "MESSAGE_ID_SCHEMA_ERROR", f"Message ID {msgid} schema error")
    matches = [
        delayed
        for delayed in list_waiting(call)
        if (delayed.node, delayed.message.msgid) == (node, msgid.upper())
    ]
    return matches[0] if matches else None


@route("GET", "/mqtt/delayed/messages/{node}/{msgid}")
def show_delayed(call: Call) -> Response:
    """Show one delayed message, with its payload if that is not above 2 KiB."""
    delayed = find_delayed(call)
    if delayed is None:
        message = f"Message ID {call.bindings['msgid']} not found"
        return error_response(404, "MESSAGE_ID_NOT_FOUND", message)
    payload = base64.b64encode(delayed.message.payload).decode()
    large = len(delayed.message.payload) > MAX_PAYLOAD
    row = delayed_row(delayed, call.cluster.now())
    return json_response(row | {"payload": "PAYLOAD_TOO_LARGE" if large else payload})


@route("DELETE", "/mqtt/delayed/messages/{node}/{msgid}")
def delete_delayed(call: Call) -> Response:
    """Delete one delayed message; EMQX writes the error for an unknown one as bytes."""
    delayed = find_delayed(call)
    if delayed is None:
        words = b"Message ID " + bytes.fromhex(call.bindings["msgid"]) + b" not found"
        return error_response(404, "MESSAGE_ID_NOT_FOUND", f"<<{','.join(map(str, words))}>>")
    call.cluster.features.delayed.remove(delayed)
    return Response(204)


@route("DELETE", "/mqtt/delayed/messages/{topic}")
def delete_delayed_for_topic(call: Call) -> Response:
    """Delete the delayed messages to one topic."""
    topic = call.bindings["topic"]
    if has_wildcard(topic):
        return error_response(400, "INVALID_TOPIC_NAME", f"The topic name {topic} is invalid")
    matches = [delayed for delayed in list_waiting(call) if delayed.message.topic == topic]
    if not matches:
        return error_response(404, "MESSAGE_NOT_FOUND", f"Not found messages for {topic}")
    for delayed in matches:
        call.cluster.features.delayed.remove(delayed)
    return Response(204)
