"""The counters and the statistics of each node."""

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.messages import Row
from emqxctl.sandbox.state.cluster import Cluster


def counters_per_client() -> dict[str, int]:
    """Return every counter, with what one ordinary client has added to it."""
    counters: dict[str, int] = read_table("metric_names")
    return counters


def node_metrics(cluster: Cluster, node: str) -> Row:
    """Return one node's counters: what its clients would have caused, plus what really happened here."""
    counts = cluster.counts[node]
    clients, traffic = cluster.activity.node_traffic(node)
    return {
        name: clients * share + counts.get(name, 0) + traffic.get(name, 0)
        for name, share in counters_per_client().items()
    }


def node_counts(cluster: Cluster, node: str) -> dict[str, int]:
    """Count what one node holds."""
    clients = [client for client in cluster.clients.values() if client.node == node]
    subscriptions = sum(len(client.subscriptions) for client in clients)
    shared = sum(bool(subscription.group) for _, subscription in cluster.sessions())
    return {
        "channels": len(clients),
        "cluster_sessions": len(cluster.clients),
        "connections": len(clients),
        "delayed": 0,
        "live_connections": sum(client.connected for client in clients),
        "retained": len(cluster.retained),
        "sessions": len(clients),
        "suboptions": subscriptions,
        "subscribers": subscriptions,
        "subscriptions": subscriptions,
        "subscriptions.shared": shared,
        "topics": count_topics(cluster),
    }


def count_topics(cluster: Cluster) -> int:
    """Count the topics with subscribers, each once for every node that has some."""
    return sum(map(len, cluster.topics().values()))


def node_stats(cluster: Cluster, node: str) -> Row:
    """Return one node's counts, each with its peak."""
    row: Row = {}
    for name, count in node_counts(cluster, node).items():
        peak = max(count, cluster.peaks.get((node, name), 0))
        cluster.peaks[node, name] = peak
        row |= {f"{name}.count": count, f"{name}.max": peak}
    return row
