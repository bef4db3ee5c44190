"""What the checks of `emqxctl check` measure, taken from the answers of the API."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from math import inf
from typing import NamedTuple

from emqxctl.diagnosis.health import (
    Row,
    compute_memory_share,
    dict_rows,
    find_node_problems,
    is_enabled,
    is_running,
    not_working,
    parse_number,
)
from emqxctl.text.units import parse_time

Parts = Mapping[str, object]


class Measured(NamedTuple):
    """What one check found: values by what they belong to (`""`: the whole), and words for a person.

    `missing` says why there is no value; `nothing` that there is nothing to look at, which is fine.
    """

    values: Mapping[str, float]
    words: str = ""
    missing: str = ""
    nothing: str = ""


def nodes(parts: Parts) -> Measured:
    """Count the nodes that run."""
    rows = dict_rows(parts["nodes"])
    wrong = find_node_problems(rows, parts.get("cluster"), parts.get("topology"))
    running = sum(map(is_running, rows))
    known = known_nodes(parts)
    words = "; ".join(one.clause for one in wrong) or f"{known} of {known} run"
    return Measured({"": running}, words)


def known_nodes(parts: Parts) -> int:
    """Count the nodes that any answer knows of."""
    rows = dict_rows(parts.get("nodes"))
    wrong = find_node_problems(rows, parts.get("cluster"), parts.get("topology"))
    return len({str(row.get("node")) for row in rows} | {one.name for one in wrong})


def of_each_node(take: Callable[[Row], float | None], what: str) -> Callable[[Parts], Measured]:
    """Make a measure that takes a number of each running node."""

    def measure(parts: Parts) -> Measured:
        running = [row for row in dict_rows(parts["nodes"]) if is_running(row)]
        told = {str(row.get("node", "?")): take(row) for row in running}
        values = {name: value for name, value in told.items() if value is not None}
        if not values:
            return Measured({}, missing=f"no node tells its {what}")
        name = max(values, key=lambda one: values[one])
        return Measured(values, name)

    return measure


def memory(node: Row) -> float | None:
    """Give the percentage of memory that a node uses."""
    share = compute_memory_share(node)
    return None if share is None else share * 100


def connections(parts: Parts) -> Measured:
    """Count the clients that are connected to any node."""
    values = [
        parse_number(row.get("live_connections", row.get("connections"))) for row in dict_rows(parts["nodes"])
    ]
    told = [value for value in values if value is not None]
    return Measured({"": sum(told)} if told else {}, missing="" if told else "no node tells its connections")


def idle(kind: str) -> Callable[[Parts], Measured]:
    """Make a measure that counts what is enabled and does not work."""

    def measure(parts: Parts) -> Measured:
        rows = dict_rows(parts[kind])
        wrong = not_working(kind, rows)
        enabled = sum(map(is_enabled, rows))
        fine = f"{enabled} of {enabled} work" if enabled else "none is enabled"
        return Measured({"": len(wrong)}, "; ".join(one.clause for one in wrong) or fine)

    return measure


def alarms(parts: Parts) -> Measured:
    """Count the alarms that are active, one for each name."""
    names = sorted({str(row.get("name", "?")) for row in dict_rows(parts["alarms"])})
    return Measured({"": len(names)}, ", ".join(names) or "none is active")


def rules(parts: Parts) -> Measured:
    """Find the rule that fails most: its SQL raised an exception, or an action of it failed."""
    document = parts["rule metrics"]
    rows = dict_rows(document.get("rules")) if isinstance(document, dict) else []
    shares = {str(row.get("id", "?")): failing(row) for row in rows}
    if not shares:
        return Measured({"": 0}, "there are none")
    name = max(shares, key=lambda one: shares[one])
    return Measured({"": shares[name]}, f"rule {name} fails" if shares[name] else "none fails")


def failing(rule: Row) -> float:
    """Give the percentage of a rule's work that failed."""
    raised = parse_number(rule.get("emqx_rule_failed_exception")) or 0
    failed = raised + (parse_number(rule.get("emqx_rule_actions_failed")) or 0)
    done = raised + (parse_number(rule.get("emqx_rule_actions_total")) or 0)
    return 100 * failed / max(done, failed, 1)


