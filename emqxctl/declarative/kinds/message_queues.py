"""Message queues: their definitions, not what they hold (EMQX 6.1+)."""

from emqxctl.declarative.kind import Body, Kind, Level
from emqxctl.resource import Paging


def normalize(body: Body) -> Body:
    """Return a queue without the key expression that a regular one shows and does not take."""
    if body.get("is_lastvalue") is False:
        body.pop("key_expression", None)
    return body


KIND = Kind(
    name="message_queues",
    noun="message queue",
    level=Level.TOPICS,
    list_path="/queues",
    item="/queue/{name}",
    paging=Paging.CURSOR,
    create="POST /queues",
    update="PUT /queue/{name}",
    delete="DELETE /queue/{name}",
    immutable=frozenset({"topic_filter", "is_lastvalue"}),
    update_without=frozenset({"topic_filter"}),
    normalize=normalize,
    defaults={"is_lastvalue": True, "key_expression": "message.from", "data_retention_period": 604800000}
    | {"dispatch_strategy": "random", "local_max_inflight": 10, "busy_session_retry_interval": 100}
    | {"consumer_max_inactive": 30000, "consumer_persistence_interval": 10000, "ping_interval": 10000}
    | {"redispatch_interval": 100, "stream_max_buffer_size": 2000, "stream_max_unacked": 1000}
    | {"limits": {"max_shard_message_bytes": "infinity", "max_shard_message_count": "infinity"}},
)
