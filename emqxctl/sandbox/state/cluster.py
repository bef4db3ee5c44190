"""The state of the simulated cluster, and what changes it."""

import copy
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import InitVar, dataclass, field, replace

from emqxctl.emqx.topics import topic_matches
from emqxctl.sandbox.data import default_settings, read_table
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.state.access import AccessControl
from emqxctl.sandbox.state.features import Features
from emqxctl.sandbox.state.gateways import Gateways
from emqxctl.sandbox.state.integration import Integration
from emqxctl.sandbox.state.listeners import Listener, default_listeners
from emqxctl.sandbox.state.nodes import Node, Outage
from emqxctl.sandbox.state.records import MIB, Alarm, Ban, Client, Message, Subscription, stable_random
from emqxctl.sandbox.state.rule_feed import run_rules

NODES = ("emqx1@sandbox.local", "emqx2@sandbox.local", "emqx3@sandbox.local")
COMMUNITY = "community"
ENTERPRISE = "enterprise"
VERSIONS = {COMMUNITY: "5.8.9", ENTERPRISE: "6.2.2"}
MAX_PACKET = MIB  # mqtt.max_packet_size
MAX_QUEUE = 1000  # mqtt.max_mqueue_len
TOKEN_LIFE = 3600  # dashboard.token_expired_time; every use restarts it
Clock = Callable[[], float]
INVITATIONS = ("failed", "in_progress", "succeed")
SETTINGS = ("authorization", "delayed", "prometheus", "retainer", "rule_engine", "slow_subs", "telemetry")


class Activity:
    """Simulated activity: none here; `activity.Activity` makes clients connect and disconnect."""

    def __init__(self, cluster: "Cluster") -> None:
        """Store the cluster."""
        self.cluster = cluster

    def advance(self) -> None:
        """Run the events since the last call."""

    def schedule_reconnect(self, _client: Client) -> bool:
        """Schedule the reconnection of a client; return whether that was done."""
        return False

    def node_traffic(self, node: str) -> tuple[int, dict[str, int]]:
        """Return how many clients had sent their share when this began, and the counters since."""
        return sum(client.node == node for client in self.cluster.clients.values()), {}

    def session_change(self, _node: str, _at: float) -> tuple[int, int]:
        """Return by how much more sessions, and connected ones, a node had at a time than it has now."""
        return 0, 0

    def is_hot(self, _node: str, _at: float) -> bool:
        """Return whether a node's processor is busy at a time."""
        return False

    def load_averages(self, node: str) -> dict[int, float]:
        """Return the load of a node over the last 1, 5 and 15 minutes."""
        usual = stable_random(self.cluster.seed, node) % 90
        return {1: (20 + usual) / 100, 5: (30 + usual) / 100, 15: (25 + usual) / 100}


