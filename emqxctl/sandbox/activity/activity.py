"""What goes on in a sandbox that stays: clients come and go, sensors report, a processor gets hot.

It follows from the seed and the clock: what happened since the last look is made up for at the next one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from math import floor, sin

from emqxctl.emqx.bans import ban_applies
from emqxctl.sandbox.activity.traffic import flowed, flowing_counters
from emqxctl.sandbox.state import cluster as state
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.records import Client, Message, Subscription, stable_random

HOT = "high_cpu_usage"
HOT_EVERY, HOT_FIRST, HOT_FOR = 300, 45, 60  # seconds
REMEMBERED = 60  # seconds of reports that are made up for
PAST_ALARMS = 200
REFUSED = "CONNACK(Q0, R0, D0, AckFlags=0, ReasonCode=138)"
ACCEPTED = "CONNACK(Q0, R0, D0, AckFlags=0, ReasonCode=0)"

Deed = tuple[float, Callable[[float], None]]


@dataclass(frozen=True)
class Cycle:
    """What begins again every `period` seconds, at `first` for one, and lasts for `stay`."""

    first: float
    period: float
    stay: float

    def holds(self, at: float) -> bool:
        """Tell whether it lasts at a time."""
        return (at - self.first) % self.period < self.stay

    def number(self, at: float) -> int:
        """Tell the number of the turn that a time falls into."""
        return floor((at - self.first) / self.period)

    def edges(self, start: float, end: float) -> Iterator[tuple[float, bool, int]]:
        """List its beginnings (True) and ends after one time and until another, with their turns."""
        for number in range(self.number(start) - 1, self.number(end) + 1):
            begins = self.first + number * self.period
            for at, beginning in ((begins, True), (begins + self.stay, False)):
                if start < at <= end:
                    yield at, beginning, number


@dataclass(frozen=True)
class Roamer:
    """Somebody who comes and goes: a client of the fleet, or (None) another visitor each time."""

    cycle: Cycle
    home: str
    client: Client | None = None
    slot: int = 0


class Activity(state.Activity):
    """The life of one cluster, from when it was made."""

    def __init__(self, cluster: Cluster) -> None:
        """Pick who comes and goes."""
        super().__init__(cluster)
        self.born = self.seen = cluster.now()
        self.sessions = {
            node: sum(client.node == node for client in cluster.clients.values()) for node in cluster.nodes
        }
        self.sensors = [each for each in self._named("sensor-") if each.connected]
        self.talkers = [one.clientid for one in (*self.sensors, *self._named("gateway-"))]
        self.roamers = [*self._fleet(), *self._visitors()]
        self.hot = Cycle(self.born + HOT_FIRST, HOT_EVERY, HOT_FOR)
        self.returning: list[tuple[float, Client]] = []

    def _named(self, prefix: str) -> list[Client]:
        """List the clients of a kind."""
        return [client for name, client in self.cluster.clients.items() if name.startswith(prefix)]

    def _fleet(self) -> Iterator[Roamer]:
        """Let some sensors and a gateway lose their connection at times, the first sensor all the time."""
        for at, client in enumerate([*self.sensors[::6], *self._named("gateway-")[:1]]):
            luck = stable_random(self.cluster.seed, client.clientid, "roams")
            period, away = (150 + luck % 120, 15 + luck % 20) if at else (45, 6)
            stay = period - away
            leaves = self.born + (10 + 17 * at) % stay
            yield Roamer(Cycle(leaves - stay, period, stay), client.node, client)

    def _visitors(self) -> Iterator[Roamer]:
        """Let phones look in."""
        nodes = list(self.cluster.nodes)
        for slot in range(max(2, len(self.cluster.clients) // 8)):
            luck = stable_random(self.cluster.seed, "visitor", slot)
            period, stay = 80 + luck % 80, 30 + luck % 40
            cycle = Cycle(self.born + 4 + 9 * slot % (period - stay - 4), period, stay)
            yield Roamer(cycle, nodes[slot % len(nodes)], None, slot)

    def advance(self) -> None:
        """Do what happened since the last look, in its order."""
        start, now = self.seen, self.cluster.now()
        if now <= start:
            return
        self.seen = now
        deeds = [*self._visits(start, now), *self._reports(max(start, now - REMEMBERED), now)]
        deeds += [
            (at, self._heat(number, begins=begins)) for at, begins, number in self.hot.edges(start, now)
        ]
        for at, deed in sorted([*deeds, *self._returns(now)], key=lambda each: each[0]):
            deed(at)
        self._talk(now)
        self.cluster.release_due()
        del self.cluster.past_alarms[:-PAST_ALARMS]

    def _talk(self, now: float) -> None:
        """Let those of the fleet that are connected have sent and received since."""
        for name in self.talkers:
            client = self.cluster.clients.get(name)
            if client is not None and client.connected:
                client.talked = now - max(self.born, client.connected_at)

    def _visits(self, start: float, now: float) -> Iterator[Deed]:
        """List who came and went."""
        for roamer in self.roamers:
            for at, comes, number in roamer.cycle.edges(start, now):
                yield at, self._visit(roamer, number, comes=comes)

    def _visit(self, roamer: Roamer, number: int, *, comes: bool) -> Callable[[float], None]:
        """Make a coming or going out of a turn."""
        client = roamer.client or self._phone(roamer, number)
        return partial(self.come, client) if comes else partial(self.go, client.clientid)

    def _phone(self, roamer: Roamer, number: int) -> Client:
        """Make the visitor of a turn."""
        luck = stable_random(self.cluster.seed, "phone", roamer.slot, number)
        phone = Client(f"phone-{luck % 10_000:04}", roamer.home, username="app")
        phone.fields = {"ip_address": f"10.80.{luck % 7}.{1 + luck % 250}", "keepalive": 30}
        phone.subscriptions["fleet/announce"] = Subscription("fleet/announce", qos=1)
        return phone

    def _returns(self, now: float) -> Iterator[Deed]:
        """List who was thrown out and tries again."""
        due = [(at, client) for at, client in self.returning if at <= now]
        self.returning = [(at, client) for at, client in self.returning if at > now]
        for at, client in due:
            yield at, partial(self.come, client)

    def schedule_reconnect(self, client: Client) -> bool:
        """Let a client that was disconnected return in a few seconds; a visitor does not care."""
        if client.connected and not client.clientid.startswith("phone-"):
            luck = stable_random(self.cluster.seed, client.clientid, "returns")
            self.returning.append((self.cluster.now() + 4 + luck % 12, client))
        return True

    def come(self, client: Client, at: float) -> None:
        """Connect a client, unless it is there, is banned, or finds no listener."""
        cluster, held = self.cluster, self.cluster.clients.get(client.clientid)
        listener = cluster.listeners.get(str(client.fields.get("listener", "tcp:default")))
        if (held is not None and held.connected) or listener is None or not listener.config["enable"]:
            return
        node = (held or client).node
        if node not in cluster.running():
            node = min(cluster.running(), key=self._crowd)
        new = held or client.renewed(at, node)
        version = f"ProtoName=MQTT, ProtoVsn={client.fields.get('proto_ver', 5)}"
        clean = f"CleanStart={str(client.clean_start).lower()}"
        asked = f"CONNECT(Q0, R0, D0, ClientId={client.clientid}, {version}, {clean})"
        self._witness(new, at, "received", asked)
        self._witness(new, at, "sent", REFUSED if self._banned(client) else ACCEPTED)
        if self._banned(client):
            return
        new.connected, new.connected_at = True, at
        cluster.clients[client.clientid] = new
        self._count(node, "client.connected", "session.resumed" if held else "session.created")

    def go(self, clientid: str, at: float) -> None:
        """Disconnect a client; who wanted a session keeps it."""
        client = self.cluster.clients.get(clientid)
        if client is None or not client.connected:
            return
        self.cluster.features.witness(
            client, at, "SOCKET", "emqx_connection_terminated", {"reason": "tcp_closed"}
        )
        client.connected, client.disconnected_at = False, at
        if client.clean_start:
            del self.cluster.clients[clientid]
            self._count(client.node, "session.terminated")
        self._count(client.node, "client.disconnected")

    def _crowd(self, node: str) -> int:
        """Count who is on a node."""
        return sum(client.node == node for client in self.cluster.clients.values())

    def _banned(self, client: Client) -> bool:
        """Tell whether a client may not come in."""
        address = str(client.fields.get("ip_address", "127.0.0.1"))
        who = {"clientid": client.clientid, "username": client.username, "address": address}
        bans = ({"as": ban.kind, "who": ban.who} for ban in self.cluster.live_bans())
        return any(ban_applies(ban, who, datetime.fromtimestamp(self.cluster.now(), UTC)) for ban in bans)

    def _witness(self, client: Client, at: float, way: str, packet: str) -> None:
        """Write a packet into the traces of its client."""
        self.cluster.features.witness(client, at, "MQTT", f"mqtt_packet_{way}", {"packet": packet})

    def _count(self, node: str, *names: str) -> None:
        """Count on a node."""
        for name in names:
            self.cluster.count(name, node=node)

    def _reports(self, start: float, now: float) -> Iterator[Deed]:
        """List the reports of the sensors."""
        for number, sensor in enumerate(self.sensors):
            cycle = Cycle(self.born + number, 10 + stable_random(self.cluster.seed, sensor.clientid) % 20, 1)
            for at, begins, turn in cycle.edges(start, now):
                if begins:
                    yield at, self._report(sensor.clientid, turn)

    def _report(self, name: str, turn: int) -> Callable[[float], None]:
        """Make the report of a turn."""

        def report(at: float) -> None:
            client = self.cluster.clients.get(name)
            if client is None or not client.connected:
                return
            topic = f"telemetry/{str(client.username).removeprefix('fleet-')}/{name}/temp"
            payload = f'{{"t":{18 + stable_random(name, turn) % 80 / 10}}}'.encode()
            origin = (turn, name, client.username or "")
            self.cluster.observe(Message(topic, payload, 1, at, *origin), client.node)

        return report

    def hot_node(self, number: int) -> str:
        """Name the node that gets hot in a turn."""
        names = list(self.cluster.nodes)
        return names[stable_random(self.cluster.seed, "hot", number) % len(names)]

    def is_hot(self, node: str, at: float) -> bool:
        """Tell whether a node is hot at a time."""
        return self.hot.holds(at) and at >= self.hot.first and self.hot_node(self.hot.number(at)) == node

    def _heat(self, number: int, *, begins: bool) -> Callable[[float], None]:
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
        sessions, since = (0, outages[-1].until) if outages else (self.sessions.get(node, 0), self.born)
        return sessions, {name: flowed(self.cluster, node, name, (since, now)) for name in flowing_counters()}

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
        """Tell by how much more sessions, and connected ones, a node had at a time than it has now."""
        sessions = connected = 0
        for roamer in self.roamers:
            if roamer.home == node:
                more = roamer.cycle.holds(at) - roamer.cycle.holds(self.seen)
                connected += more
                sessions += more if roamer.client is None or roamer.client.clean_start else 0
        return sessions, connected
