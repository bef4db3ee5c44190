"""Topics: rewritten, subscribed to when a client connects, and counted (`/mqtt/topic_metrics`)."""

import re

from emqxctl.emqx.topics import has_wildcard
from emqxctl.sandbox.handlers._items import Items
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.refusals import refuse, refuse_request, refuse_with
from emqxctl.sandbox.state.features import TopicMetrics
from emqxctl.sandbox.state.records import format_time

MAX_TOPICS = 512
MAX_REWRITES = 20
REWRITE = ("source_topic", "dest_topic", "re")
MAX_SUBSCRIBED = 20


def metrics_row(topic: str, metrics: TopicMetrics) -> Row:
    """Return the metrics of one topic."""
    counts = {f"{name}.count": count for name, count in metrics.counts.items()}
    rates = {f"{name}.rate": rate for name, rate in metrics.rates.items()}
    created = format_time(metrics.created, "seconds")
    return {"create_time": created, "metrics": counts | rates, "topic": topic}


METRICS = Items("topic_metrics", lambda _call, topic, metrics: metrics_row(topic, metrics))


def register_topic(call: Call) -> Json:
    """Begin to count the messages to one topic."""
    topic, topic_metrics = call.body["topic"], call.cluster.features.topic_metrics
    if not topic:
        refuse_request("Topic can not be empty")
    if has_wildcard(topic):
        refuse_with(400, "BAD_TOPIC", "Wildcard topic is not supported")
    if topic in topic_metrics:
        refuse_with(400, "BAD_TOPIC", "Topic already registered")
    if len(topic_metrics) >= MAX_TOPICS:
        refuse_with(409, "EXCEED_LIMIT", f"Max topic metrics count is {MAX_TOPICS}")
    topic_metrics[topic] = TopicMetrics(call.cluster.now())
    return metrics_row(topic, topic_metrics[topic])


def reset_topic_metrics(call: Call) -> Json:
    """Reset the metrics of one topic, or of all."""
    topic = call.body["topic"]
    topic_metrics = call.cluster.features.topic_metrics
    for metrics in topic_metrics.values() if topic is None else [METRICS.find(call, topic)]:
        metrics.reset()
    return METRICS.list(call)


def check_rewrite(rule: Json, at: int) -> None:
    """Check one rewrite rule. Raises EarlyResponse: what EMQX's own check throws is a 500."""
    fields = rule if isinstance(rule, dict) else {}
    for name in REWRITE:
        if name not in fields:
            refuse("topics.bad_rewrite", f"{at}.{name}", "required_field")
    if fields.get("action", "all") not in ("publish", "subscribe", "all"):
        refuse("topics.bad_rewrite", f"{at}.action", "not_a_enum_symbol")
    try:
        re.compile(str(fields["re"]))
    except re.error:
        refuse("topics.bad_rewrite", f"{at}.re", "compile_error")


def replace_rewrites(call: Call) -> Json:
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
    return call.cluster.features.rewrites


def replace_topics(call: Call) -> Json:
    """Replace all topics."""
    if len(call.body) > MAX_SUBSCRIBED:
        refuse_with(409, "EXCEED_LIMIT", f"Max auto subscribe topic count is  {MAX_SUBSCRIBED}")
    call.cluster.features.auto_subscribe = call.body
    return call.body
