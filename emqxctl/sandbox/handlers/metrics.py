"""Counters, counts and their history: `/metrics`, `/stats`, `/monitor`, `/monitor_current`."""

from collections.abc import Iterable

from emqxctl.sandbox.activity.traffic import counter_growth
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.metrics import count_topics, node_counts, node_metrics, node_stats

CLUSTER_WIDE = ("retained", "topics", "subscriptions.shared")
HOUR, DAY = 3_600, 86_400
# The interval of the points of the history, by how far back it is requested: (age, seconds), as in EMQX.
INTERVALS = ((60, 1), (HOUR, 10), (DAY, 60), (3 * DAY, 300), (7 * DAY, 600))
FLOWS = {name: f"messages.{name}" for name in ("received", "sent", "dropped", "persisted")}
RATES = {**{name: f"{name}_msg_rate" for name in FLOWS}, "persisted": "persisted_rate"}
SAMPLE = 10  # seconds between two points of the finest history
CHECKED = ("validation_succeeded", "validation_failed", "transformation_succeeded", "transformation_failed")
GAUGES = ("connections", "live_connections", "subscriptions")
Gauges = dict[str, dict[str, int]]  # by node


def by_node(rows: dict[str, Row]) -> list[Row]:
    """Return rows with the names of their nodes."""
    return [{**row, "node": node} for node, row in rows.items()]


def sum_rows(rows: Iterable[dict[str, int]]) -> dict[str, int]:
    """Sum rows of the same fields."""
    first, *more = rows
    return {name: value + sum(row[name] for row in more) for name, value in first.items()}


def list_metrics(call: Call) -> Json:
    """Show the counters of each node, or their sums."""
    cluster, node = call.cluster, call.query["node"]
    rows = {name: node_metrics(cluster, name) for name in cluster.running() if node in (None, name)}
    return sum_rows(rows.values()) if call.query["aggregate"] else by_node(rows)


def list_stats(call: Call) -> Json:
    """Show the counts of each node, or their sums; what is the same on all nodes is not summed."""
    rows = {name: node_stats(call.cluster, name) for name in reversed(call.cluster.running())}
    if not call.query["aggregate"]:
        return by_node(rows)
    last = next(iter(rows.values()))
    same = {key: value for key, value in last.items() if key.rpartition(".")[0] in CLUSTER_WIDE}
    return sum_rows(rows.values()) | same


def read_gauges(cluster: Cluster, nodes: list[str]) -> Gauges:
    """Return the gauges of the history and of the current rates; zeros for nodes that are down."""
    running = cluster.running()
    counts = {node: node_counts(cluster, node) if node in running else {} for node in nodes}
    return {node: {name: row.get(name, 0) for name in GAUGES} for node, row in counts.items()}


def gauges_at_time(cluster: Cluster, node: str, present: dict[str, int], at: float) -> dict[str, int]:
    """Return how a node's gauges were at a time, from how they are now."""
    for outage in cluster.nodes[node].outages:
        if at < outage.since:
            before_outage = {"connections": outage.sessions, "live_connections": outage.connected}
            return {**dict.fromkeys(GAUGES, 0), **before_outage}
        if at < outage.until:
            return dict.fromkeys(GAUGES, 0)
    more = dict(zip(GAUGES, cluster.activity.session_change(node, at), strict=False))
    return {name: max(0, count + more.get(name, 0)) for name, count in present.items()}


def history_rows(cluster: Cluster, latest: int | None, nodes: list[str]) -> list[Row]:
    """Return the history since `latest` seconds ago; finer than 10 s, most points hold a time only."""
    now = cluster.now()
    age = latest or 7 * DAY
    step = next((seconds for limit, seconds in INTERVALS if age <= limit), 600)
    start = int(max(now - age, cluster.monitor_since)) // step * step + step
    fixed = dict.fromkeys(("disconnected_durable_sessions", "subscriptions_durable", *CHECKED), 0)
    fixed |= {"topics": count_topics(cluster)}
    present, whole = read_gauges(cluster, nodes), max(step, SAMPLE)
    rows: list[Row] = []
    for at in range(start, int(now) // whole * whole + 1, step):
        row: Row = {"time_stamp": at * 1000}
        if at % SAMPLE == 0:
            totals = sum_rows(gauges_at_time(cluster, node, gauges, at) for node, gauges in present.items())
            row |= {**fixed, **totals, **count_messages(cluster, nodes, (at - whole, at))}
        rows.append(row)
    return rows


def count_messages(cluster: Cluster, nodes: list[str], span: tuple[float, float]) -> dict[str, int]:
    """Count the messages that went each way in a span of time."""
    return {
        way: sum(counter_growth(cluster, node, name, span) for node in nodes) for way, name in FLOWS.items()
    }


def show_history(call: Call) -> Json:
    """Show the history of the whole cluster."""
    rows = history_rows(call.cluster, call.query["latest"], list(call.cluster.nodes))
    for row in rows:
        if "subscriptions" in row:
            row["subscriptions_ram"] = row["subscriptions"]
    return rows


def show_node_history(call: Call) -> Json:
    """Show the history of one node."""
    return history_rows(call.cluster, call.query["latest"], [call.running_node()])


def clear_history(call: Call) -> None:
    """Delete the history."""
    call.cluster.monitor_since = call.cluster.now()


def current_rates(cluster: Cluster, nodes: list[str]) -> Row:
    """Return the rates of just now, which are those of the last sample."""
    at = int(cluster.now()) // SAMPLE * SAMPLE
    messages = count_messages(cluster, nodes, (at - SAMPLE, at))
    rates = {RATES[way]: round(count / SAMPLE) for way, count in messages.items()}
    counts = node_counts(cluster, nodes[0])
    retained, shared = counts["retained"], counts["subscriptions.shared"]
    totals = {"retained_msg_count": retained, "shared_subscriptions": shared}
    present = {**sum_rows(read_gauges(cluster, nodes).values()), "topics": counts["topics"]}
    return {**present, **rates, **totals, **{f"{name}_rate": 0 for name in CHECKED}}


def show_current(call: Call) -> Json:
    """Show the rates of the whole cluster."""
    row = current_rates(call.cluster, call.cluster.running())
    durable = {"disconnected_durable_sessions": 0, "subscriptions_durable": 0}
    return {**row, **durable, "subscriptions_ram": row["subscriptions"]}


def node_current(cluster: Cluster, name: str) -> Row:
    """Return the rates of one node."""
    uptime = int((cluster.now() - cluster.nodes[name].started) * 1000)
    return {**current_rates(cluster, [name]), "node_uptime": uptime}
