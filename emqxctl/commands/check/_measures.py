"""The measurements of `emqxctl check`, taken from API responses."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from math import inf
from typing import NamedTuple

from emqxctl.commands.check._limits import CONFIGURATIONS
from emqxctl.commands.check._losing import find_losing
from emqxctl.diagnosis.health import (
    Row,
    compute_memory_share,
    dict_rows,
    find_failing,
    find_node_problems,
    is_enabled,
    is_running,
    parse_number,
)
from emqxctl.diagnosis.message_counters import COUNTERS, QOS0_TOLERANCE
from emqxctl.text.units import parse_time

MAX_KEYS = 3  # settings that differ, of each node
Parts = Mapping[str, object]
Measure = Callable[[Parts], "Measurement"]


class Measurement(NamedTuple):
    """What one check measured: values by their subject (`""`: the cluster), and details for a person.

    Without values, `unknown_reason` says why they are unknown, `not_applicable` why nothing is measured.
    """

    values: Mapping[str, float]
    detail: str = ""
    unknown_reason: str = ""
    not_applicable: str = ""


def measure_nodes(parts: Parts) -> Measurement:
    """Count the running nodes."""
    rows = dict_rows(parts["nodes"])
    problems = find_node_problems(rows, parts.get("cluster"), parts.get("topology"))
    running_count = sum(map(is_running, rows))
    known_count = count_known_nodes(parts)
    detail = "; ".join(problem.clause for problem in problems) or f"{known_count} of {known_count} running"
    return Measurement({"": running_count}, detail)


def count_known_nodes(parts: Parts) -> int:
    """Return the number of nodes in any of the responses."""
    rows = dict_rows(parts.get("nodes"))
    problems = find_node_problems(rows, parts.get("cluster"), parts.get("topology"))
    return len({str(row.get("node")) for row in rows} | {problem.name for problem in problems})


def node_measure(read: Callable[[Row], float | None], noun: str) -> Measure:
    """Return a measure that reads a number of each running node."""

    def measure(parts: Parts) -> Measurement:
        running_nodes = [row for row in dict_rows(parts["nodes"]) if is_running(row)]
        numbers = {str(row.get("node", "?")): read(row) for row in running_nodes}
        values = {name: number for name, number in numbers.items() if number is not None}
        if not values:
            return Measurement({}, unknown_reason=f"no node reports its {noun}")
        return Measurement(values, max(values, key=values.__getitem__))

    return measure


def read_memory_percent(node: Row) -> float | None:
    """Return the percentage of memory that a node uses."""
    share = compute_memory_share(node)
    return None if share is None else share * 100


def count_measure(read: Callable[[Row], float | None], noun: str) -> Measure:
    """Return a measure that counts something on each running node: the sum, and each node."""

    def measure(parts: Parts) -> Measurement:
        numbers = {str(row.get("node", "?")): read(row) for row in dict_rows(parts["nodes"])}
        counts = {name: number for name, number in numbers.items() if number is not None}
        if not counts:
            return Measurement({}, unknown_reason=f"no node reports its {noun}")
        detail = ", ".join(f"{name}: {count:.0f}" for name, count in counts.items())
        return Measurement({"": sum(counts.values()), **counts}, detail)

    return measure


def read_connections(node: Row) -> float | None:
    """Return the number of connected clients of a node; EMQX 5.0 reports its sessions instead."""
    return parse_number(node.get("live_connections", node.get("connections")))


def failing_measure(kind: str) -> Measure:
    """Return a measure that counts enabled objects that do not work."""

    def measure(parts: Parts) -> Measurement:
        rows = dict_rows(parts[kind])
        problems = [*find_failing(kind, rows), *find_losing(kind, rows, parts)]
        enabled_count = sum(map(is_enabled, rows))
        summary = f"{enabled_count} of {enabled_count} working" if enabled_count else "none enabled"
        return Measurement({"": len(problems)}, "; ".join(problem.clause for problem in problems) or summary)

    return measure


def measure_alarms(parts: Parts) -> Measurement:
    """Count the active alarms, one per name."""
    names = sorted({str(row.get("name", "?")) for row in dict_rows(parts["alarms"])})
    return Measurement({"": len(names)}, ", ".join(names) or "none active")


def measure_rules(parts: Parts) -> Measurement:
    """Return the failure percentage of the worst rule: exceptions in SQL, and failed actions."""
    metrics = parts["rule metrics"]
    rows = dict_rows(metrics.get("rules")) if isinstance(metrics, dict) else []
    percentages = {str(row.get("id", "?")): failure_percent(row) for row in rows}
    if not percentages:
        return Measurement({"": 0}, "no rules")
    name = max(percentages, key=percentages.__getitem__)
    return Measurement({"": percentages[name]}, f"rule {name}" if percentages[name] else "no failures")


def failure_percent(rule: Row) -> float:
    """Return the percentage of a rule's executions that failed."""
    exceptions = parse_number(rule.get("emqx_rule_failed_exception")) or 0
    failed = exceptions + (parse_number(rule.get("emqx_rule_actions_failed")) or 0)
    total = exceptions + (parse_number(rule.get("emqx_rule_actions_total")) or 0)
    return 100 * failed / max(total, failed, 1)


