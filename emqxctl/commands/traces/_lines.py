"""The lines of a trace's log as data, and as a person reads them: both formats of EMQX are understood."""

import json
import re
from collections.abc import Iterable
from datetime import datetime

from emqxctl.output.results import Row
from emqxctl.text.escaping import escape_control_characters

# 2026-11-22T23:37:46.865582+00:00 [MQTT] sensor-001@127.0.0.1:41191 msg: mqtt_packet_sent, packet: ...
TEXT = (
    r"(?P<time>\d{4}-\d\d-\d\dT\S+) \[(?P<tag>[^\]]*)\] (?:(?P<peer>.*?) )?"
    r"msg: (?P<msg>[^,]*)(?:, (?P<rest>.*))?"
)
PEER = r"(?P<clientid>.*)@(?P<peername>\[?[0-9a-fA-F.:]+\]?:\d+)"
TOPIC = r"(?:Topic=|topic: )(?P<topic>[^,)]*)"
FIRST = ("clientid", "topic")  # what a line is about, in this order, before everything else
NOT_SHOWN = frozenset(
    {"trace_tag", "payload_encode", "payload", "peername", "gl", "pid", "domain", "mfa", "line"}
)


def read_line(line: str, node: str | None) -> Row:
    """Read one line of a log; what is no event of EMQX's stays as it is, as `line`."""
    row = from_json(line) if line.startswith("{") else from_text(line)
    return {"time": None, "node": node, **row} if row else {"node": node, "line": line}


def from_json(line: str) -> Row | None:
    """Read a line of the JSON formatter (EMQX 5.7 and later)."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    inner = found.pop("meta", None)
    meta: Row = inner if isinstance(inner, dict) else {"meta": inner}
    row: Row = {"time": found.pop("time", None), "tag": meta.get("trace_tag"), "msg": found.pop("msg", None)}
    row |= {name: meta.get(name) for name in (*FIRST, "payload") if name in meta}
    left = {name: value for name, value in found.items() if name not in row}
    return {**row, **left, "meta": {name: value for name, value in meta.items() if name not in row}}


def from_text(line: str) -> Row | None:
    """Read a line of the text formatter."""
    found = re.fullmatch(TEXT, line, re.DOTALL)
    if found is None:
        return None
    row: Row = {"time": found["time"], "tag": found["tag"], "msg": found["msg"].strip()}
    peer = re.fullmatch(PEER, found["peer"] or "")
    topic = re.search(TOPIC, found["rest"] or "")
    row |= {"clientid": peer["clientid"]} if peer else {}
    row |= {"topic": topic["topic"]} if topic else {}
    meta: Row = {"peername": peer["peername"]} if peer else {}
    return {**row, "meta": {**meta, "text": found["rest"] or ""}}


def moment(row: Row) -> float:
    """Give when a line was written as epoch seconds, 0 where it does not say; for a common order of nodes."""
    time = row.get("time")
    try:
        if isinstance(time, int | float):
            return time / 1e6  # EMQX's JSON log writes microseconds when so configured
        return datetime.fromisoformat(str(time)).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def clock(value: object) -> str:
    """Write the time of the day with milliseconds; the date is today's."""
    if isinstance(value, int | float):
        value = datetime.fromtimestamp(value / 1e6).astimezone().isoformat()
    found = re.fullmatch(r"\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)(\.\d+)?\S*", str(value))
    return f"{found[1]}{(found[2] or '.')[:4]:0<4}" if found else str(value or "-")


def pretty(row: Row, nodes: Iterable[str], *, colour: bool) -> str:
    """Write one line for a person, harmless to a terminal; `nodes` are all that may stand in the column."""
    from emqxctl.output.ansi import paint

    width = max((len(node) for node in nodes), default=0)
    node = f"{escape_control_characters(str(row.get('node') or '-')):<{width}}  " if width else ""
    if "line" in row:
        return f"{'':12}  {paint(node, 'dim', color=colour)}{escape_control_characters(str(row['line']))}\n"
    parts = [
        paint(escape_control_characters(clock(row.get("time"))), "dim", color=colour),
        "  ",
        paint(node, "dim", color=colour),
        paint(f"{escape_control_characters(str(row.get('tag') or '-')):<8}", "cyan", color=colour),
        paint(escape_control_characters(str(row.get("msg") or "-")), "bold", color=colour),
    ]
    parts += [f"  {detail}" for detail in details(row, colour=colour)]
    return "".join(parts) + "\n"


def details(row: Row, *, colour: bool) -> Iterable[str]:
    """Write what a line is about, then its other facts, then the payload."""
    from emqxctl.output.ansi import paint

    for name in FIRST:
        if row.get(name):
            yield f"{paint(name + '=', 'dim', color=colour)}{escape_control_characters(str(row[name]))}"
    meta = row.get("meta")
    for name, value in meta.items() if isinstance(meta, dict) else ():
        if name == "text":
            yield escape_control_characters(str(value))
        elif name not in NOT_SHOWN and value not in (None, "", {}, []):
            label = paint(escape_control_characters(str(name)) + "=", "dim", color=colour)
            yield label + escape_control_characters(written(value))
    if "payload" in row:
        yield f"{paint('payload=', 'dim', color=colour)}{escape_control_characters(written(row['payload']))}"


def written(value: object) -> str:
    """Write a value of a line: text as it is, the rest as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
