"""Metrics of single topics: `/mqtt/topic_metrics`."""

from emqxctl.emqx.topics import has_wildcard
from emqxctl.sandbox.handlers._items import Items
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Response, Row, json_response
from emqxctl.sandbox.schema.refusals import lookup, refuse_request, refuse_with
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.features import TopicMetrics
from emqxctl.sandbox.state.records import format_time

MAX_TOPICS = 512


def metrics_row(topic: str, metrics: TopicMetrics) -> Row:
    """Return the metrics of one topic."""
    counts = {f"{name}.count": count for name, count in metrics.counts.items()}
    rates = {f"{name}.rate": rate for name, rate in metrics.rates.items()}
    created = format_time(metrics.created, "seconds")
    return {"create_time": created, "metrics": counts | rates, "topic": topic}


METRICS = Items(
    "/mqtt/topic_metrics",
    "topic",
    lambda call: call.cluster.features.topic_metrics,
    lambda _call, topic, metrics: metrics_row(topic, metrics),
    (404, "TOPIC_NOT_FOUND", "Topic not found"),
)
METRICS.serve("list", "get", "delete")


@route("POST", "/mqtt/topic_metrics", body=Body("required_topic", loose=True))
def register_topic(call: Call) -> Response:
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
    return json_response(metrics_row(topic, topic_metrics[topic]))


@route("PUT", "/mqtt/topic_metrics", body=Body("reset_topic_metrics", loose=True))
def reset_topic_metrics(call: Call) -> Response:
    """Reset the metrics of one topic, or of all."""
    topic = call.body["topic"]
    topic_metrics = call.cluster.features.topic_metrics
    for metrics in (
        topic_metrics.values() if topic is None else [lookup(topic_metrics, topic, *METRICS.missing)]
    ):
        metrics.reset()
    return METRICS.list(call)
