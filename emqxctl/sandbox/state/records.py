"""Clients, subscriptions, messages, bans and alarms, with their rows as EMQX writes them."""

import base64
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zlib import crc32

from emqxctl.emqx.topics import parse_subscription
from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.messages import Row

MIB = 1 << 20


def stable_random(*parts: object) -> int:
    """Return a number that looks random and depends only on the parts."""
    return crc32("\0".join(map(str, parts)).encode("utf-8", "replace"))


def format_time(seconds: float, unit: str = "milliseconds") -> str:
    """Format an epoch time as RFC 3339 with the offset that the recorded servers had."""
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
        """Return the name of the share group, or nothing."""
        return parse_subscription(self.topic).group

    @property
    def filter(self) -> str:
        """Return the filter without its share group."""
        return parse_subscription(self.topic).filter

    def row(self, clientid: str, node: str) -> Row:
        """Return the subscription as `GET /subscriptions` does, less `durable`."""
        options = {"nl": self.nl, "qos": self.qos, "rap": self.rap, "rh": self.rh}
        return {"clientid": clientid, "node": node, "topic": self.topic, **options}


@dataclass(frozen=True)
class Message:
    """One message, retained or queued."""

    topic: str
    payload: bytes
    qos: int = 0
    published: float = 0.0  # published, in epoch seconds
    number: int = 0  # makes the id and the time of insertion unique
    from_clientid: str = "http_api"
    from_username: str = ""

    @property
    def msgid(self) -> str:
        """Format the id: the time in microseconds, then what sets it apart."""
        return f"{int(self.published * 1e6):016X}70F30000{self.number & 0xFFFFFFFF:08X}"

    @property
    def inserted_at(self) -> int:
        """Return the time of insertion in nanoseconds; it is also the position of a page."""
        return int(self.published * 1e6) * 1000 + self.number % 1_000_000

    def origin(self) -> Row:
        """Return the fields that every form of a message has."""
        return {
            "from_clientid": self.from_clientid,
            "from_username": self.from_username,
            "msgid": self.msgid,
            "qos": self.qos,
            "topic": self.topic,
        }

    def retained_row(self, *, with_payload: bool = False) -> Row:
        """Return the message as the retainer does; it leaves a payload above 1 MiB out."""
        row = {**self.origin(), "publish_at": format_time(self.published)}
        if with_payload and len(self.payload) <= MIB:
            row["payload"] = base64.b64encode(self.payload).decode()
        return row

    def queued_row(self, encoding: str) -> Row:
        """Return the message as `mqueue_messages` and `inflight_messages` do."""
        row = {
            **self.origin(),
            "inserted_at": str(self.inserted_at),
            "publish_at": int(self.published * 1000),
        }
        if encoding == "base64":
            row["payload"] = base64.b64encode(self.payload).decode()
        elif encoding == "plain":
            row["payload"] = self.payload.decode("utf-8", "replace")
        return row


@dataclass(frozen=True)
class Ban:
    """One ban; `until` is an epoch second or `infinity`."""

    subject_type: str
    subject: str
    created_by: str
    reason: str
    created: int
    until: int | str

    def row(self) -> Row:
        """Return the ban as `GET /banned` does."""
        end = self.until if isinstance(self.until, str) else format_time(self.until, "seconds")
        start = format_time(self.created, "seconds")
        return {
            "as": self.subject_type,
            "at": start,
            "by": self.created_by,
            "reason": self.reason,
            "until": end,
            "who": self.subject,
        }


@dataclass(frozen=True)
class Alarm:
    """One alarm of one node; `ended` is None while it is active."""

    node: str
    name: str
    message: str
    details: Row
    activated: float
    deactivated: float | None = None

    def row(self, now: float) -> Row:
        """Return the alarm as `GET /alarms` does, its duration in milliseconds."""
        end = now if self.deactivated is None else self.deactivated
        row: Row = {"node": self.node, "name": self.name, "message": self.message, "details": self.details}
        row |= {"activate_at": format_time(self.activated), "duration": int((end - self.activated) * 1000)}
        if self.deactivated is not None:
            row["deactivate_at"] = format_time(self.deactivated)
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
    active_seconds: float = 0.0  # seconds for which it has been sending and receiving

    def renew(self, now: float, node: str) -> "Client":
        """Build the session after this one was lost: same subscriptions, empty queues."""
        queues = ("mqueue_len", "inflight_cnt")
        fields = {name: value for name, value in self.fields.items() if name not in queues}
        new = replace(self, node=node, connected=True, connected_at=now, created_at=now, fields=fields)
        new.mqueue, new.inflight, new.authz_cache, new.active_seconds = [], [], [], 0.0
        return new

    @property
    def peer(self) -> str:
        """Format its address and port."""
        address, port = (self.fields.get(name) for name in ("ip_address", "port"))
        return f"{address or '127.0.0.1'}:{port or self._port}"

    @property
    def _port(self) -> int:
        """Return its port."""
        return 32_768 + stable_random(self.clientid) % 28_000

    def row(self) -> Row:
        """Return the client as `GET /clients` does."""
        row = {**read_table("rows")["client"], **self._identity(), **self._traffic()}
        row["mqueue_len"] = len(self.mqueue)
        row["inflight_cnt"] = len(self.inflight)
        row["subscriptions_cnt"] = len(self.subscriptions)
        return row | self.fields

    def _identity(self) -> Row:
        """Return who it is, and where it is or was connected."""
        number, expiry = stable_random(self.clientid), 0 if self.clean_start else 604_800
        row = {
            "clean_start": self.clean_start,
            "clientid": self.clientid,
            "connected": self.connected,
            "connected_at": format_time(self.connected_at),
            "created_at": format_time(self.created_at),
            "expiry_interval": expiry,
            "is_persistent": expiry > 0,
            "keepalive": (60, 60, 60, 120, 300, 30)[number % 6],
            "node": self.node,
            "port": self._port,
            "username": self.username,
        }
        if not self.connected:
            row["disconnected_at"] = format_time(self.disconnected_at)
        return row

    def _traffic(self) -> Row:
        """Return the counters; a disconnected session has lost those of its socket."""
        number = stable_random(self.clientid, "traffic")
        received = int(self.active_seconds * (2 + number % 23) / 10)
        sent = int(self.active_seconds * (number % 11) / 10)
        packets = 20 + number % 400 + received + sent if self.connected else 2
        row: Row = {"recv_pkt": packets, "send_pkt": packets + number % 90 * self.connected}
        row |= {"reductions": 50_000 + packets * 3_000, "heap_size": (1598, 2586, 4185, 6772)[number % 4]}
        if self.connected:
            row |= dict.fromkeys(("recv_msg", "recv_msg.qos1"), number % 50 + received)
            row |= dict.fromkeys(("send_msg", "send_msg.qos1"), sent)
            row |= {"recv_cnt": packets, "recv_oct": packets * 61}
            row |= {"send_cnt": packets, "send_oct": packets * 33}
        return row