def measure_drops(parts: Parts) -> Measurement:
    """Return the percentage of messages that were lost, by all counters that mean a loss.

    Denials are not counted: authorization is there to reject messages.
    """
    metrics = parts["metrics"]
    counters = metrics if isinstance(metrics, dict) else {}
    if parse_number(counters.get("delivery.dropped.queue_full")) is None:
        return Measurement({}, unknown_reason="not reported in the metrics")
    delivered = parse_number(counters.get("messages.delivered")) or 0
    losses = {
        counter.cause: parse_number(counters.get(counter.name)) or 0 for counter in COUNTERS if counter.loss
    }
    if losses["qos0"] < QOS0_TOLERANCE * (delivered + losses["qos0"]):
        losses["qos0"] = 0  # QoS 0 does not guarantee delivery
    lost = sum(losses.values())
    total = lost + delivered
    reasons = ", ".join(f"{cause} {count:.0f}" for cause, count in losses.items() if count)
    detail = f"{lost:.0f} of {total:.0f}" + (f": {reasons}" if reasons else "")
    return Measurement({"": 100 * lost / max(total, 1)}, detail)


def measure_configurations(parts: Parts) -> Measurement:
    """Count the nodes whose configuration differs from that of the others, with the first keys that do."""
    part = parts[CONFIGURATIONS]
    nodes, differences, unread = (
        (part.get(name) or {} for name in ("nodes", "differences", "unread"))
        if isinstance(part, dict)
        else ({}, {}, {})
    )
    if unread:
        return Measurement({}, unknown_reason="; ".join(f"{node}: {why}" for node, why in unread.items()))
    if len(nodes) < 2:
        return Measurement({}, not_applicable="only one node is running")
    details = [
        f"{node}: {', '.join(keys[:MAX_KEYS])}{f' and {len(keys) - MAX_KEYS} more' * (len(keys) > MAX_KEYS)}"
        for node, keys in differences.items()
    ]
    return Measurement({"": len(differences)}, "; ".join(details) or f"the same on {len(nodes)} nodes")


def measure_license_expiry(parts: Parts) -> Measurement:
    """Return the seconds until the license expires."""
    value = parts["license"]
    license_ = value if isinstance(value, dict) else {}
    expiry = str(license_.get("expiry_at") or "")
    seconds_left = seconds_until(expiry)
    if license_.get("expiry") is True:
        return Measurement({"": min(seconds_left or 0.0, 0.0)}, f"expired ({expiry})")
    if seconds_left is not None:
        return Measurement({"": seconds_left}, f"until {expiry}")
    if expiry:
        return Measurement({}, not_applicable="does not expire")
    return Measurement({}, unknown_reason="expiry date not reported")


