"""Publishing over REST: `/publish` and `/publish/bulk`."""

import base64
from binascii import Error as NotBase64

from emqxctl.emqx.topics import has_wildcard
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Answer, AnswerNow, Row, answer_error, answer_json
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


def refuse_message(message: str, code: int) -> AnswerNow:
    """Make a refusal in the words of MQTT."""
    return AnswerNow(answer_json({"message": message, "reason_code": code}, 400))


def read_payload(wish: Row) -> bytes:
    """Check a message and take its payload. Raises AnswerNow (400)."""
    topic = wish["topic"]
    if not topic or has_wildcard(topic):
        raise refuse_message(*BAD_TOPIC)
    payload = str(wish["payload"]).encode("utf-8", "replace")
    if wish["payload_encoding"] == "base64":
        try:
            payload = base64.b64decode(payload, validate=True)
        except (ValueError, NotBase64):
            raise refuse_message(*BAD_BASE64) from None
    if len(payload) + len(topic) > MAX_PACKET:
        raise refuse_message(*TOO_LARGE)
    return payload


def send(cluster: Cluster, wish: Row, payload: bytes) -> Row:
    """Publish one message; gives its id, or that nobody listens. A delayed one waits for its time."""
    message = cluster.new_message(wish["topic"], payload, wish["qos"])
    if wish["topic"].startswith("$delayed/"):
        cluster.count("messages.delayed")
        cluster.features.delay(message, cluster.self_node, cluster.settings["delayed"])
        return NOBODY
    return {"id": message.msgid} if cluster.publish(message, retain=wish["retain"]) else NOBODY


@route("POST", "/publish", body=Body("message"))
def publish(call: Call) -> Answer:
    """Publish one message: 200 when somebody got it, 202 when nobody listens, which is success too."""
    sent = send(call.cluster, call.body, read_payload(call.body))
    return answer_json(sent, 200 if "id" in sent else 202)


@route("POST", "/publish/bulk", body=Body("message", array=True))
def publish_many(call: Call) -> Answer:
    """Publish many messages, or none when one of them is refused."""
    if not call.body:
        return answer_error(500, "INTERNAL_ERROR", EMPTY_BATCH)
    payloads = [read_payload(wish) for wish in call.body]
    sent = [send(call.cluster, wish, payload) for wish, payload in zip(call.body, payloads, strict=True)]
    return answer_json(sent, 200 if all("id" in each for each in sent) else 202)
