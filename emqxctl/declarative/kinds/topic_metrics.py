"""Topic metrics: the topics whose messages are counted."""

from emqxctl.declarative.kind import Kind, Level

KIND = Kind(
    name="topic_metrics",
    noun="topic metrics",
    level=Level.TOPICS,
    list_path="/mqtt/topic_metrics",
    item="/mqtt/topic_metrics/{topic}",
    key=("topic",),
    create="POST /mqtt/topic_metrics",
    delete="DELETE /mqtt/topic_metrics/{topic}",
    added=frozenset({"create_time", "reset_time", "metrics"}),
)