def drops(parts: Parts) -> Measured:
    """Give the percentage of messages that a full queue had no room for."""
    document = parts["metrics"]
    metrics = document if isinstance(document, dict) else {}
    lost = parse_number(metrics.get("delivery.dropped.queue_full"))
    if lost is None:
        return Measured({}, missing="the metrics do not tell")
    sent = parse_number(metrics.get("messages.delivered")) or 0
    return Measured({"": 100 * lost / max(lost + sent, 1)}, f"{lost:.0f} of {lost + sent:.0f}")


def license_left(parts: Parts) -> Measured:
    """Give the seconds until the license expires."""
    document = parts["license"]
    found = document if isinstance(document, dict) else {}
    until = str(found.get("expiry_at") or "")
    left = seconds_until(until)
    if found.get("expiry") is True:
        return Measured({"": min(left or 0.0, 0.0)}, f"it has expired ({until})")
    if left is None:
        return (
            Measured({}, nothing="it does not expire") if until else Measured({}, missing="it tells no end")
        )
    return Measured({"": left}, f"until {until}")


def license_use(parts: Parts) -> Measured:
    """Give the percentage of the license's connections (from 5.9: sessions) that are in use."""
    document = parts["license"]
    found = document if isinstance(document, dict) else {}
    sessions = "max_sessions" in found
    counted = "connections" if sessions else "live_connections"
    most = parse_number(found.get("max_sessions" if sessions else "max_connections"))
    if not most:
        return Measured({}, nothing="it sets no limit")
    rows = [row for row in dict_rows(parts.get("nodes")) if is_running(row)]
    used = sum(parse_number(row.get(counted, row.get("connections"))) or 0 for row in rows)
    return Measured({"": 100 * used / most}, f"{used:.0f} of {most:.0f}")


def certificates(parts: Parts) -> Measured:
    """Give the seconds until each listener's certificate expires."""
    document = parts["certificates"]
    listed = document.get("certs") if isinstance(document, dict) else None
    if listed is None:
        return Measured({}, nothing="this EMQX does not tell")
    values: dict[str, float] = {}
    for row in dict_rows(listed if isinstance(listed, list) else [listed]):
        name = f"{row.get('listener_type', '?')}:{row.get('listener_name', '?')}"
        until = parse_number(row.get("emqx_cert_expiry_at"))
        if until:
            values[name] = min(until - now(), values.get(name, inf))
    if not values:
        return Measured({}, nothing="no listener has one")
    return Measured(values, f"{min(values, key=lambda one: values[one])} is the first")


def api_keys(parts: Parts) -> Measured:
    """Give the seconds until each enabled API key expires that does."""
    values = {}
    for row in dict_rows(parts["api-keys"]):
        left = seconds_until(str(row.get("expired_at") or ""))
        if row.get("enable") is not False and left is not None:
            values[str(row.get("name", "?"))] = left
    if not values:
        return Measured({}, nothing="none of them expires")
    return Measured(values, f"{min(values, key=lambda one: values[one])} is the first")


def seconds_until(text: str) -> float | None:
    """Give the seconds until a time or a day; None for what is none (`infinity`)."""
    try:
        moment = parse_time(text)
    except ValueError:
        return None
    if len(text) == 10:  # a day: it ends in UTC
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp() - now()


def now() -> float:
    """Tell the time."""
    return datetime.now(UTC).timestamp()


MEASURES: Mapping[str, Callable[[Parts], Measured]] = {
    "nodes": nodes,
    "memory": of_each_node(memory, "memory"),
    "load": of_each_node(lambda row: parse_number(row.get("load1")), "load"),
    "connections": connections,
    "listeners": idle("listeners"),
    "connectors": idle("connectors"),
    "actions": idle("actions"),
    "sources": idle("sources"),
    "alarms": alarms,
    "rules": rules,
    "drops": drops,
    "license": license_left,
    "license-use": license_use,
    "certificates": certificates,
    "api-keys": api_keys,
}


def between(before: object, after: object) -> object:
    """Give what counters counted between two answers; after a restart they begin anew."""
    if isinstance(after, dict):
        earlier = before if isinstance(before, dict) else {}
        return {name: between(earlier.get(name), value) for name, value in after.items()}
    if isinstance(after, list):
        return between_rows(dict_rows(before), dict_rows(after))
    first, last = parse_number(before), parse_number(after)
    if first is None or last is None or isinstance(after, str):
        return after
    return last - first if last >= first else last


def between_rows(before: Sequence[Row], after: Sequence[Row]) -> list[object]:
    """Do so for rows, told apart by their id."""
    earlier = {str(row.get("id")): row for row in before}
    return [between(earlier.get(str(row.get("id"))), row) for row in after]
