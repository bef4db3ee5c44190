"""Counters, counts and their history: `/metrics`, `/stats`, `/monitor`, `/monitor_current`."""

from collections.abc import Iterable

from emqxctl.sandbox.activity.traffic import flowed
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Answer, AnswerNow, Row, answer_error, answer_json
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.metrics import count_topics, node_counts, node_metrics, node_stats

CLUSTER_WIDE = ("retained", "topics", "subscriptions.shared")
HOUR, DAY = 3_600, 86_400
# What one point of the history stands for, by how far back it was asked: (age, seconds). EMQX does the same.
INTERVALS = ((60, 1), (HOUR, 10), (DAY, 60), (3 * DAY, 300), (7 * DAY, 600))
FLOWS = {name: f"messages.{name}" for name in ("received", "sent", "dropped", "persisted")}
RATES = {name: f"{name}_msg_rate" for name in ("received", "sent", "dropped")} | {
    "persisted": "persisted_rate"
}
SAMPLE = 10  # seconds between two points of the finest history
CHECKED = ("validation_succeeded", "validation_failed", "transformation_succeeded", "transformation_failed")


@route("GET", "/metrics", query="metrics")
def list_metrics(call: Call) -> Answer:
    """Show the counters of each node, or their sums."""
    cluster, wanted = call.cluster, call.query["node"]
    names = [name for name in cluster.running() if wanted in (None, name)]
    rows = [node_metrics(cluster, name) for name in names]
    if call.query["aggregate"]:
        return answer_json({key: sum(row[key] for row in rows) for key in rows[0]})
    return answer_json([{**row, "node": name} for row, name in zip(rows, names, strict=True)])


@route("GET", "/stats", query="aggregate")
def list_stats(call: Call) -> Answer:
    """Show the counts of each node, or their sums; what is the same on all nodes is not summed."""
    names = list(reversed(call.cluster.running()))
    rows = [node_stats(call.cluster, name) for name in names]
    if not call.query["aggregate"]:
        return answer_json([{**row, "node": name} for row, name in zip(rows, names, strict=True)])
    summed = {key: sum(row[key] for row in rows) for key in rows[0]}
    same = {key: value for key, value in rows[0].items() if key.rpartition(".")[0] in CLUSTER_WIDE}
    return answer_json(summed | same)


def monitored_node(call: Call) -> str:
    """Take the node of the path. Raises AnswerNow (404) unless it runs."""
    name = call.bindings["node"]
    if name not in call.cluster.running():
        raise AnswerNow(answer_error(404, "NOT_FOUND", f"Node not found: {name}"))
    return name


GAUGES = ("connections", "live_connections", "subscriptions")
Gauges = dict[str, dict[str, int]]  # by node


def gauges(cluster: Cluster, nodes: list[str]) -> Gauges:
    """Take what the history and the current rates both show; nothing of nodes that are down."""
    running = cluster.running()
    found = {node: node_counts(cluster, node) if node in running else {} for node in nodes}
    return {node: {name: each.get(name, 0) for name in GAUGES} for node, each in found.items()}


def gauges_at(cluster: Cluster, node: str, found: dict[str, int], at: float) -> dict[str, int]:
    """Tell how a node's gauges were at a time, from how they are now."""
    for outage in cluster.nodes[node].outages:
        if at < outage.since:
            held = {"connections": outage.sessions, "live_connections": outage.connected}
            return {**dict.fromkeys(GAUGES, 0), **held}
        if at < outage.until:
            return dict.fromkeys(GAUGES, 0)
    more = dict(zip(GAUGES, cluster.activity.session_change(node, at), strict=False))
    return {name: max(0, count + more.get(name, 0)) for name, count in found.items()}


def added(rows: Iterable[dict[str, int]]) -> dict[str, int]:
    """Add up the same gauges."""
    held = list(rows)
    return {name: sum(row[name] for row in held) for name in GAUGES}


def history(cluster: Cluster, latest: int | None, nodes: list[str]) -> list[Row]:
    """Write the history since `latest` seconds ago; finer than 10 s, most points hold a time only."""
    now = cluster.now()
    age = latest or 7 * DAY
    step = next((seconds for limit, seconds in INTERVALS if age <= limit), 600)
    start = int(max(now - age, cluster.monitor_since)) // step * step + step
    fixed = dict.fromkeys(("disconnected_durable_sessions", "subscriptions_durable", *CHECKED), 0)
    fixed |= {"topics": count_topics(cluster)}
    present, whole = gauges(cluster, nodes), max(step, SAMPLE)
    rows: list[Row] = []
    for at in range(start, int(now) // whole * whole + 1, step):
        row: Row = {"time_stamp": at * 1000}
        if at % SAMPLE == 0:
            held = added(gauges_at(cluster, node, found, at) for node, found in present.items())
            row |= {**fixed, **held, **flows(cluster, nodes, (at - whole, at))}
        rows.append(row)
    return rows


def flows(cluster: Cluster, nodes: list[str], span: tuple[float, float]) -> dict[str, int]:
    """Count the messages that went each way in a span of time."""
    return {way: sum(flowed(cluster, node, name, span) for node in nodes) for way, name in FLOWS.items()}


@route("GET", "/monitor", query="latest")
def get_history(call: Call) -> Answer:
    """Show the history of the whole cluster."""
    rows = history(call.cluster, call.query["latest"], list(call.cluster.nodes))
    for row in rows:
        if "subscriptions" in row:
            row["subscriptions_ram"] = row["subscriptions"]
    return answer_json(rows)


@route("DELETE", "/monitor")
def clear_history(call: Call) -> Answer:
    """Forget the history."""
    call.cluster.monitor_since = call.cluster.now()
    return Answer(204)


@route("GET", "/monitor/nodes/{node}", query="latest")
def get_node_history(call: Call) -> Answer:
    """Show the history of one node."""
    return answer_json(history(call.cluster, call.query["latest"], [monitored_node(call)]))


def current(cluster: Cluster, nodes: list[str]) -> Row:
    """Write the rates of just now, which are those of the last sample."""
    at = int(cluster.now()) // SAMPLE * SAMPLE
    rates = {
        RATES[way]: round(count / SAMPLE) for way, count in flows(cluster, nodes, (at - SAMPLE, at)).items()
    }
    held = node_counts(cluster, nodes[0])
    totals = {"retained_msg_count": held["retained"], "shared_subscriptions": held["subscriptions.shared"]}
    present = {**added(gauges(cluster, nodes).values()), "topics": held["topics"]}
    return {**present, **rates, **totals, **{f"{name}_rate": 0 for name in CHECKED}}


@route("GET", "/monitor_current")
def get_current(call: Call) -> Answer:
    """Show the rates of the whole cluster."""
    row = current(call.cluster, call.cluster.running())
    durable = {"disconnected_durable_sessions": 0, "subscriptions_durable": 0}
    return answer_json({**row, **durable, "subscriptions_ram": row["subscriptions"]})


@route("GET", "/monitor_current/nodes/{node}")
def get_node_current(call: Call) -> Answer:
    """Show the rates of one node."""
    name = monitored_node(call)
    uptime = int((call.cluster.now() - call.cluster.nodes[name].started) * 1000)
    return answer_json({**current(call.cluster, [name]), "node_uptime": uptime})
