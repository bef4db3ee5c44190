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
        "of QoS 0 dropped: the receiving client is offline or too slow, and QoS 0 is not queued",
        "publish and subscribe with QoS 1, or set {} to true",
        ("mqtt.mqueue_store_qos0",),
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
        "messages.dropped.quota_exceeded",
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


class Rejection(NamedTuple):
    """A kind of request that EMQX rejected: `measure` computes its count from those of the counters."""

    counter: LossCounter
    noun: str
    measure: Callable[[Callable[[str], float]], float]


def count_denied_publishes(count: Callable[[str], float]) -> float:
    """Return how many publishes were denied: those of QoS 0 are only part of all denials."""
    subscriptions, publishes = count(DENIED_SUBSCRIBE), count(DENIED_PUBLISH)
    return max(count(DENIED) - subscriptions, publishes)


def count_rejected_publishes(count: Callable[[str], float]) -> float:
    """Return how many publishes were rejected for a reason that has no counter."""
    return count(REJECTED) - count(DENIED_PUBLISH) - count(OVER_QUOTA)


ACCESS_ADVICE = "allow it in the ACL rules or with authorization.no_match, or fix the topic in the client"
REJECTIONS = (
    Rejection(
        LossCounter(
            DENIED,
            "denied",
            "denied by authorization",
            ACCESS_ADVICE,
            next_step="emqxctl authorization sources list",
        ),
        "publish",
        count_denied_publishes,
    ),
    Rejection(
        LossCounter(
            DENIED_SUBSCRIBE,
            "subscription_denied",
            "denied by authorization: the clients receive nothing on these topics",
            ACCESS_ADVICE,
            next_step="emqxctl authorization sources list",
        ),
        "subscription",
        lambda count: count(DENIED_SUBSCRIBE),
    ),
    Rejection(
        LossCounter(
            REJECTED,
            "rejected",
            "rejected, but not by authorization: invalid topic, rate limit or QoS",
            "see the reason code at the publisher; limits: messages_rate of the listener, {}",
            ("mqtt.max_qos_allowed", "mqtt.max_topic_levels"),
            next_step="emqxctl listeners list",
        ),
        "publish",
        count_rejected_publishes,
    ),
)
