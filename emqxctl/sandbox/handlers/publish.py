"""Publishing over REST: `/publish` and `/publish/bulk`."""

import base64
from binascii import Error as NotBase64

from emqxctl.emqx.topics import has_wildcard
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import EarlyResponse, Response, Row, error_response, json_response
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.cluster import MAX_PACKET, Cluster

BAD_TOPIC = ("topic_name_invalid", 144)
BAD_BASE64 = ("bad_base64_encoded_payload", 131)
TOO_LARGE = ("packet_too_large", 151)
NOBODY = {"message": "no_matching_subscribers", "reason_code": 16}
EMPTY_BATCH = (
    'error, {case_clause,{errror,<<"empty_batch">>}}, '
    '[{emqx_mgmt_api_publish,publish_batch,2,[{file,"emqx_mgmt_api_publish.erl"},{line,224}]}]'
)


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
        return NOBODY
    return {"id": message.msgid} if cluster.publish(message, retain=body["retain"]) else NOBODY


@route("POST", "/publish", body=Body("message"))
def publish_message(call: Call) -> Response:
    """Publish one message: 200 with subscribers, 202 without, which is success too."""
    sent = send_message(call.cluster, call.body, read_payload(call.body))
    return json_response(sent, 200 if "id" in sent else 202)


@route("POST", "/publish/bulk", body=Body("message", array=True))
def publish_messages(call: Call) -> Response:
    """Publish many messages, or none when one of them is refused."""
    if not call.body:
        return error_response(500, "INTERNAL_ERROR", EMPTY_BATCH)
    payloads = [read_payload(body) for body in call.body]
    sent = [
        send_message(call.cluster, body, payload) for body, payload in zip(call.body, payloads, strict=True)
    ]
    return json_response(sent, 200 if all("id" in result for result in sent) else 202)
