"""The counters of rules, actions and sources: what flows by their rates, and what was published."""

from collections.abc import Callable, Iterable

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.messages import Row
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.integration import Channel, Integration, Rule

RULE_RATES = ("matched.rate", "matched.rate.last5m", "matched.rate.max")
CHANNEL_RATES = ("rate", "rate_last5m", "rate_max")
MESSAGE_LIFE = 45  # seconds in a buffer: resource_opts.request_ttl
MESSAGE_SIZE = 867  # bytes in a buffer, as recorded


def rule_counters(integration: Integration, rule: Rule, now: float) -> Row:
    """Count what went through a rule on one node since its counters began."""
    row: Row = dict(read_table("rows")["rule_counters"])
    rate = rule.rate if rule.enable else 0.0
    matched = int(rate * (now - rule.since))
    passed = int(matched * rule.passing)
    row |= {"matched": matched, "passed": passed, "failed": matched - passed}
    row["failed.no_result"] = row["failed"]
    for action in rule.actions:
        row["actions.total"] += passed
        fine = is_action_working(integration, action)
        row["actions.success" if fine else "actions.failed"] += passed
    row["actions.failed.unknown"] = row["actions.failed"]
    return row | dict.fromkeys(RULE_RATES, round(rate, 2))


def is_action_working(integration: Integration, action: object) -> bool:
    """Return whether an action of a rule succeeds; the built-in ones always do."""
    if not isinstance(action, str):
        return True
    channel = integration.find_action(action)
    return channel is not None and integration.channel_state(channel)[0] == "connected"


def channel_counters(integration: Integration, channel: Channel | None, now: float) -> Row:
    """Count what went through an action or source on one node since its counters began."""
    row: Row = dict(read_table("rows")["channel_counters"])
    if channel is None or not channel.enabled:
        return row | dict.fromkeys(CHANNEL_RATES, 0.0)
    rules = [rule for rule in integration.rules.values() if rule.enable]
    rate = sum(rule.rate * rule.passing for rule in rules if channel.id in rule.actions)
    age = now - channel.since
    matched = int(rate * age)
    row["matched"] = matched
    if integration.channel_state(channel)[0] == "connected":
        row["success"] = matched
    else:
        waiting = min(matched, int(rate * MESSAGE_LIFE))
        row |= {"queuing": waiting, "queuing_bytes": waiting * MESSAGE_SIZE}
        row |= dict.fromkeys(("dropped", "dropped.expired"), matched - waiting)
    if channel in integration.sources.values() and row["matched"] == 0:
        read = [rule.rate for rule in rules if channel.id in integration.uses("sources", rule)]
        row["received"] = int(age * sum(read))
    return row | dict.fromkeys(CHANNEL_RATES, round(rate, 2))


def add_published(row: Row, seen: dict[str, int]) -> Row:
    """Add what was really published."""
    return {name: value + seen.get(name, 0) for name, value in row.items()}


def sum_nodes(
    cluster: Cluster, measure: Callable[[float], Row], seen: dict[str, int], gone: Iterable[str] = ()
) -> Row:
    """Return counters in sum and for each node; only the answering one sees what is published."""
    rows = {}
    for node in cluster.running():
        row = measure(cluster.now())
        row = add_published(row, seen) if node == cluster.self_node else row
        rows[node] = {name: value for name, value in row.items() if name not in gone}
    total = {name: sum(row[name] for row in rows.values()) for name in next(iter(rows.values()))}
    listed = [{"node": node, "metrics": row} for node, row in rows.items()]
    return {"metrics": total, "node_metrics": listed}


def rule_metrics(cluster: Cluster, rule: Rule) -> Row:
    """Return the counters of a rule."""
    integration = cluster.integration
    counters = sum_nodes(cluster, lambda now: rule_counters(integration, rule, now), rule.published)
    return {"id": rule.id, **counters}


def channel_metrics(cluster: Cluster, channel: Channel | None, *gone: str) -> Row:
    """Return the counters of an action or source, less some; all zero when there is none."""
    integration, published = cluster.integration, channel.published if channel else {}
    return sum_nodes(cluster, lambda now: channel_counters(integration, channel, now), published, gone)
