"""The state of the MQTT features: retained and delayed messages, topic metrics, slow subscriptions ..."""

from dataclasses import dataclass, field

from emqxctl.sandbox.messages import Row
from emqxctl.sandbox.state.archives import Backup
from emqxctl.sandbox.state.plugins import Plugin
from emqxctl.sandbox.state.records import Client, Message
from emqxctl.sandbox.state.traces import Trace

COUNTED = (
    "messages.dropped",
    "messages.in",
    "messages.out",
    *(f"messages.qos{level}.{way}" for level in (0, 1, 2) for way in ("in", "out")),
)


@dataclass
class TopicMetrics:
    """What was counted for one topic; `rates` are per second."""

    created: float
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTED, 0))
    rates: dict[str, float] = field(default_factory=lambda: dict.fromkeys(COUNTED, 0.0))

    def note(self, qos: int, receivers: int) -> None:
        """Count one message."""
        self.counts["messages.in"] += 1
        self.counts[f"messages.qos{qos}.in"] += 1
        self.counts["messages.out"] += receivers
        self.counts[f"messages.qos{qos}.out"] += receivers
        self.counts["messages.dropped"] += not receivers

    def reset(self) -> None:
        """Start at nought again."""
        self.counts = dict.fromkeys(COUNTED, 0)
        self.rates = dict.fromkeys(COUNTED, 0.0)


@dataclass(frozen=True)
class Delayed:
    """A message that waits for its time, on the node that took it."""

    message: Message
    seconds: int
    node: str

    @property
    def due(self) -> float:
        """Tell when it is sent."""
        return self.message.at + self.seconds


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

    def note(self, message: Message, receivers: int, node: str) -> None:
        """Count a message that was published, and write it into the traces that watch it."""
        for trace in self.traces.values():
            if trace.status(message.at) == "running" and trace.watches(message):
                trace.note(message, node)
        if metrics := self.topic_metrics.get(message.topic):
            metrics.note(message.qos, receivers)

    def witness(self, client: Client, at: float, tag: str, event: str, meta: Row) -> None:
        """Write what happened to a client into the traces that watch it, on its node."""
        for trace in self.traces.values():
            if trace.concerns(client) and trace.status(at) == "running":
                trace.write(client.node, at, tag, event, meta | {"username": client.username}, client=client)

    def witness_delivery(self, client: Client, message: Message, level: int) -> None:
        """Write that a client was sent a message into the traces that watch it."""
        for trace in self.traces.values():
            if trace.concerns(client) and trace.status(message.at) == "running":
                packet = f"PUBLISH(Q{level}, R0, D0, Topic={message.topic}, {trace.payload(message)})"
                meta = {"packet": packet, "username": client.username}
                trace.write(client.node, message.at, "MQTT", "mqtt_packet_sent", meta, client=client)

    def delay(self, message: Message, node: str, settings: Row) -> None:
        """Keep a message of `$delayed/<seconds>/<topic>` until its time."""
        _, _, rest = message.topic.partition("/")
        seconds, _, topic = rest.partition("/")
        limit = settings["max_delayed_messages"]
        full = bool(limit) and len(self.delayed) >= limit
        if settings["enable"] and seconds.isdecimal() and topic and not full:
            origin = (message.payload, message.qos, message.at, message.number)
            self.delayed.append(Delayed(Message(topic, *origin), int(seconds), node))

    def take_due(self, now: float) -> list[Message]:
        """Take out the messages whose time has come."""
        due = [each.message for each in self.delayed if each.due <= now]
        self.delayed = [each for each in self.delayed if each.due > now]
        return due
