"""What the simulated cluster holds, each thing written as EMQX 5.8.9 writes it."""

import base64
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zlib import crc32

from emqxctl.emqx.topics import parse_subscription
from emqxctl.sandbox.messages import Row

MIB = 1 << 20
COUNTERS = (
    "mailbox_len",
    "mqueue_dropped",
    "awaiting_rel_cnt",
    "recv_msg",
    "recv_msg.dropped",
    "recv_msg.dropped.await_pubrel_timeout",
    "recv_msg.qos0",
    "recv_msg.qos1",
    "recv_msg.qos2",
    "send_msg",
    "send_msg.dropped",
    "send_msg.dropped.expired",
    "send_msg.dropped.queue_full",
    "send_msg.dropped.too_large",
    "send_msg.qos0",
    "send_msg.qos1",
    "send_msg.qos2",
)


def stable_random(*parts: object) -> int:
    """Draw a number that looks random but depends on the parts alone."""
    return crc32("\0".join(map(str, parts)).encode("utf-8", "replace"))


def format_time(seconds: float, unit: str = "milliseconds") -> str:
    """Write an epoch time as RFC 3339 with the offset that the recorded servers had."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec=unit)


@dataclass(frozen=True)
class Subscription:
    """One subscription; `topic` is the filter in full, with `$share/...` where there is one."""

    topic: str
    qos: int = 0
    nl: int = 0
    rap: int = 0
    rh: int = 0

    @property
    def group(self) -> str:
        """Name the share group, or nothing."""
        return parse_subscription(self.topic).group

    @property
    def filter(self) -> str:
        """Give the filter without its share group."""
        return parse_subscription(self.topic).filter

    def row(self, clientid: str, node: str) -> Row:
        """Write the subscription as `GET /subscriptions` does, less `durable`."""
        options = {"nl": self.nl, "qos": self.qos, "rap": self.rap, "rh": self.rh}
        return {"clientid": clientid, "node": node, "topic": self.topic, **options}


@dataclass(frozen=True)
class Message:
    """One message, retained or queued."""

    topic: str
    payload: bytes
    qos: int = 0
    at: float = 0.0  # published, in epoch seconds
    number: int = 0  # makes the id and the time of insertion unique
    from_clientid: str = "http_api"
    from_username: str = ""

    @property
    def msgid(self) -> str:
        """Write the id: the time in microseconds, then what sets it apart."""
        return f"{int(self.at * 1e6):016X}70F30000{self.number & 0xFFFFFFFF:08X}"

    @property
    def inserted_at(self) -> int:
        """Give the time of insertion in nanoseconds; it is also the position of a page."""
        return int(self.at * 1e6) * 1000 + self.number % 1_000_000

    def origin(self) -> Row:
        """Write the fields that every form of a message has."""
        return {
            "from_clientid": self.from_clientid,
            "from_username": self.from_username,
            "msgid": self.msgid,
            "qos": self.qos,
            "topic": self.topic,
        }

    def retained_row(self, *, with_payload: bool = False) -> Row:
        """Write the message as the retainer does; it leaves a payload above 1 MiB out."""
        row = {**self.origin(), "publish_at": format_time(self.at)}
        if with_payload and len(self.payload) <= MIB:
            row["payload"] = base64.b64encode(self.payload).decode()
        return row

    def queued_row(self, encoding: str) -> Row:
        """Write the message as `mqueue_messages` and `inflight_messages` do."""
        row = {**self.origin(), "inserted_at": str(self.inserted_at), "publish_at": int(self.at * 1000)}
        if encoding == "base64":
            row["payload"] = base64.b64encode(self.payload).decode()
        elif encoding == "plain":
            row["payload"] = self.payload.decode("utf-8", "replace")
        return row


@dataclass(frozen=True)
class Ban:
    """One ban; `until` is an epoch second or `infinity`."""

    kind: str
    who: str
    by: str
    reason: str
    at: int
    until: int | str

    def row(self) -> Row:
        """Write the ban as `GET /banned` does."""
        end = self.until if isinstance(self.until, str) else format_time(self.until, "seconds")
        start = format_time(self.at, "seconds")
        return {
            "as": self.kind,
            "at": start,
            "by": self.by,
            "reason": self.reason,
            "until": end,
            "who": self.who,
        }


@dataclass(frozen=True)
class Alarm:
    """One alarm of one node; `ended` is None while it is active."""

    node: str
    name: str
    message: str
    details: Row
    began: float
    ended: float | None = None

    def row(self, now: float) -> Row:
        """Write the alarm as `GET /alarms` does, its duration in milliseconds."""
        end = now if self.ended is None else self.ended
        row: Row = {"node": self.node, "name": self.name, "message": self.message, "details": self.details}
        row |= {"activate_at": format_time(self.began), "duration": int((end - self.began) * 1000)}
        if self.ended is not None:
            row["deactivate_at"] = format_time(self.ended)
        return row


@dataclass
class Client:
    """One session, connected or not. `fields` override what would be written of it otherwise."""

    clientid: str
    node: str
    username: str | None = None
    connected: bool = True
    clean_start: bool = True
    connected_at: float = 0.0
    created_at: float = 0.0
    disconnected_at: float = 0.0
    fields: Row = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    mqueue: list[Message] = field(default_factory=list)
    inflight: list[Message] = field(default_factory=list)
    authz_cache: list[Row] = field(default_factory=list)
    talked: float = 0.0  # seconds for which it has been sending and receiving

    def renewed(self, now: float, node: str) -> "Client":
        """Make the session that it has after it lost this one: subscribed as before, nothing waiting."""
        fields = {
            name: value for name, value in self.fields.items() if name not in ("mqueue_len", "inflight_cnt")
        }
        new = replace(self, node=node, connected=True, connected_at=now, created_at=now, fields=fields)
        new.mqueue, new.inflight, new.authz_cache, new.talked = [], [], [], 0.0
        return new

    @property
    def peer(self) -> str:
        """Write its address and port."""
        address, port = (self.fields.get(name) for name in ("ip_address", "port"))
        return f"{address or '127.0.0.1'}:{port or self._port}"

    @property
    def _port(self) -> int:
        """Draw its port."""
        return 32_768 + stable_random(self.clientid) % 28_000

    def row(self) -> Row:
        """Write the client as `GET /clients` does."""
        row = {**self._identity(), **self._connection(), **self._traffic()}
        row["mqueue_len"] = len(self.mqueue)
        row["inflight_cnt"] = len(self.inflight)
        row["subscriptions_cnt"] = len(self.subscriptions)
        return row | self.fields

    def _identity(self) -> Row:
        """Write who it is and what kind of session it has."""
        expiry = 0 if self.clean_start else 7200
        return {
            "auth_expire_at": None,
            "clean_start": self.clean_start,
            "client_attrs": {},
            "clientid": self.clientid,
            "durable": False,
            "enable_authn": True,
            "expiry_interval": expiry,
            "is_bridge": False,
            "is_expired": False,
            "is_persistent": expiry > 0,
            "mountpoint": None,
            "username": self.username,
        }

    def _connection(self) -> Row:
        """Write where it is connected, or was."""
        number = stable_random(self.clientid)
        row = {
            "connected": self.connected,
            "connected_at": format_time(self.connected_at),
            "created_at": format_time(self.created_at),
            "ip_address": "127.0.0.1",
            "keepalive": (60, 60, 60, 120, 300, 30)[number % 6],
            "listener": "tcp:default",
            "node": self.node,
            "peersni": None,
            "port": self._port,
            "proto_name": "MQTT",
            "proto_ver": 5,
        }
        if not self.connected:
            row["disconnected_at"] = format_time(self.disconnected_at)
        return row

    def _traffic(self) -> Row:
        """Write the counters; a disconnected session has lost those of its socket."""
        number = stable_random(self.clientid, "traffic")
        heard, told = int(self.talked * (2 + number % 23) / 10), int(self.talked * (number % 11) / 10)
        packets = 20 + number % 400 + heard + told if self.connected else 2
        row: Row = dict.fromkeys(COUNTERS, 0)
        row |= {"recv_pkt": packets, "send_pkt": packets + number % 90 * self.connected}
        row |= {"reductions": 50_000 + packets * 3_000, "heap_size": (1598, 2586, 4185, 6772)[number % 4]}
        row |= {
            "awaiting_rel_max": 100,
            "inflight_max": 32,
            "mqueue_max": 1000,
            "subscriptions_max": "infinity",
        }
        if self.connected:
            row |= dict.fromkeys(("recv_msg", "recv_msg.qos1"), number % 50 + heard)
            row |= dict.fromkeys(("send_msg", "send_msg.qos1"), told)
            row |= {
                "recv_cnt": packets,
                "recv_oct": packets * 61,
                "send_cnt": packets,
                "send_oct": packets * 33,
            }
        return row
