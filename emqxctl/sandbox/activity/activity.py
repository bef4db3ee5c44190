"""Simulated activity: clients connect and disconnect, sensors publish, a processor is busy at times.

It follows from the seed and the clock: what happened since the last request is computed at the next one.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from math import floor, sin

from emqxctl.emqx.bans import ban_applies
from emqxctl.sandbox.activity.traffic import counter_growth, flowing_counters
from emqxctl.sandbox.state import cluster as state
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.records import Client, Message, Subscription, stable_random

HOT = "high_cpu_usage"
HOT_EVERY, HOT_FIRST, HOT_FOR = 300, 45, 60  # seconds
REPORT_WINDOW = 60  # seconds of reports that are made up for
PAST_ALARMS = 200
REFUSED = "CONNACK(Q0, R0, D0, AckFlags=0, ReasonCode=138)"
ACCEPTED = "CONNACK(Q0, R0, D0, AckFlags=0, ReasonCode=0)"

Event = tuple[float, Callable[[float], None]]


@dataclass(frozen=True)
class Cycle:
    """What begins again every `period` seconds, at `first` for one, and lasts for `stay`."""

    first: float
    period: float
    stay: float

    def is_active(self, at: float) -> bool:
        """Return whether it lasts at a time."""
        return (at - self.first) % self.period < self.stay

    def turn_at(self, at: float) -> int:
        """Return the number of the turn that a time falls into."""
        return floor((at - self.first) / self.period)

    def edges(self, start: float, end: float) -> Iterator[tuple[float, bool, int]]:
        """List its beginnings (True) and ends after one time and until another, with their turns."""
        for number in range(self.turn_at(start) - 1, self.turn_at(end) + 1):
            begins = self.first + number * self.period
            for at, beginning in ((begins, True), (begins + self.stay, False)):
                if start < at <= end:
                    yield at, beginning, number


@dataclass(frozen=True)
class IntermittentClient:
    """A client that connects and disconnects: one of the fleet, or (None) another phone each time."""

    cycle: Cycle
    node: str
    client: Client | None = None
    slot: int = 0


class Activity(state.Activity):
    """The life of one cluster, from when it was made."""

    def __init__(self, cluster: Cluster) -> None:
        """Choose the clients that connect and disconnect."""
        super().__init__(cluster)
        self.started = self.advanced_to = cluster.now()
        self.sessions = {
            node: sum(client.node == node for client in cluster.clients.values()) for node in cluster.nodes
        }
        self.sensors = [client for client in self._clients_named("sensor-") if client.connected]
        self.senders = [client.clientid for client in (*self.sensors, *self._clients_named("gateway-"))]
        self.intermittent = [*self._intermittent_fleet(), *self._visiting_phones()]
        self.hot = Cycle(self.started + HOT_FIRST, HOT_EVERY, HOT_FOR)
        self.reconnecting: list[tuple[float, Client]] = []

    def _clients_named(self, prefix: str) -> list[Client]:
        """List the clients of a kind."""
        return [client for name, client in self.cluster.clients.items() if name.startswith(prefix)]

    def _intermittent_fleet(self) -> Iterator[IntermittentClient]:
        """Yield the sensors and a gateway that lose their connection at times, the first sensor often."""
        for at, client in enumerate([*self.sensors[::6], *self._clients_named("gateway-")[:1]]):
            luck = stable_random(self.cluster.seed, client.clientid, "roams")
            period, away = (150 + luck % 120, 15 + luck % 20) if at else (45, 6)
            stay = period - away
            leaves = self.started + (10 + 17 * at) % stay
            yield IntermittentClient(Cycle(leaves - stay, period, stay), client.node, client)

    def _visiting_phones(self) -> Iterator[IntermittentClient]:
        """Yield the phones that connect for a while."""
        nodes = list(self.cluster.nodes)
        for slot in range(max(2, len(self.cluster.clients) // 8)):
            luck = stable_random(self.cluster.seed, "visitor", slot)
            period, stay = 80 + luck % 80, 30 + luck % 40
            cycle = Cycle(self.started + 4 + 9 * slot % (period - stay - 4), period, stay)
            yield IntermittentClient(cycle, nodes[slot % len(nodes)], None, slot)

    def advance(self) -> None:
        """Run the events since the last call, in their order."""
        start, now = self.advanced_to, self.cluster.now()
        if now <= start:
            return
        self.advanced_to = now
        events = [
            *self._connection_events(start, now),
            *self._report_events(max(start, now - REPORT_WINDOW), now),
        ]
        for at, begins, number in self.hot.edges(start, now):
            events.append((at, self._build_heat_event(number, begins=begins)))
        events += self._reconnect_events(now)
        for at, act in sorted(events, key=lambda event: event[0]):
            act(at)
        self._update_traffic(now)
        self.cluster.publish_due()
        del self.cluster.past_alarms[:-PAST_ALARMS]

    def _update_traffic(self, now: float) -> None:
        """Update how long the connected clients have been sending and receiving."""
        for name in self.senders:
            client = self.cluster.clients.get(name)
            if client is not None and client.connected:
                client.active_seconds = now - max(self.started, client.connected_at)

    def _connection_events(self, start: float, now: float) -> Iterator[Event]:
        """List who came and went."""
        for roamer in self.intermittent:
            for at, comes, number in roamer.cycle.edges(start, now):
                client = roamer.client or self._build_phone(roamer, number)
                yield (
                    at,
                    partial(self.connect, client) if comes else partial(self.disconnect, client.clientid),
                )

    def _build_phone(self, roamer: IntermittentClient, number: int) -> Client:
        """Build the visitor of a turn."""
        luck = stable_random(self.cluster.seed, "phone", roamer.slot, number)
        phone = Client(f"phone-{luck % 10_000:04}", roamer.node, username="app")
        phone.fields = {"ip_address": f"10.80.{luck % 7}.{1 + luck % 250}", "keepalive": 30}
        phone.subscriptions["fleet/announce"] = Subscription("fleet/announce", qos=1)
        return phone

    def _reconnect_events(self, now: float) -> Iterator[Event]:
        """List who was thrown out and tries again."""
        due = [(at, client) for at, client in self.reconnecting if at <= now]
        self.reconnecting = [(at, client) for at, client in self.reconnecting if at > now]
        for at, client in due:
            yield at, partial(self.connect, client)

    def schedule_reconnect(self, client: Client) -> bool:
        """Schedule the reconnection of a client; a visiting phone does not return."""
        if client.connected and not client.clientid.startswith("phone-"):
            luck = stable_random(self.cluster.seed, client.clientid, "returns")
            self.reconnecting.append((self.cluster.now() + 4 + luck % 12, client))
        return True

    def connect(self, client: Client, at: float) -> None:
        """Connect a client, unless it is there, is banned, or finds no listener."""
        cluster, session = self.cluster, self.cluster.clients.get(client.clientid)
        listener = cluster.listeners.get(str(client.fields.get("listener", "tcp:default")))
        if (session is not None and session.connected) or listener is None or not listener.config["enable"]:
            return
        node = (session or client).node
        if node not in cluster.running():
            busy = Counter(other.node for other in cluster.clients.values())
            node = min(cluster.running(), key=lambda name: busy[name])
        new = session or client.renew(at, node)
        version = f"ProtoName=MQTT, ProtoVsn={client.fields.get('proto_ver', 5)}"
        clean = f"CleanStart={str(client.clean_start).lower()}"
        packet = f"CONNECT(Q0, R0, D0, ClientId={client.clientid}, {version}, {clean})"
        self._trace_packet(new, at, "received", packet)
        self._trace_packet(new, at, "sent", REFUSED if self._is_banned(client) else ACCEPTED)
        if self._is_banned(client):
            return
        new.connected, new.connected_at = True, at
        cluster.clients[client.clientid] = new
        self._count(node, "client.connected", "session.resumed" if session else "session.created")

    def disconnect(self, clientid: str, at: float) -> None:
        """Disconnect a client; who wanted a session keeps it."""
        client = self.cluster.clients.get(clientid)
        if client is None or not client.connected:
            return
        self.cluster.features.record_trace_event(
            client, at, "SOCKET", "emqx_connection_terminated", {"reason": "tcp_closed"}
        )
        client.connected, client.disconnected_at = False, at
        if client.clean_start:
            del self.cluster.clients[clientid]
            self._count(client.node, "session.terminated")
        self._count(client.node, "client.disconnected")

    def _is_banned(self, client: Client) -> bool:
        """Return whether a client is banned."""
        address = str(client.fields.get("ip_address", "127.0.0.1"))
        who = {"clientid": client.clientid, "username": client.username, "address": address}
        bans = ({"as": ban.subject_type, "who": ban.subject} for ban in self.cluster.live_bans())
        return any(ban_applies(ban, who, datetime.fromtimestamp(self.cluster.now(), UTC)) for ban in bans)

    def _trace_packet(self, client: Client, at: float, way: str, packet: str) -> None:
        """Record a packet in the traces of its client."""
        self.cluster.features.record_trace_event(client, at, "MQTT", f"mqtt_packet_{way}", {"packet": packet})

    def _count(self, node: str, *names: str) -> None:
        """Count on a node."""
        for name in names:
            self.cluster.count(name, node=node)

    def _report_events(self, start: float, now: float) -> Iterator[Event]:
        """List the reports of the sensors."""
        for number, sensor in enumerate(self.sensors):
            cycle = Cycle(
                self.started + number, 10 + stable_random(self.cluster.seed, sensor.clientid) % 20, 1
            )
            for at, begins, turn in cycle.edges(start, now):
                if begins:
                    yield at, self._build_report(sensor.clientid, turn)

    def _build_report(self, name: str, turn: int) -> Callable[[float], None]:
        """Build the report of a turn."""

        def report(at: float) -> None:
            client = self.cluster.clients.get(name)
            if client is None or not client.connected:
                return
            topic = f"telemetry/{str(client.username).removeprefix('fleet-')}/{name}/temp"
            payload = f'{{"t":{18 + stable_random(name, turn) % 80 / 10}}}'.encode()
            origin = (turn, name, client.username or "")
            self.cluster.record_message(Message(topic, payload, 1, at, *origin), client.node)

        return report

    def hot_node(self, number: int) -> str:
        """Return the name of the node that gets hot in a turn."""
        names = list(self.cluster.nodes)
        return names[stable_random(self.cluster.seed, "hot", number) % len(names)]

    def is_hot(self, node: str, at: float) -> bool:
        """Return whether a node is hot at a time."""
        return self.hot.is_active(at) and at >= self.hot.first and self.hot_node(self.hot.turn_at(at)) == node

    def _build_heat_event(self, number: int, *, begins: bool) -> Callable[[float], None]:
        """Raise or end the alarm of a turn."""
        node = self.hot_node(number)
        usage = f"{81 + stable_random(self.cluster.seed, 'usage', number) % 1800 / 100:.2f}%"

        def heat(at: float) -> None:
            if not begins:
                self.cluster.end_alarm(HOT, node, at)
            elif self.cluster.nodes[node].running:
                details = {"high_watermark": "80%", "low_watermark": "60%", "usage": usage}
                age = self.cluster.now() - at
                self.cluster.add_alarm(HOT, f"{usage} cpu usage", details, node=node, age=age)

        return heat

    def node_traffic(self, node: str) -> tuple[int, dict[str, int]]:
        """Return how many clients had sent their share when this began, and the counters since."""
        outages, now = self.cluster.nodes[node].outages, self.cluster.now()
        sessions, since = (0, outages[-1].until) if outages else (self.sessions.get(node, 0), self.started)
        return sessions, {
            name: counter_growth(self.cluster, node, name, (since, now)) for name in flowing_counters()
        }

    def load_averages(self, node: str) -> dict[int, float]:
        """Return the load of a node over the last 1, 5 and 15 minutes."""
        now = self.cluster.now()
        loads = [self._load(node, now - 10 * back) for back in range(90)]
        return {minutes: round(sum(loads[: 6 * minutes]) / 6 / minutes, 2) for minutes in (1, 5, 15)}

    def _load(self, node: str, at: float) -> float:
        """Return the load of a node at a time."""
        usual = stable_random(self.cluster.seed, node) % 90
        return (45 + usual + 25 * sin(at / 37 + usual) + 650 * self.is_hot(node, at)) / 100

    def session_change(self, node: str, at: float) -> tuple[int, int]:
        """Return by how much more sessions, and connected ones, a node had at a time than it has now."""
        sessions = connected = 0
        for roamer in self.intermittent:
            if roamer.node == node:
                more = roamer.cycle.is_active(at) - roamer.cycle.is_active(self.advanced_to)
                connected += more
                sessions += more if roamer.client is None or roamer.client.clean_start else 0
        return sessions, connected
