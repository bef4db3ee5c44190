"""Delayed messages and their settings: `/mqtt/delayed`."""

import base64
import re

from emqxctl.emqx.topics import has_wildcard
from emqxctl.sandbox.handlers._settings import serve_settings
from emqxctl.sandbox.http.paging import one_page
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Answer, Row, answer_error, answer_json
from emqxctl.sandbox.schema.refusals import refuse_with
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.features import Delayed
from emqxctl.sandbox.state.records import format_time

MAX_PAYLOAD = 2048  # what emqx_delayed shows of a payload
MESSAGE_ID = re.compile(r"[0-9A-Fa-f]{32}")

serve_settings("/mqtt/delayed", "delayed", Body("delayed"))


def delayed_row(delayed: Delayed, now: float) -> Row:
    """Write a delayed message; its times are in seconds."""
    message = delayed.message
    return {
        **message.origin(),
        "delayed_interval": delayed.seconds,
        "delayed_remaining": max(0, int(delayed.due - now)),
        "expected_at": format_time(delayed.due),
        "from_username": message.from_username or "undefined",
        "node": delayed.node,
        "publish_at": format_time(message.at),
    }


def waiting(call: Call) -> list[Delayed]:
    """List what still waits on the running nodes, after sending what is due."""
    call.cluster.release_due()
    held, running = call.cluster.features, call.cluster.running()
    return (
        [each for each in held.delayed if each.node in running]
        if call.cluster.settings["delayed"]["enable"]
        else []
    )


@route("GET", "/mqtt/delayed/messages", query="page")
def list_delayed(call: Call) -> Answer:
    """List the delayed messages, the last to be sent first."""
    now = call.cluster.now()
    rows = [delayed_row(each, now) for each in sorted(waiting(call), key=lambda one: -one.due)]
    return answer_json(one_page(rows, call.query))


def find_delayed(call: Call) -> Delayed | None:
    """Find the message of the path. Raises AnswerNow (400)."""
    node, msgid = call.bindings["node"], call.bindings["msgid"]
    if node not in call.cluster.running():
        refuse_with(400, "INVALID_NODE", f"The node name {node} is invalid")
    if not MESSAGE_ID.fullmatch(msgid):
        refuse_with(400, "MESSAGE_ID_SCHEMA_ERROR", f"Message ID {msgid} schema error")
    found = [each for each in waiting(call) if (each.node, each.message.msgid) == (node, msgid.upper())]
    return found[0] if found else None


@route("GET", "/mqtt/delayed/messages/{node}/{msgid}")
def show_delayed(call: Call) -> Answer:
    """Show one delayed message, with its payload if that is not above 2 KiB."""
    found = find_delayed(call)
    if found is None:
        message = f"Message ID {call.bindings['msgid']} not found"
        return answer_error(404, "MESSAGE_ID_NOT_FOUND", message)
    payload = base64.b64encode(found.message.payload).decode()
    large = len(found.message.payload) > MAX_PAYLOAD
    row = delayed_row(found, call.cluster.now())
    return answer_json(row | {"payload": "PAYLOAD_TOO_LARGE" if large else payload})


@route("DELETE", "/mqtt/delayed/messages/{node}/{msgid}")
def delete_delayed(call: Call) -> Answer:
    """Forget one delayed message; the refusal of an unknown one is written in bytes, as EMQX does."""
    found = find_delayed(call)
    if found is None:
        words = b"Message ID " + bytes.fromhex(call.bindings["msgid"]) + b" not found"
        return answer_error(404, "MESSAGE_ID_NOT_FOUND", f"<<{','.join(map(str, words))}>>")
    call.cluster.features.delayed.remove(found)
    return Answer(204)


@route("DELETE", "/mqtt/delayed/messages/{topic}")
def delete_delayed_to(call: Call) -> Answer:
    """Forget the delayed messages to one topic."""
    topic = call.bindings["topic"]
    if has_wildcard(topic):
        return answer_error(400, "INVALID_TOPIC_NAME", f"The topic name {topic} is invalid")
    found = [each for each in waiting(call) if each.message.topic == topic]
    if not found:
        return answer_error(404, "MESSAGE_NOT_FOUND", f"Not found messages for {topic}")
    for each in found:
        call.cluster.features.delayed.remove(each)
    return Answer(204)
