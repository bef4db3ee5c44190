"""What the counters of `/metrics` mean that count messages which did not arrive."""

from collections.abc import Callable
from typing import NamedTuple

QOS0_TOLERANCE = 0.001  # of all deliveries: QoS 0 does not guarantee delivery
MQTT_COMMAND = "emqxctl configs get mqtt"
DENIED, DENIED_PUBLISH, DENIED_SUBSCRIBE = (
    "authorization.deny",
    "packets.publish.auth_error",
    "packets.subscribe.auth_error",
)
REJECTED, OVER_QUOTA = "packets.publish.error", "packets.publish.quota_exceeded"
PUBLISHED, SUBSCRIBED = "packets.publish.received", "packets.subscribe.received"
# Counted in another counter of the table too: quota_exceeded of QoS 0.
PARTS = frozenset({"messages.dropped.quota_exceeded"})


class LossCounter(NamedTuple):
    """A counter: the machine-readable cause, the sentence after "N messages", the settings to change.

    `loss` is False for what is intended. `by_client`: EMQX also counts it for each client.
    """

    name: str
    cause: str
    sentence: str
    advice: str = ""
    settings: tuple[str, ...] = ()
    next_step: str = MQTT_COMMAND
    loss: bool = True
    by_client: bool = False


# Names and meaning: EMQX 5.8.9 and 6.2.2 (emqx_metrics, recorded responses of GET /metrics).
COUNTERS = (
    LossCounter(
        "delivery.dropped.queue_full",
        "queue_full",
        "dropped: the receiving client's queue was full, since it is offline or acknowledges too slowly",
        "raise {}, or make the client faster; shorten the sessions of clients that do not return",
        ("mqtt.max_mqueue_len", "mqtt.max_inflight", "mqtt.session_expiry_interval"),
        by_client=True,
    ),
    LossCounter(
        "delivery.dropped.qos0_msg",
        "qos0",
        "of QoS 0 dropped: the receiving client is offline or too slow, and QoS 0 is not queued for it",
        "publish and subscribe with QoS 1, or set {} to true in the zone of the client",
        ("mqtt.mqueue_store_qos0",),
        by_client=True,
    ),
    LossCounter(
        "delivery.dropped.expired",
        "expired",
        "dropped: they expired before the client received them",
        "raise the publisher's Message-Expiry-Interval or {}, or make the client faster",
        ("mqtt.message_expiry_interval",),
        by_client=True,
    ),
    LossCounter(
        "delivery.dropped.too_large",
        "too_large",
        "dropped: larger than the Maximum-Packet-Size of the receiving client",
        "raise Maximum-Packet-Size in the client's CONNECT, or publish less than that; {} limits publishers",
        ("mqtt.max_packet_size",),
        by_client=True,
    ),
    LossCounter(
        "messages.dropped.await_pubrel_timeout",
        "await_pubrel_timeout",
        "of QoS 2 dropped: the publisher did not send PUBREL in time",
        "raise {}, or fix the publisher",
        ("mqtt.await_rel_timeout",),
        by_client=True,
    ),
    LossCounter(
        "messages.dropped.receive_maximum",
        "receive_maximum",
        "of QoS 2 rejected: the publisher has too many that await PUBREL",
        "raise {}, or fix the publisher",
        ("mqtt.max_awaiting_rel",),
    ),
    LossCounter(
        OVER_QUOTA,
        "rate_limit",
        "rejected: the publisher exceeded a rate limit",
        "raise messages_rate and bytes_rate of the listener, or publish slower",
        next_step="emqxctl listeners list",
    ),
    LossCounter(
        "packets.publish.dropped",
        "publish_dropped",
        "dropped when they were published: the publisher exceeded a rate limit, or has too many of QoS 2 that"
        " await PUBREL",
        "raise messages_rate and bytes_rate of the listener, or {}",
        ("mqtt.max_awaiting_rel",),
        next_step="emqxctl listeners list",
    ),
    LossCounter(
        "messages.validation_failed",
        "validation",
        "failed a schema validation: dropped, unless its failure_action is ignore",
        "fix the publisher's payload, or the checks and failure_action of the validation",
        next_step="emqxctl schema-validations list",
    ),
    LossCounter(
        "messages.transformation_failed",
        "transformation",
        "failed a message transformation: dropped, unless its failure_action is ignore",
        "fix the publisher's payload, or the operations and failure_action of the transformation",
        next_step="emqxctl message-transformations list",
    ),
    LossCounter(
        "messages.dropped.no_subscribers",
        "no_subscribers",
        "had no subscriber, which is not a loss: no client subscribes to their topics; rules still process"
        " them",
        "to find who receives a topic, use --topic TOPIC",
        next_step="emqxctl topics list",
        loss=False,
    ),
    LossCounter(
        "delivery.dropped.no_local",
        "no_local",
        "not sent back to their publishers, as they subscribed with No Local, which is not a loss",
        "subscribe without No Local to receive own messages; {} does this for MQTT 3.1.1",
        ("mqtt.ignore_loop_deliver",),
        loss=False,
    ),
    LossCounter(
        "delivery.dropped.filter",
        "filter",
        "excluded by the filters of subscriptions, which is not a loss",
        "subscribe without a filter; {} enables filters",
        ("mqtt.subscription_message_filter",),
        loss=False,
    ),
)


Count = Callable[[str], float]  # the growth, or the total, of a counter


class Rejection(NamedTuple):
    """A kind of request that EMQX rejected: `measure` and `name` compute its count and noun from counters."""

    counter: LossCounter
    name: Callable[[Count], str]
    measure: Callable[[Count], float]


def count_denials(count: Count) -> float:
    """Return how many publishes and subscriptions were denied; PUBACKs count only QoS 1 and 2."""
    return max(count(DENIED), count(DENIED_PUBLISH) + count(DENIED_SUBSCRIBE))


def name_denied_requests(count: Count) -> str:
    """Return whether publishes or subscriptions were denied, as far as the counters show.

    EMQX 5.8.9 and 6.2.2 count both in `authorization.deny`, and subscriptions nowhere else.
    """
    if count(DENIED_PUBLISH) >= count(DENIED) or not count(SUBSCRIBED):
        return "publish"
    if count(DENIED_SUBSCRIBE) >= count(DENIED) or not count(PUBLISHED):
        return "subscription"
    return "publish or subscription"


def count_rejected_publishes(count: Count) -> float:
    """Return how many publishes were answered with an error that has no counter of its own.

    An exceeded rate limit is such an error for QoS 1 and 2; a message of QoS 0 has no answer.
    """
    over_quota = count(OVER_QUOTA) - count("messages.dropped.quota_exceeded")
    return count(REJECTED) - count(DENIED_PUBLISH) - max(over_quota, 0)


REJECTIONS = (
    Rejection(
        LossCounter(
            DENIED,
            "denied",
            "denied by authorization",
            "allow it in the ACL rules or with authorization.no_match, or fix the topic in the client",
            next_step="emqxctl authorization sources list",
        ),
        name_denied_requests,
        count_denials,
    ),
    Rejection(
        LossCounter(
            REJECTED,
            "rejected",
            "rejected, but not by authorization: rate limit, packet identifier in use, or a hook",
            "see the reason code that the publisher receives; the listener's rate limits are messages_rate"
            " and bytes_rate",
            next_step="emqxctl listeners list",
        ),
        lambda _count: "publish",
        count_rejected_publishes,
    ),
)
