"""Traces: what each one matches, how long, and its log on each node."""

import json
from dataclasses import dataclass, field

from emqxctl.emqx.topics import topic_matches
from emqxctl.sandbox.messages import Row
from emqxctl.sandbox.state.records import Client, Message, format_time

KINDS = ("clientid", "topic", "ip_address", "ruleid")


@dataclass
class Trace:
    """One trace; times are epoch seconds, and `logs` are kept by node."""

    name: str
    kind: str
    target: str
    start: float
    end: float
    payload_encode: str = "text"
    formatter: str = "text"
    enabled: bool = True
    logs: dict[str, bytes] = field(default_factory=dict)
    last_write: float = 0.0

    def status(self, now: float) -> str:
        """Return whether it waits, runs or has stopped."""
        if not self.enabled or self.end <= now:
            return "stopped"
        return "waiting" if self.start > now else "running"

    def row(self, now: float, nodes: list[str]) -> Row:
        """Return the trace as `GET /trace` does."""
        return {
            self.kind: self.target,
            "end_at": format_time(self.end, "seconds"),
            "formatter": self.formatter,
            "log_size": {node: len(self.logs.get(node, b"")) for node in nodes},
            "name": self.name,
            "payload_encode": self.payload_encode,
            "start_at": format_time(self.start, "seconds"),
            "status": self.status(now),
            "type": self.kind,
        }

    def matches_message(self, message: Message) -> bool:
        """Return whether a message is one of those that it is about."""
        if self.kind == "topic":
            return topic_matches(message.topic, self.target)
        return self.kind == "clientid" and message.from_clientid == self.target

    def matches_client(self, client: Client) -> bool:
        """Return whether it is about a client."""
        if self.kind == "ip_address":
            return client.peer.rpartition(":")[0] == self.target
        return self.kind == "clientid" and client.clientid == self.target

    def format_payload(self, message: Message) -> str:
        """Format a payload in the encoding of the trace."""
        encode = {"text": lambda: message.payload.decode("utf-8", "replace"), "hex": message.payload.hex}
        return encode.get(self.payload_encode, lambda: "******")()

    def format_packet_payload(self, message: Message) -> str:
        """Format a payload as part of a packet."""
        return f"Payload({self.payload_encode})={self.format_payload(message)}"

    def record_publish(self, message: Message, node: str) -> None:
        """Record that a message was published."""
        meta = {
            "topic": message.topic,
            "payload_encode": self.payload_encode,
            "payload": self.format_payload(message),
        }
        self.write_line(node, message.published, "PUBLISH", "publish_to", meta)

    def write_line(  # noqa: PLR0913 - they make one line
        self, node: str, at: float, tag: str, event: str, meta: Row, *, client: Client | None = None
    ) -> None:
        """Append one line to the log, as text or JSON."""
        moment = format_time(at, "microseconds")
        identity = {"clientid": client.clientid, "peername": client.peer} if client else {}
        who = f" {client.clientid}@{client.peer}" if client else ""
        if self.formatter == "json":
            line = json.dumps(
                {
                    "time": moment,
                    "msg": event,
                    "meta": {"trace_tag": tag, **identity, **meta},
                    "level": "debug",
                },
                ensure_ascii=False,
                separators=(",", ":"),
            )
        else:
            details = ", ".join(f"{name}: {value}" for name, value in meta.items())
            line = f"{moment} [{tag}]{who} msg: {event}, {details}"
        self.logs[node] = self.logs.get(node, b"") + line.encode("utf-8", "replace") + b"\n"
        self.last_write = at