@dataclass(kw_only=True, eq=False)
class Cluster:
    """A cluster of three core nodes; the first one answers. Hold `lock` while reading or changing it.

    Tests may reach in: `add_client`, `add_subscription`, `stop_node`, `clock` ... are theirs too.
    """

    seed: int = 0
    node_names: InitVar[Iterable[str]] = NODES
    clock: Clock = time.time
    edition: str = COMMUNITY
    name: str = "emqxcl"
    lock: threading.RLock = field(default_factory=threading.RLock)
    nodes: dict[str, Node] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    retained: dict[str, Message] = field(default_factory=dict)
    bans: dict[tuple[str, str], Ban] = field(default_factory=dict)
    alarms: list[Alarm] = field(default_factory=list)
    past_alarms: list[Alarm] = field(default_factory=list)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    peaks: dict[tuple[str, str], int] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=lambda: {"admin": "public"})
    tokens: dict[str, tuple[str, float]] = field(default_factory=dict)
    monitor_since: float = 0.0
    integration: Integration = field(default_factory=Integration)
    listeners: dict[str, Listener] = field(default_factory=default_listeners)
    configs: Row = field(default_factory=lambda: copy.deepcopy(read_table("config_defaults")))
    settings: dict[str, Row] = field(default_factory=dict)
    license: str = "community"
    audit: list[tuple[float, Row]] = field(default_factory=list)
    collections: dict[str, dict[str, Row]] = field(default_factory=lambda: defaultdict(dict))  # of Enterprise
    removed_nodes: dict[str, Node] = field(default_factory=dict)  # put out of the cluster, and still running
    invitations: dict[str, list[Row]] = field(default_factory=lambda: {how: [] for how in INVITATIONS})
    access: AccessControl = field(default_factory=AccessControl)
    features: Features = field(default_factory=Features)
    gateways: Gateways = field(default_factory=Gateways)
    messages: int = 0  # built so far

    def __post_init__(self, node_names: Iterable[str]) -> None:
        """Start the nodes, which have been up for about three days, with the settings of the edition."""
        self.monitor_since = self.clock() - 266_400
        for at, name in enumerate(node_names):
            self.nodes[name], self.counts[name] = Node(name, self.monitor_since + 40 * at), {}
        self.settings |= {name: default_settings(name) for name in SETTINGS}
        if self.edition == ENTERPRISE:
            self.settings |= {"cluster": {"description": ""}, **copy.deepcopy(self.facts["settings"])}
        self.activity = Activity(self)

    @property
    def version(self) -> str:
        """Return the version of EMQX."""
        return VERSIONS[self.edition]

    @property
    def facts(self) -> Row:
        """Return what the edition has beyond the community edition."""
        table: Row = read_table("enterprise") if self.edition == ENTERPRISE else {"rows": {}}
        return table

    def edition_fields(self, kind: str) -> Row:
        """Return the fields that the edition adds to the rows of a kind."""
        fields: Row = self.facts["rows"].get(kind, {})
        return fields

    @property
    def self_node(self) -> str:
        """Return the name of the node that answers."""
        return next(iter(self.nodes))

    def now(self) -> float:
        """Read the clock, in epoch seconds."""
        return self.clock()

    def running(self) -> list[str]:
        """Return the name of the nodes that run, the answering one first."""
        return [name for name, node in self.nodes.items() if node.running]

    def stop_node(self, name: str) -> None:
        """Stop a node: its sessions are lost with it, as they live in its memory only."""
        node = self.nodes[name]
        own = [client for client in self.clients.values() if client.node == name]
        node.disconnected = [client for client in own if client.connected]
        if node.running:
            node.outages.append(Outage(self.now(), len(own), len(node.disconnected)))
        node.running = False
        self.clients = {key: client for key, client in self.clients.items() if client.node != name}
        self.alarms = [alarm for alarm in self.alarms if alarm.node != name]
        node.disconnected = [
            client for client in node.disconnected if not self.activity.schedule_reconnect(client)
        ]

    def start_node(self, name: str) -> None:
        """Start a stopped node: its counters restart; its clients reconnect with new sessions."""
        node, now = self.nodes[name], self.now()
        if node.running:
            return
        node.running, node.started = True, now
        node.outages[-1].until = now
        self.counts[name] = {}
        self.peaks = {key: peak for key, peak in self.peaks.items() if key[0] != name}
        back, node.disconnected = node.disconnected, []
        for client in back:
            if client.clientid not in self.clients:
                self.clients[client.clientid] = client.renew(now, name)
        for alarm in [active for active in self.alarms if active.details.get("reason") == "resource_down"]:
            if not any((other.name, other.node) == (alarm.name, name) for other in self.alarms):
                self.alarms.append(replace(alarm, node=name, activated=now))

    def add_client(self, clientid: str, *, node: str = "", connected: bool = True, **fields: Json) -> Client:
        """Connect a client, or leave a disconnected session behind.

        `fields` are any of the API's (`mqueue_len=5000`), and win over what the sandbox would make up; times
        are epoch seconds.
        """
        now = self.now()
        names = list(self.nodes)
        since = now - 600 - stable_random(self.seed, clientid) % 200_000
        client = Client(clientid, node or names[len(self.clients) % len(names)], connected=connected)
        client.username = fields.pop("username", None)
        client.clean_start = fields.pop("clean_start", connected)
        client.connected_at = fields.pop("connected_at", since)
        client.created_at = fields.pop("created_at", client.connected_at - 0.001)
        client.disconnected_at = fields.pop("disconnected_at", client.connected_at + 300)
        client.fields = fields
        self.clients[clientid] = client
        return client

    def add_subscription(self, clientid: str, topic: str, **options: int) -> Subscription:
        """Subscribe a client to a topic filter, over an older subscription to it."""
        subscription, client = Subscription(topic, **options), self.clients[clientid]
        client.subscriptions[topic] = subscription
        meta = {"topic": topic, "sub_opts": f"#{{qos => {subscription.qos}}}"}
        self.features.record_trace_event(client, self.now(), "SUBSCRIBE", "subscribe", meta)
        return subscription

    def kick(self, clientid: str) -> bool:
        """End a session, with its subscriptions and queues; False when there is none."""
        client = self.clients.pop(clientid, None)
        if client is None:
            return False
        reason = {"reason": "{shutdown,kicked}"}
        self.features.record_trace_event(client, self.now(), "SOCKET", "emqx_connection_terminated", reason)
        self.activity.schedule_reconnect(client)
        return True

    def sessions(self) -> Iterator[tuple[Client, Subscription]]:
        """Yield all subscriptions of all clients."""
        for client in self.clients.values():
            for subscription in client.subscriptions.values():
                yield client, subscription

    def new_message(self, topic: str, payload: bytes, qos: int = 0, **origin: str) -> Message:
        """Build a message published just now."""
        self.messages += 1
        return Message(topic, payload, qos, self.now(), self.messages, **origin)

    def publish(self, message: Message, *, retain: bool = False) -> int:
        """Deliver a message and count the receivers; disconnected sessions queue it when its QoS allows."""
        if retain and message.payload:
            self.retained[message.topic] = message
        elif retain:
            self.retained.pop(message.topic, None)
        run_rules(self.integration, message)
        receivers = self.record_message(message, self.self_node)
        for client, subscription in receivers:
            level = min(message.qos, subscription.qos)
            if not client.connected and level and len(client.mqueue) < MAX_QUEUE:
                client.mqueue.append(replace(message, qos=level))
        self.count("messages.publish")
        self.count("messages.delivered", len(receivers))
        self.count("messages.dropped.no_subscribers", not receivers)
        return len(receivers)

    def record_message(self, message: Message, node: str) -> list[tuple[Client, Subscription]]:
        """Record a message in metrics and traces; return its receivers."""
        receivers = self._find_receivers(message.topic)
        self.features.record_message(message, len(receivers), node)
        for client, subscription in receivers:
            level = min(message.qos, subscription.qos)
            if client.connected:
                self.features.record_delivery(client, message, level)
        return receivers

    def _find_receivers(self, topic: str) -> list[tuple[Client, Subscription]]:
        """Find who gets a message: every plain subscription, and one of each share group."""
        plain, shared = [], {}
        for client, subscription in self.sessions():
            if not topic_matches(topic, subscription.filter):
                continue
            if subscription.group:
                shared[subscription.topic] = (client, subscription)
            else:
                plain.append((client, subscription))
        return plain + list(shared.values())

    def count(self, name: str, more: int = 1, node: str = "") -> None:
        """Add to a metric of a node, the answering one if not said."""
        counts = self.counts[node or self.self_node]
        counts[name] = counts.get(name, 0) + more

    def live_bans(self) -> list[Ban]:
        """List the bans after dropping the expired ones."""
        now = self.now()
        for key, ban in list(self.bans.items()):
            if isinstance(ban.until, int) and ban.until <= now:
                del self.bans[key]
        return list(self.bans.values())

    def add_alarm(self, name: str, message: str, details: Row, *, node: str = "", age: float = 600) -> Alarm:
        """Raise an alarm on one node."""
        alarm = Alarm(node or self.self_node, name, message, details, self.now() - age)
        self.alarms.append(alarm)
        return alarm

    def end_alarm(self, name: str, node: str, at: float | None = None) -> bool:
        """Move an active alarm of one node into the history; False when there is none."""
        for alarm in self.alarms:
            if (alarm.name, alarm.node) == (name, node):
                self.alarms.remove(alarm)
                self.past_alarms.append(replace(alarm, deactivated=self.now() if at is None else at))
                return True
        return False

    def topics(self) -> dict[str, list[str]]:
        """List the topic filters that are subscribed to, each with the nodes that have subscribers."""
        topics: dict[str, dict[str, None]] = {}
        for client, subscription in self.sessions():
            topics.setdefault(subscription.topic, {})[client.node] = None
        return {topic: list(nodes) for topic, nodes in sorted(topics.items())}

    def publish_due(self) -> None:
        """Publish the delayed messages that are due."""
        for message in self.features.take_due(self.now()):
            self.publish(message)
