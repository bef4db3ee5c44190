"""The traces: what each one watches, how long, and what it has written down on which node."""

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
    written: float = 0.0

    def status(self, now: float) -> str:
        """Tell whether it waits, runs or has stopped."""
        if not self.enabled or self.end <= now:
            return "stopped"
        return "waiting" if self.start > now else "running"

    def row(self, now: float, nodes: list[str]) -> Row:
        """Write the trace as `GET /trace` does."""
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

    def watches(self, message: Message) -> bool:
        """Tell whether a message is one of those that it is about."""
        if self.kind == "topic":
            return topic_matches(message.topic, self.target)
        return self.kind == "clientid" and message.from_clientid == self.target

    def concerns(self, client: Client) -> bool:
        """Tell whether it is about a client."""
        if self.kind == "ip_address":
            return client.peer.rpartition(":")[0] == self.target
        return self.kind == "clientid" and client.clientid == self.target

    def shown(self, message: Message) -> str:
        """Write a payload as it was wished."""
        encode = {"text": lambda: message.payload.decode("utf-8", "replace"), "hex": message.payload.hex}
        return encode.get(self.payload_encode, lambda: "******")()

    def payload(self, message: Message) -> str:
        """Write a payload as part of a packet."""
        return f"Payload({self.payload_encode})={self.shown(message)}"

    def note(self, message: Message, node: str) -> None:
        """Write down that a message was published."""
        meta = {
            "topic": message.topic,
            "payload_encode": self.payload_encode,
            "payload": self.shown(message),
        }
        self.write(node, message.at, "PUBLISH", "publish_to", meta)

    def write(  # noqa: PLR0913 - they make one line
        self, node: str, at: float, tag: str, event: str, meta: Row, *, client: Client | None = None
    ) -> None:
        """Write one line, as text or JSON."""
        moment = format_time(at, "microseconds")
        known = {"clientid": client.clientid, "peername": client.peer} if client else {}
        who = f" {client.clientid}@{client.peer}" if client else ""
        if self.formatter == "json":
            line = json.dumps(
                {"time": moment, "msg": event, "meta": {"trace_tag": tag, **known, **meta}, "level": "debug"},
                ensure_ascii=False,
                separators=(",", ":"),
            )
        else:
            details = ", ".join(f"{name}: {value}" for name, value in meta.items())
            line = f"{moment} [{tag}]{who} msg: {event}, {details}"
        self.logs[node] = self.logs.get(node, b"") + line.encode("utf-8", "replace") + b"\n"
        self.written = at
