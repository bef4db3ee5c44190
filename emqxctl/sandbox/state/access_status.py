"""The status and counters of authenticators and authorization sources."""

from emqxctl.sandbox.messages import Row
from emqxctl.sandbox.state.access import is_reachable
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.records import stable_random

Names = tuple[str, ...]


def access_status(cluster: Cluster, name: str, config: Row, results: tuple[str, ...], local: Names) -> Row:
    """Return the status of an authenticator or a source; `local` names those without an external server."""
    nodes, reachable, remote = (
        cluster.running(),
        is_reachable(config),
        name.removeprefix("authz:") not in local,
    )
    working = reachable and config["enable"]
    metrics = {node: access_counters(cluster.seed, name, node, results, working=working) for node in nodes}
    calls = {"failed": 0, "matched": 0, "rate": 0.0, "rate_last5m": 0.0, "rate_max": 0.0, "success": 0}
    resource = calls if remote else {}
    status = "connected" if reachable else "disconnected"
    total = {name: sum(row[name] for row in metrics.values()) for name in metrics[nodes[0]]}
    return {
        "metrics": total,
        "node_error": [],
        "node_metrics": [{"metrics": metrics[node], "node": node} for node in nodes],
        "node_resource_metrics": [{"metrics": resource, "node": node} for node in nodes],
        "node_status": [{"node": node, "status": status} for node in nodes],
        "resource_metrics": resource,
        "status": status,
    }


def access_counters(seed: int, name: str, node: str, results: tuple[str, ...], *, working: bool) -> Row:
    """Build up the counters of one node: `results` from the commonest to the rarest."""
    counts = {
        result: stable_random(seed, name, node, result) % max(1, 200 >> 3 * at) if working else 0
        for at, result in enumerate(results)
    }
    rates = {"rate": 0.0, "rate_last5m": 0.0, "rate_max": counts[results[0]] / 20}
    return counts | rates | {"total": sum(counts.values())}
