"""The MQTT features: `/mqtt/delayed`, `/mqtt/topic_metrics`, `/mqtt/topic_rewrite`."""

import base64
import re

from emqxctl.emqx.topics import has_wildcard
from emqxctl.sandbox.http.paging import PAGES, one_page
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Answer, Json, Row, answer_error, answer_json
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with
from emqxctl.sandbox.schema.validation import Body, Field, boolean, one_of, refuse, text
from emqxctl.sandbox.state.features import Delayed, TopicMetrics
from emqxctl.sandbox.state.records import write_time

MAX_PAYLOAD = 2048  # what emqx_delayed shows of a payload
MAX_TOPICS = 512
MAX_REWRITES = 20
MESSAGE_ID = re.compile(r"[0-9A-Fa-f]{32}")
REWRITE = ("source_topic", "dest_topic", "re")
BAD_REWRITE = (
    'throw, #{{kind => validation_error,path => "rewrite.{}",reason => {}}}, '
    '[{{emqx_rewrite,update,1,[{{file,"emqx_rewrite.erl"}},{{line,77}}]}}]'
)


def limit(value: Json, path: str) -> int:
    """Take the greatest number of delayed messages; 0 is no limit."""
    if isinstance(value, bool) or not str(value).isdecimal():
        raise refuse(value, "Unable to parse integer value", path)
    return int(value)


@route("GET", "/mqtt/delayed")
def show_delayed_settings(call: Call) -> Answer:
    """Show whether messages are delayed, and how many."""
    return answer_json(call.cluster.features.delaying)


@route("PUT", "/mqtt/delayed", body=Body((Field("enable", boolean), Field("max_delayed_messages", limit))))
def change_delayed_settings(call: Call) -> Answer:
    """Change the settings that are given."""
    given = {name: value for name, value in call.body.items() if value is not None}
    call.cluster.features.delaying |= given
    return answer_json(call.cluster.features.delaying)


def delayed_row(delayed: Delayed, now: float) -> Row:
    """Write a delayed message; its times are in seconds."""
    message = delayed.message
    return {
        **message.origin(),
        "delayed_interval": delayed.seconds,
        "delayed_remaining": max(0, int(delayed.due - now)),
        "expected_at": write_time(delayed.due),
        "from_username": message.from_username or "undefined",
        "node": delayed.node,
        "publish_at": write_time(message.at),
    }


def waiting(call: Call) -> list[Delayed]:
    """List what still waits on the running nodes, after sending what is due."""
    call.cluster.release_due()
    held, running = call.cluster.features, call.cluster.running()
    return [each for each in held.delayed if each.node in running] if held.delaying["enable"] else []


@route("GET", "/mqtt/delayed/messages", query=PAGES)
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


def metrics_row(topic: str, metrics: TopicMetrics) -> Row:
    """Write the metrics of one topic."""
    counts = {f"{name}.count": count for name, count in metrics.counts.items()}
    rates = {f"{name}.rate": rate for name, rate in metrics.rates.items()}
    created = write_time(metrics.created, "seconds")
    return {"create_time": created, "metrics": counts | rates, "topic": topic}


def find_metrics(call: Call, topic: str) -> TopicMetrics:
    """Take the metrics of a registered topic. Raises AnswerNow (404)."""
    found = call.cluster.features.topic_metrics.get(topic)
    if found is None:
        refuse_with(404, "TOPIC_NOT_FOUND", "Topic not found")
    return found


@route("GET", "/mqtt/topic_metrics")
def list_topic_metrics(call: Call) -> Answer:
    """List the metrics of every registered topic."""
    held = call.cluster.features.topic_metrics
    return answer_json([metrics_row(topic, metrics) for topic, metrics in held.items()])


@route("POST", "/mqtt/topic_metrics", body=Body((Field("topic", text, required=True),), loose=True))
def register_topic(call: Call) -> Answer:
    """Begin to count the messages to one topic."""
    topic, held = call.body["topic"], call.cluster.features.topic_metrics
    if not topic:
        refuse_request("Topic can not be empty")
    if has_wildcard(topic):
        refuse_with(400, "BAD_TOPIC", "Wildcard topic is not supported")
    if topic in held:
        refuse_with(400, "BAD_TOPIC", "Topic already registered")
    if len(held) >= MAX_TOPICS:
        refuse_with(409, "EXCEED_LIMIT", f"Max topic metrics count is {MAX_TOPICS}")
    held[topic] = TopicMetrics(call.cluster.now())
    return answer_json(metrics_row(topic, held[topic]))


RESET = Body((Field("action", one_of("reset"), required=True), Field("topic", text)), loose=True)


@route("PUT", "/mqtt/topic_metrics", body=RESET)
def reset_topic_metrics(call: Call) -> Answer:
    """Reset the metrics of one topic, or of all."""
    topic = call.body["topic"]
    held = call.cluster.features.topic_metrics
    for metrics in held.values() if topic is None else [find_metrics(call, topic)]:
        metrics.reset()
    return list_topic_metrics(call)


@route("GET", "/mqtt/topic_metrics/{topic}")
def show_topic_metrics(call: Call) -> Answer:
    """Show the metrics of one topic."""
    topic = call.bindings["topic"]
    return answer_json(metrics_row(topic, find_metrics(call, topic)))


@route("DELETE", "/mqtt/topic_metrics/{topic}")
def deregister_topic(call: Call) -> Answer:
    """Stop counting the messages to one topic."""
    find_metrics(call, call.bindings["topic"])
    del call.cluster.features.topic_metrics[call.bindings["topic"]]
    return Answer(204)


def check_rewrite(rule: Json, at: int) -> None:
    """Check one rewrite rule. Raises AnswerNow: what EMQX's own check throws is a 500."""
    given = rule if isinstance(rule, dict) else {}
    for name in REWRITE:
        if name not in given:
            refuse_with(500, "INTERNAL_ERROR", BAD_REWRITE.format(f"{at}.{name}", "required_field"))
    if given.get("action", "all") not in ("publish", "subscribe", "all"):
        refuse_with(500, "INTERNAL_ERROR", BAD_REWRITE.format(f"{at}.action", "not_a_enum_symbol"))
    try:
        re.compile(str(given["re"]))
    except re.error:
        refuse_with(500, "INTERNAL_ERROR", BAD_REWRITE.format(f"{at}.re", "compile_error"))


@route("GET", "/mqtt/topic_rewrite")
def list_rewrites(call: Call) -> Answer:
    """List the rules that rewrite topics."""
    return answer_json(call.cluster.features.rewrites)


@route("PUT", "/mqtt/topic_rewrite")
def replace_rewrites(call: Call) -> Answer:
    """Replace all rules that rewrite topics."""
    rules = call.body
    if not isinstance(rules, list):
        refuse_with(500, "INTERNAL_ERROR", "error, badarg, [{erlang,length,1,[]}]")
    if len(rules) > MAX_REWRITES:
        refuse_with(413, "EXCEED_LIMIT", f"Max rewrite rules count is {MAX_REWRITES}")
    for at, rule in enumerate(rules, 1):
        check_rewrite(rule, at)
    if wild := [rule["dest_topic"] for rule in rules if has_wildcard(rule["dest_topic"])]:
        listed = ",".join(f'<<"{topic}">>' for topic in wild)
        refuse_request(f"Cannot use wildcard for destination topic. Invalid topics: [{listed}]")
    call.cluster.features.rewrites = [{"action": "all", **rule} for rule in rules]
    return answer_json(call.cluster.features.rewrites)
