"""Messages: published over REST, delayed, and retained."""

import base64
import re
from binascii import Error as NotBase64

from emqxctl.emqx.topics import has_wildcard, topic_matches
from emqxctl.sandbox.handlers._items import Items
from emqxctl.sandbox.handlers._rows import Settings
from emqxctl.sandbox.http.paging import cut_page
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import EarlyResponse, Json, Response, Row, json_response
from emqxctl.sandbox.schema.refusals import refuse, refuse_with
from emqxctl.sandbox.state.cluster import MAX_PACKET, Cluster
from emqxctl.sandbox.state.features import Delayed
from emqxctl.sandbox.state.records import Message, format_time

BAD_TOPIC = ("topic_name_invalid", 144)
BAD_BASE64 = ("bad_base64_encoded_payload", 131)
TOO_LARGE = ("packet_too_large", 151)
NO_SUBSCRIBERS = {"message": "no_matching_subscribers", "reason_code": 16}
MAX_PAYLOAD = 2048  # what emqx_delayed shows of a payload
MESSAGE_ID = re.compile(r"[0-9A-Fa-f]{32}")


def invalid_message(message: str, code: int) -> EarlyResponse:
    """Build an error with an MQTT reason code."""
    return EarlyResponse(json_response({"message": message, "reason_code": code}, 400))


def read_payload(body: Row) -> bytes:
    """Check a message and take its payload. Raises EarlyResponse (400)."""
    topic = body["topic"]
    if not topic or has_wildcard(topic):
        raise invalid_message(*BAD_TOPIC)
    payload = str(body["payload"]).encode("utf-8", "replace")
    if body["payload_encoding"] == "base64":
        try:
            payload = base64.b64decode(payload, validate=True)
        except (ValueError, NotBase64):
            raise invalid_message(*BAD_BASE64) from None
    if len(payload) + len(topic) > MAX_PACKET:
        raise invalid_message(*TOO_LARGE)
    return payload


def send_message(cluster: Cluster, body: Row, payload: bytes) -> Row:
    """Publish one message; return its id, or that there is no subscriber. A delayed one is stored."""
    message = cluster.new_message(body["topic"], payload, body["qos"])
    if body["topic"].startswith("$delayed/"):
        cluster.count("messages.delayed")
        cluster.features.add_delayed(message, cluster.self_node, cluster.settings["delayed"])
        return NO_SUBSCRIBERS
    return {"id": message.msgid} if cluster.publish(message, retain=body["retain"]) else NO_SUBSCRIBERS


def publish_message(call: Call) -> Response:
    """Publish one message: 200 with subscribers, 202 without, which is success too."""
    sent = send_message(call.cluster, call.body, read_payload(call.body))
    return json_response(sent, 200 if "id" in sent else 202)


def publish_messages(call: Call) -> Response:
    """Publish many messages, or none when one of them is refused."""
    if not call.body:
        refuse("messages.empty_batch")
    payloads = [read_payload(body) for body in call.body]
    pairs = zip(call.body, payloads, strict=True)
    sent = [send_message(call.cluster, body, payload) for body, payload in pairs]
    return json_response(sent, 200 if all("id" in result for result in sent) else 202)


DELAYED = Settings("delayed")


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
    enabled = call.cluster.settings["delayed"]["enable"]
    return [delayed for delayed in features.delayed if enabled and delayed.node in running]


def list_delayed(call: Call) -> Json:
    """List the delayed messages, the last to be sent first."""
    now = call.cluster.now()
    waiting = sorted(list_waiting(call), key=lambda delayed: -delayed.due)
    return cut_page([delayed_row(delayed, now) for delayed in waiting], call.query)


def find_delayed(call: Call) -> Delayed | None:
    """Find the message of the path. Raises EarlyResponse (400)."""
    node, msgid = call.bindings["node"], call.bindings["msgid"]
    if node not in call.cluster.running():
        refuse_with(400, "INVALID_NODE", f"The node name {node} is invalid")
    if not MESSAGE_ID.fullmatch(msgid):
        refuse_with(400, "MESSAGE_ID_SCHEMA_ERROR", f"Message ID {msgid} schema error")
    waiting = {(delayed.node, delayed.message.msgid): delayed for delayed in list_waiting(call)}
    return waiting.get((node, msgid.upper()))


def show_delayed(call: Call) -> Json:
    """Show one delayed message, with its payload if that is not above 2 KiB."""
    delayed = find_delayed(call)
    if delayed is None:
        refuse_with(404, "MESSAGE_ID_NOT_FOUND", f"Message ID {call.bindings['msgid']} not found")
    payload = base64.b64encode(delayed.message.payload).decode()
    large = len(delayed.message.payload) > MAX_PAYLOAD
    row = delayed_row(delayed, call.cluster.now())
    return row | {"payload": "PAYLOAD_TOO_LARGE" if large else payload}


def delete_delayed(call: Call) -> None:
    """Delete one delayed message; EMQX writes the error for an unknown one as bytes."""
    delayed = find_delayed(call)
    if delayed is None:
        words = b"Message ID " + bytes.fromhex(call.bindings["msgid"]) + b" not found"
        refuse_with(404, "MESSAGE_ID_NOT_FOUND", f"<<{','.join(map(str, words))}>>")
    call.cluster.features.delayed.remove(delayed)


def delete_delayed_for_topic(call: Call) -> None:
    """Delete the delayed messages to one topic."""
    topic = call.bindings["topic"]
    if has_wildcard(topic):
        refuse_with(400, "INVALID_TOPIC_NAME", f"The topic name {topic} is invalid")
    matches = [delayed for delayed in list_waiting(call) if delayed.message.topic == topic]
    if not matches:
        refuse_with(404, "MESSAGE_NOT_FOUND", f"Not found messages for {topic}")
    for delayed in matches:
        call.cluster.features.delayed.remove(delayed)


def matching_messages(cluster: Cluster, topic_filter: str) -> list[Message]:
    """Return the retained messages of a topic or a filter."""
    return [message for message in cluster.retained.values() if topic_matches(message.topic, topic_filter)]


def list_retained(call: Call) -> Json:
    """List the retained messages without their payloads; no count under a filter."""
    cluster, topic = call.cluster, call.query["topic"]
    messages = list(cluster.retained.values()) if topic is None else matching_messages(cluster, topic)
    rows = [message.retained_row() for message in messages]
    return cut_page(rows, call.query, counted=topic is None)


Items("retained")


def find_retained(call: Call) -> list[Message]:
    """Return the messages of the path, which may be a filter. Raises EarlyResponse (404)."""
    messages = matching_messages(call.cluster, call.bindings["topic"])
    return messages or refuse_with(404, "NOT_FOUND", "Viewed message doesn't exist")


def show_retained(call: Call) -> Json:
    """Show one retained message, with its payload if that is not above 1 MiB; of a filter, the first."""
    return find_retained(call)[0].retained_row(with_payload=True)


def delete_retained(call: Call) -> None:
    """Delete the retained messages of a topic; a filter deletes all that match it."""
    for message in find_retained(call):
        del call.cluster.retained[message.topic]


RETAINER = Settings("retainer")
