"""The lines of a trace's log, in both formats of EMQX: as data, and as `traces tail` prints them."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from emqxctl.output.results import Row
from emqxctl.text.escaping import escape_control_characters

# 2026-11-22T23:37:46.865582+00:00 [MQTT] sensor-001@127.0.0.1:41191 msg: mqtt_packet_sent, packet: ...
TEXT_LINE = (
    r"(?P<time>\d{4}-\d\d-\d\dT\S+) \[(?P<tag>[^\]]*)\] (?:(?P<peer>.*?) )?"
    r"msg: (?P<msg>[^,]*)(?:, (?P<rest>.*))?"
)
PEER = r"(?P<clientid>.*)@(?P<peername>\[?[0-9a-fA-F.:]+\]?:\d+)"
TOPIC = r"(?:Topic=|topic: )(?P<topic>[^,)]*)"
SUBJECT_FIELDS = ("clientid", "topic")  # printed in this order, before all others
HIDDEN_FIELDS = frozenset(
    {"trace_tag", "payload_encode", "payload", "peername", "gl", "pid", "domain", "mfa", "line"}
)


def parse_line(line: str, node: str | None) -> Row:
    """Parse one line of a log; a line that is not an event of EMQX's is returned unchanged as `line`."""
    row = parse_json_line(line) if line.startswith("{") else parse_text_line(line)
    return {"time": None, "node": node, **row} if row else {"node": node, "line": line}


def parse_json_line(line: str) -> Row | None:
    """Parse a line in JSON format (EMQX 5.7 and later); None if it is invalid."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(entry, dict):
        return None
    meta_value = entry.pop("meta", None)
    meta: Row = meta_value if isinstance(meta_value, dict) else {"meta": meta_value}
    row: Row = {"time": entry.pop("time", None), "tag": meta.get("trace_tag"), "msg": entry.pop("msg", None)}
    row |= {name: meta.get(name) for name in (*SUBJECT_FIELDS, "payload") if name in meta}
    other_fields = {name: value for name, value in entry.items() if name not in row}
    other_meta = {name: value for name, value in meta.items() if name not in row}
    return {**row, **other_fields, "meta": other_meta}


def parse_text_line(line: str) -> Row | None:
    """Parse a line in text format; None if it is invalid."""
    match = re.fullmatch(TEXT_LINE, line, re.DOTALL)
    if match is None:
        return None
    row: Row = {"time": match["time"], "tag": match["tag"], "msg": match["msg"].strip()}
    peer = re.fullmatch(PEER, match["peer"] or "")
    topic = re.search(TOPIC, match["rest"] or "")
    row |= {"clientid": peer["clientid"]} if peer else {}
    row |= {"topic": topic["topic"]} if topic else {}
    meta: Row = {"peername": peer["peername"]} if peer else {}
    return {**row, "meta": {**meta, "text": match["rest"] or ""}}


def line_timestamp(row: Row) -> float:
    """Return when a line was written, as epoch seconds, to sort the lines of all nodes; 0 if unknown."""
    time = row.get("time")
    try:
        if isinstance(time, int | float):
            return time / 1e6  # EMQX writes microseconds in JSON if configured to
        return datetime.fromisoformat(str(time)).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def format_clock(value: object) -> str:
    """Format a time as the time of the day with milliseconds, without its date, which is today's."""
    if isinstance(value, int | float):
        value = datetime.fromtimestamp(value / 1e6).astimezone().isoformat()
    match = re.fullmatch(r"\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)(\.\d+)?\S*", str(value))
    return f"{match[1]}{(match[2] or '.')[:4]:0<4}" if match else str(value or "-")


def format_line(row: Row, nodes: Iterable[str], *, color: bool) -> str:
    """Format one line with control characters escaped; `nodes` decide the width of the node's column."""
    from emqxctl.output.ansi import paint

    width = max((len(node) for node in nodes), default=0)
    node = f"{escape_control_characters(str(row.get('node') or '-')):<{width}}  " if width else ""
    if "line" in row:
        return f"{'':12}  {paint(node, 'dim', color=color)}{escape_control_characters(str(row['line']))}\n"
    parts = [
        paint(escape_control_characters(format_clock(row.get("time"))), "dim", color=color),
        "  ",
        paint(node, "dim", color=color),
        paint(f"{escape_control_characters(str(row.get('tag') or '-')):<8}", "cyan", color=color),
        paint(escape_control_characters(str(row.get("msg") or "-")), "bold", color=color),
    ]
    parts += [f"  {detail}" for detail in format_details(row, color=color)]
    return "".join(parts) + "\n"


def format_details(row: Row, *, color: bool) -> Iterator[str]:
    """Yield the client and topic of a line, its other fields, and its payload."""
    from emqxctl.output.ansi import paint

    for name in SUBJECT_FIELDS:
        if row.get(name):
            yield f"{paint(name + '=', 'dim', color=color)}{escape_control_characters(str(row[name]))}"
    meta = row.get("meta")
    for name, value in meta.items() if isinstance(meta, dict) else ():
        if name == "text":
            yield escape_control_characters(str(value))
        elif name not in HIDDEN_FIELDS and value not in (None, "", {}, []):
            label = paint(escape_control_characters(str(name)) + "=", "dim", color=color)
            yield label + escape_control_characters(format_value(value))
    if "payload" in row:
        payload = escape_control_characters(format_value(row["payload"]))
        yield f"{paint('payload=', 'dim', color=color)}{payload}"


def format_value(value: object) -> str:
    """Format a value of a line: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
