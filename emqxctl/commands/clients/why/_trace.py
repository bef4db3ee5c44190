"""Why a client went, or was not let in, where a trace of it says so."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from emqxctl.api.parallel import Fetched

if TYPE_CHECKING:
    from emqxctl.api.client import Client

TAIL = 1 << 16  # bytes of each node's log: a few hundred lines, the last the client left

# What a line of the log says, the more telling first: (the cause, what tells it, in words).
REASONS = (
    ("keepalive_timeout", r"keep_?alive_timeout|DISCONNECT\([^)]*ReasonCode=141", "keep-alive timeout"),
    ("kicked", r"\bkicked\b|DISCONNECT\([^)]*ReasonCode=152", "it was kicked"),
    (
        "taken_over",
        r"\btakenover\b|\btakeover\b|taken_over|DISCONNECT\([^)]*ReasonCode=142",
        "another connection took over its id",
    ),
    ("discarded", r"\bdiscarded\b", "another connection with its id began a clean session"),
    ("banned", r"\bbanned\b|CONNACK\([^)]*ReasonCode=138", "it is banned"),
    (
        "wrong_password",
        r"bad_user_?name_or_password|CONNACK\([^)]*ReasonCode=(134|4)\b",
        "wrong user name or password",
    ),
    ("not_authorized", r"\bnot_authorized\b|CONNACK\([^)]*ReasonCode=(135|5)\b", "authentication refused it"),
    (
        "bad_packet",
        r"frame_too_large|malformed|frame_parse_error|DISCONNECT\([^)]*ReasonCode=(129|130|149)",
        "it sent what is not MQTT, or too much",
    ),
    ("left", r"received.*packet: DISCONNECT\(", "it disconnected by itself"),
    ("connection_lost", r"(tcp|ssl|sock)_closed|econnreset|etimedout", "the connection broke off"),
)
ACCEPTED = re.compile(r"packet: CONNACK\([^)]*ReasonCode=0\b")
TEXTS = (r"msg: ([^,]*)", r"reason: (\{[^}]*\}|[^,]*)", r"packet: ((?:CONNACK|DISCONNECT)\([^)]*\))")


class Told(NamedTuple):
    """What a trace told: the cause, in words, when, by which trace."""

    cause: str
    words: str
    at: str
    trace: str


def of_client(traces: object, clientid: str, address: str | None) -> list[Mapping[str, Any]]:
    """Choose the traces that follow a client, by its id or address, that have logged something."""
    found = [one for one in traces if isinstance(one, dict)] if isinstance(traces, list) else []
    mine = [
        one for one in found
        if one.get("clientid") == clientid or (address and one.get("ip_address") == address)
    ]  # fmt: skip
    return [one for one in mine if sizes(one)]


def sizes(trace: Mapping[str, Any]) -> dict[str, int]:
    """Give the bytes that each node has logged."""
    logged = trace.get("log_size")
    return {node: size for node, size in logged.items() if size} if isinstance(logged, dict) else {}


def tail(trace: Mapping[str, Any]) -> "Any":  # noqa: ANN401  # a reading of parts.py
    """Make the reading of the ends of a trace's logs, as lines in order of time."""

    def read(api: "Client") -> list[str]:
        lines: list[str] = []
        for node, size in sizes(trace).items():
            query = {"bytes": TAIL, "position": max(0, size - TAIL), "node": node}
            found = api.get("/trace/{name}/log", str(trace.get("name")), query=query)
            text = found.get("items") if isinstance(found, dict) else None
            lines += str(text or "").splitlines()
        return sorted(lines, key=moment)

    return read


def moment(line: str) -> str:
    """Give the time at a line's beginning, or in its JSON."""
    found = re.search(r"\d{4}-\d\d-\d\dT[0-9:.]+(Z|[+-]\d\d:\d\d)?", line)
    return found.group() if found else ""


def told(traces: Sequence[Mapping[str, Any]], parts: Mapping[str, Fetched], clientid: str) -> Told | None:
    """Find the last reason that traces give; none when the client was let in after it."""
    found: Told | None = None
    for trace in traces:
        name = str(trace.get("name"))
        part = parts.get(f"trace {name}")
        last = last_reason(part.value, clientid, name) if part and part.value else None
        if last and (found is None or last.at > found.at):
            found = last
    return found


def last_reason(lines: Iterable[str], clientid: str, trace: str) -> Told | None:
    """Find the most telling reason after the last time that the client was let in."""
    reasons: dict[str, Told] = {}
    for line in lines:
        said = of_line(line, clientid)
        if ACCEPTED.search(said):
            reasons.clear()
        for cause, pattern, words in REASONS:
            if said and re.search(pattern, said):
                reasons[cause] = Told(cause, words, moment(line), trace)
                break
    return next((reasons[cause] for cause, _, _ in REASONS if cause in reasons), None)


def of_line(line: str, clientid: str) -> str:
    """Take out what EMQX says in a line: message, reason, packet; nothing that the client chose itself."""
    if line.startswith("{"):
        return of_json(line, clientid)
    _, own, rest = line.partition(f" {clientid}@")
    if not own or "PUBLISH(" in rest:
        return ""
    said = [re.search(text, rest) for text in TEXTS]
    return " ".join(one.group(0) for one in said if one)


def of_json(line: str, clientid: str) -> str:
    """Take the same out of a line of a trace that is written as JSON."""
    import json

    try:
        found = json.loads(line)
    except ValueError:
        return ""
    meta = found.get("meta") if isinstance(found, dict) else None
    if not isinstance(meta, dict) or meta.get("clientid") != clientid:
        return ""
    packet = str(meta.get("packet", ""))
    kept = packet if packet.startswith(("CONNACK(", "DISCONNECT(")) else ""
    return f"msg: {found.get('msg', '')} reason: {meta.get('reason', '')} packet: {kept}"
