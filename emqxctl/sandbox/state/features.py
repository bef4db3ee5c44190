"""The state of the MQTT features: retained and delayed messages, topic metrics, slow subscriptions ..."""

from dataclasses import dataclass, field

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.messages import Row
from emqxctl.sandbox.state.archives import Backup
from emqxctl.sandbox.state.plugins import Plugin
from emqxctl.sandbox.state.records import Client, Message
from emqxctl.sandbox.state.traces import Trace


def topic_counters() -> Row:
    """Return the counters of a topic, all zero."""
    return dict(read_table("rows")["topic_metrics"])


@dataclass
class TopicMetrics:
    """What was counted for one topic; `rates` are per second."""

    created: float
    counts: Row = field(default_factory=topic_counters)
    rates: Row = field(default_factory=topic_counters)

    def count_message(self, qos: int, receivers: int) -> None:
        """Count one message."""
        self.counts["messages.in"] += 1
        self.counts[f"messages.qos{qos}.in"] += 1
        self.counts["messages.out"] += receivers
        self.counts[f"messages.qos{qos}.out"] += receivers
        self.counts["messages.dropped"] += not receivers

    def reset(self) -> None:
        """Set the counters to zero."""
        self.counts = topic_counters()
        self.rates = topic_counters()


@dataclass(frozen=True)
class Delayed:
    """A message that waits for its time, on the node that took it."""

    message: Message
    seconds: int
    node: str

    @property
    def due(self) -> float:
        """Return when it is sent."""
        return self.message.published + self.seconds


@dataclass
class Features:
    """All of them."""

    delayed: list[Delayed] = field(default_factory=list)
    topic_metrics: dict[str, TopicMetrics] = field(default_factory=dict)
    rewrites: list[Row] = field(default_factory=list)
    auto_subscribe: list[Row] = field(default_factory=list)
    slow: list[Row] = field(default_factory=list)
    traces: dict[str, Trace] = field(default_factory=dict)
    backups: dict[tuple[str, str], Backup] = field(default_factory=dict)  # by node and file name
    exhooks: dict[str, Row] = field(default_factory=dict)
    plugins: dict[str, Plugin] = field(default_factory=dict)
    allowed_plugins: set[str] = field(default_factory=set)

    def record_message(self, message: Message, receivers: int, node: str) -> None:
        """Count a message that was published, and write it into the traces that watch it."""
        for trace in self.traces.values():
            if trace.status(message.published) == "running" and trace.matches_message(message):
                trace.record_publish(message, node)
        if metrics := self.topic_metrics.get(message.topic):
            metrics.count_message(message.qos, receivers)

    def record_trace_event(self, client: Client, at: float, tag: str, event: str, meta: Row) -> None:
        """Record an event of a client in the traces that match it, on its node."""
        for trace in self.traces.values():
            if trace.matches_client(client) and trace.status(at) == "running":
                trace.write_line(
                    client.node, at, tag, event, meta | {"username": client.username}, client=client
                )

    def record_delivery(self, client: Client, message: Message, level: int) -> None:
        """Record a delivery to a client in the traces that match it."""
        for trace in self.traces.values():
            if trace.matches_client(client) and trace.status(message.published) == "running":
                payload = trace.format_packet_payload(message)
                packet = f"PUBLISH(Q{level}, R0, D0, Topic={message.topic}, {payload})"
                meta = {"packet": packet, "username": client.username}
                trace.write_line(
                    client.node, message.published, "MQTT", "mqtt_packet_sent", meta, client=client
                )

    def add_delayed(self, message: Message, node: str, settings: Row) -> None:
        """Store a message of `$delayed/<seconds>/<topic>` until its time."""
        _, _, rest = message.topic.partition("/")
        seconds, _, topic = rest.partition("/")
        limit = settings["max_delayed_messages"]
        full = bool(limit) and len(self.delayed) >= limit
        if settings["enable"] and seconds.isdecimal() and topic and not full:
            origin = (message.payload, message.qos, message.published, message.number)
            self.delayed.append(Delayed(Message(topic, *origin), int(seconds), node))

    def take_due(self, now: float) -> list[Message]:
        """Remove and return the messages that are due."""
        due = [delayed.message for delayed in self.delayed if delayed.due <= now]
        self.delayed = [delayed for delayed in self.delayed if delayed.due > now]
        return due
