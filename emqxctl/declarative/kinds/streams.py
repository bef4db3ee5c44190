"""Message streams: their definitions, not what they hold (EMQX 6.1+)."""

from emqxctl.declarative.kind import Kind, Level
from emqxctl.resource import Paging

KIND = Kind(
    name="streams",
    noun="stream",
    level=Level.TOPICS,
    list_path="/streams",
    item="/stream/{name}",
    paging=Paging.CURSOR,
    create="POST /streams",
    update="PUT /stream/{name}",
    delete="DELETE /stream/{name}",
    immutable=frozenset({"topic_filter", "is_lastvalue"}),
    update_without=frozenset({"topic_filter"}),
    defaults={
        "is_lastvalue": True,
        "key_expression": "message.from",
        "data_retention_period": 604800000,
        "read_max_unacked": 1000,
        "limits": {"max_shard_message_bytes": "infinity", "max_shard_message_count": "infinity"},
    },
)