def measure_license_use(parts: Parts) -> Measurement:
    """Return the percentage of the licensed connections (sessions since 5.9) that are in use."""
    value = parts["license"]
    license_ = value if isinstance(value, dict) else {}
    counts_sessions = "max_sessions" in license_
    limit = parse_number(license_.get("max_sessions" if counts_sessions else "max_connections"))
    if not limit:
        return Measurement({}, not_applicable="no limit")
    field = "connections" if counts_sessions else "live_connections"
    running_nodes = [row for row in dict_rows(parts.get("nodes")) if is_running(row)]
    used = sum(parse_number(row.get(field, row.get("connections"))) or 0 for row in running_nodes)
    return Measurement({"": 100 * used / limit}, f"{used:.0f} of {limit:.0f}")


def measure_certificates(parts: Parts) -> Measurement:
    """Return the seconds until each listener's certificate expires."""
    stats = parts["certificates"]
    certificates = stats.get("certs") if isinstance(stats, dict) else None
    if certificates is None:
        return Measurement({}, not_applicable="not reported by this EMQX")
    values: dict[str, float] = {}
    for row in dict_rows(certificates if isinstance(certificates, list) else [certificates]):
        name = f"{row.get('listener_type', '?')}:{row.get('listener_name', '?')}"
        expiry = parse_number(row.get("emqx_cert_expiry_at"))
        if expiry:
            values[name] = min(expiry - current_time(), values.get(name, inf))
    if not values:
        return Measurement({}, not_applicable="no listener has a certificate")
    return Measurement(values, f"first: {min(values, key=values.__getitem__)}")


def measure_api_keys(parts: Parts) -> Measurement:
    """Return the seconds until each enabled API key with an expiry date expires."""
    values = {}
    for row in dict_rows(parts["api-keys"]):
        seconds_left = seconds_until(str(row.get("expired_at") or ""))
        if row.get("enable") is not False and seconds_left is not None:
            values[str(row.get("name", "?"))] = seconds_left
    if not values:
        return Measurement({}, not_applicable="no API key expires")
    return Measurement(values, f"first: {min(values, key=values.__getitem__)}")


def seconds_until(text: str) -> float | None:
    """Return the seconds until a time or a date; None for other text (`infinity`)."""
    try:
        time = parse_time(text)
    except ValueError:
        return None
    if len(text) == len("2026-11-23"):  # a date ends in UTC
        time = time.replace(tzinfo=UTC)
    return time.timestamp() - current_time()


def current_time() -> float:
    """Return the time in epoch seconds."""
    return datetime.now(UTC).timestamp()


MEASURES: Mapping[str, Measure] = {
    "nodes": measure_nodes,
    "memory": node_measure(read_memory_percent, "memory"),
    "load": node_measure(lambda row: parse_number(row.get("load1")), "load"),
    "connections": count_measure(read_connections, "connections"),
    "sessions": count_measure(lambda row: parse_number(row.get("connections")), "sessions"),
    "listeners": failing_measure("listeners"),
    "connectors": failing_measure("connectors"),
    "actions": failing_measure("actions"),
    "sources": failing_measure("sources"),
    "alarms": measure_alarms,
    "rules": measure_rules,
    "drops": measure_drops,
    "configs": measure_configurations,
    "license": measure_license_expiry,
    "license-use": measure_license_use,
    "certificates": measure_certificates,
    "api-keys": measure_api_keys,
}


def subtract_counters(before: object, after: object) -> object:
    """Return how much counters grew between two responses; a counter that was reset starts from 0."""
    if isinstance(after, dict):
        earlier = before if isinstance(before, dict) else {}
        return {name: subtract_counters(earlier.get(name), value) for name, value in after.items()}
    if isinstance(after, list):
        return subtract_rows(dict_rows(before), dict_rows(after))
    first, last = parse_number(before), parse_number(after)
    if first is None or last is None or isinstance(after, str):
        return after
    return last - first if last >= first else last


def subtract_rows(before: Sequence[Row], after: Sequence[Row]) -> list[object]:
    """Return how much the counters of rows with the same id grew."""
    earlier = {str(row.get("id")): row for row in before}
    return [subtract_counters(earlier.get(str(row.get("id"))), row) for row in after]
