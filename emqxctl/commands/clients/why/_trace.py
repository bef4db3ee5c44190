"""The cause of a disconnect or of a refused connection, from the log of a trace that follows the client."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from emqxctl.api.parallel import Fetch, Fetched
from emqxctl.errors import ExitCode, ServerError

if TYPE_CHECKING:
    from emqxctl.api.client import Client

TAIL_BYTES = 1 << 16  # of each node's log: a few hundred lines, the last that the client caused

# Causes by what a log line contains, the most specific first: (cause, pattern, message).
PATTERNS = (
    ("keepalive_timeout", r"keep_?alive_timeout|DISCONNECT\([^)]*ReasonCode=141", "keepalive timeout"),
    ("kicked", r"\bkicked\b|DISCONNECT\([^)]*ReasonCode=152", "the client was kicked"),
    (
        "taken_over",
        r"\btakenover\b|\btakeover\b|taken_over|DISCONNECT\([^)]*ReasonCode=142",
        "another connection took over the client ID",
    ),
    (
        "discarded",
        r"\bdiscarded\b",
        "another connection with the client ID started a clean session",
    ),
    ("banned", r"\bbanned\b|CONNACK\([^)]*ReasonCode=138", "the client is banned"),
    (
        "wrong_password",
        r"bad_user_?name_or_password|CONNACK\([^)]*ReasonCode=(134|4)\b",
        "wrong username or password",
    ),
    (
        "not_authorized",
        r"\bnot_authorized\b|CONNACK\([^)]*ReasonCode=(135|5)\b",
        "authentication rejected the client",
    ),
    (
        "bad_packet",
        r"frame_too_large|malformed|frame_parse_error|DISCONNECT\([^)]*ReasonCode=(129|130|149)",
        "the client sent a malformed or too large packet",
    ),
    ("client_disconnected", r"received.*packet: DISCONNECT\(", "the client disconnected"),
    ("connection_lost", r"(tcp|ssl|sock)_closed|econnreset|etimedout", "the connection was lost"),
)
ACCEPTED = re.compile(r"packet: CONNACK\([^)]*ReasonCode=0\b")
SERVER_TEXTS = (r"msg: ([^,]*)", r"reason: (\{[^}]*\}|[^,]*)", r"packet: ((?:CONNACK|DISCONNECT)\([^)]*\))")


class TraceEvidence(NamedTuple):
    """A cause that a trace contains, with its message, its time, and the name of the trace."""

    cause: str
    message: str
    at: str
    trace: str


def select_traces(traces: object, clientid: str, address: str | None) -> list[Mapping[str, Any]]:
    """Return the traces that follow a client, by its id or address, and have logged something."""
    rows = [row for row in traces if isinstance(row, dict)] if isinstance(traces, list) else []
    return [
        row
        for row in rows
        if (row.get("clientid") == clientid or (address and row.get("ip_address") == address))
        and log_sizes(row)
    ]


def log_sizes(trace: Mapping[str, Any]) -> dict[str, int]:
    """Return the bytes that each node has logged; nodes without a log are omitted."""
    sizes = trace.get("log_size")
    return {node: size for node, size in sizes.items() if size} if isinstance(sizes, dict) else {}


def fetch_log_tail(trace: Mapping[str, Any]) -> Fetch:
    """Return a fetch of the ends of a trace's logs, as lines in order of time."""

    def fetch(client: "Client") -> list[str]:
        lines: list[str] = []
        for node, size in log_sizes(trace).items():
            lines += fetch_tail(client, str(trace.get("name")), node, size).splitlines()
        return sorted(lines, key=find_time)

    return fetch


def fetch_tail(client: "Client", name: str, node: str, size: int) -> str:
    """Return the end of a node's log.

    Since EMQX 6.2 a log can only be read from its start: its positions are cursors.
    """
    from emqxctl.commands.traces._log import START, fetch_piece

    start = max(START, size - TAIL_BYTES)
    try:
        piece = fetch_piece(client, name, node, start, TAIL_BYTES)
    except ServerError as error:
        if not start or error.exit_code is not ExitCode.REJECTED:
            raise
        piece = fetch_piece(client, name, node, START)
    text = piece.text
    while isinstance(piece.end, str) and not piece.is_last:
        piece = fetch_piece(client, name, node, piece.end)
        text = (text + piece.text)[-TAIL_BYTES:]
    return text


def find_time(line: str) -> str:
    """Return the first time in a line, of the text or the JSON format; empty if it has none."""
    match = re.search(r"\d{4}-\d\d-\d\dT[0-9:.]+(Z|[+-]\d\d:\d\d)?", line)
    return match.group() if match else ""


def find_evidence(
    traces: Sequence[Mapping[str, Any]], parts: Mapping[str, Fetched], clientid: str
) -> TraceEvidence | None:
    """Return the latest cause in the logs of traces; None if the client was accepted after it."""
    latest: TraceEvidence | None = None
    for trace in traces:
        name = str(trace.get("name"))
        part = parts.get(f"trace {name}")
        evidence = find_evidence_in_log(part.value, clientid, name) if part and part.value else None
        if evidence and (latest is None or evidence.at > latest.at):
            latest = evidence
    return latest


def find_evidence_in_log(lines: Iterable[str], clientid: str, trace: str) -> TraceEvidence | None:
    """Return the most specific cause after the last time that the client was accepted."""
    evidence: dict[str, TraceEvidence] = {}
    for line in lines:
        text = extract_server_text(line, clientid)
        if ACCEPTED.search(text):
            evidence.clear()
        for cause, pattern, message in PATTERNS:
            if text and re.search(pattern, text):
                evidence[cause] = TraceEvidence(cause, message, find_time(line), trace)
                break
    return next((evidence[cause] for cause, _, _ in PATTERNS if cause in evidence), None)


def extract_server_text(line: str, clientid: str) -> str:
    """Return what EMQX itself wrote in a line: message, reason and packet, but no text of the client's."""
    if line.startswith("{"):
        return extract_json_text(line, clientid)
    _, separator, rest = line.partition(f" {clientid}@")
    if not separator or "PUBLISH(" in rest:
        return ""
    matches = [re.search(pattern, rest) for pattern in SERVER_TEXTS]
    return " ".join(match.group(0) for match in matches if match)


def extract_json_text(line: str, clientid: str) -> str:
    """Return the same from a line of a trace in JSON format."""
    import json

    try:
        entry = json.loads(line)
    except ValueError:
        return ""
    meta = entry.get("meta") if isinstance(entry, dict) else None
    if not isinstance(meta, dict) or meta.get("clientid") != clientid:
        return ""
    packet = str(meta.get("packet", ""))
    packet = packet if packet.startswith(("CONNACK(", "DISCONNECT(")) else ""
    return f"msg: {entry.get('msg', '')} reason: {meta.get('reason', '')} packet: {packet}"
