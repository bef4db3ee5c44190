"""What the sandbox tells Prometheus: documents of groups of metrics, as JSON or in the text format."""

from collections.abc import Iterable

from emqxctl.sandbox.messages import Row
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.integration import connector_state
from emqxctl.sandbox.state.integration_metrics import add_seen, channel_counters, rule_counters
from emqxctl.sandbox.state.metrics import node_metrics, node_stats
from emqxctl.sandbox.state.records import MIB, stable_random

Rows = list[Row]
Document = dict[str, Rows]  # groups; each row holds metrics (`emqx_...`) and labels
LABELS = ("node", "shard", "listener_type", "listener_name", "id", "type", "reason")
GAUGES = (
    "stats",
    "metrics",
    "cluster",
    "certs",
    "cluster_rpc",
    "data_integration_overview",
    "connectors",
    "mria",
)
GAUGE_NAMES = ("_enable", "_status", "_users_count", "_rules_count", "_banned_count", "_inflight", "_queuing")
FLAT = ("emqx_banned", "data_integration_overview")  # one for the whole cluster, whatever the mode
SHARED = ("certs", *FLAT)
LISTED = ("client", "certs", "emqx_authn", "emqx_authz", "rules", "actions", "connectors")
# Counters that Prometheus knows under another name, and those that it does not know.
RENAMED = {"packets.connect.received": "packets.connect"}
UNTOLD = (
    "messages.persisted",
    "messages.dropped.await_pubrel_timeout",
    *(
        f"messages.{what}_{how}"
        for what in ("validation", "transformation")
        for how in ("succeeded", "failed")
    ),
)
NEVER = ("emqx_messages_dropped_expired", "emqx_messages_retained")  # always 0 in 5.8
# In text only: what mria tells of its shards, and names that are told without a value.
SHARDS = (
    "$mria_meta_shard emqx_acl_sharded emqx_authn_shard emqx_cluster_rpc_shard emqx_cm_shard "
    "emqx_common_shard emqx_dashboard_shard emqx_exclusive_shard emqx_gateway_cm_shard emqx_psk_shard "
    "emqx_retainer_shard emqx_shared_sub_shard emqx_telemetry_shard route_shard"
)
SHARD_METRICS = ("last_intercepted_trans", "weight", "replicants", "server_mql")
EMPTY = {
    "client": ("emqx_client_disconnected_reason",),
    "mria": tuple(
        f"emqx_mria_{name}"
        for name in ("lag", "bootstrap_time", "bootstrap_num_keys", "message_queue_len", "replayq_len")
    ),
}
APART = "metrics"  # never summed up
OWN = ("cluster", "cluster_rpc")  # of the answering node alone
EXPIRY = 4_000_000_000  # of the certificates, epoch seconds
COUNTED = {
    "acl": "authorization",
    "authn": "authentication",
    "client": "client",
    "delivery": "delivery",
    "messages": "messages",
    "packets": "packets",
    "session": "session",
}


def named(name: str) -> str:
    """Write a metric's name as Prometheus wants it."""
    return "emqx_" + RENAMED.get(name, name).replace(".", "_")


def stats_document(cluster: Cluster, nodes: Iterable[str]) -> Document:
    """Write the counts and counters of nodes."""
    found: Document = {name: [] for name in ("stats", "metrics", "cluster", *COUNTED, "cluster_rpc", "olp")}
    for node in nodes:
        counters = node_metrics(cluster, node)
        label = {"node": node}
        found["stats"].append({**label, **write_stats(node_stats(cluster, node))})
        found["metrics"].append({**label, **machine(cluster, node)})
        stopped = len(cluster.nodes) - len(cluster.running())
        states = {"running": len(cluster.running()), "stopped": stopped}
        found["cluster"].append({**label, **{f"emqx_cluster_nodes_{key}": n for key, n in states.items()}})
        found["cluster_rpc"].append({**label, "emqx_conf_sync_txid": 85})
        for group, prefix in COUNTED.items():
            own = {named(name): counters[name] for name in counters if belongs(name, prefix)}
            if group == "messages":
                own |= dict.fromkeys(NEVER, 0)
            found[group].append({**label, **own})
    secured = [each for each in cluster.listeners.values() if "ssl_options" in each.config]
    found["certs"] = [
        {"listener_type": each.type, "listener_name": each.name, "emqx_cert_expiry_at": EXPIRY}
        for each in secured
    ]
    return found


def belongs(name: str, prefix: str) -> bool:
    """Tell whether a counter is told in a group; bytes are told among the packets."""
    head = name.partition(".")[0]
    return name not in UNTOLD and (head == prefix or (prefix, head) == ("packets", "bytes"))


def write_stats(row: Row) -> Row:
    """Write a node's counts."""
    renamed = {named(name): value for name, value in row.items()}
    return renamed | dict.fromkeys(("emqx_durable_subscriptions_count", "emqx_durable_subscriptions_max"), 0)


def machine(cluster: Cluster, node: str) -> Row:
    """Write how the machine of a node fares."""
    idle = 60 + stable_random(cluster.seed, node, int(cluster.now()) // 10) % 35
    if cluster.activity.is_hot(node, cluster.now()):
        idle //= 6
    names = (
        "run_queue",
        "process_messages_in_queues",
        "mnesia_tm_mailbox_size",
        "broker_pool_max_mailbox_size",
    )
    row: Row = {f"emqx_vm_{name}": 0 for name in names}
    row |= {"emqx_vm_cpu_idle": float(idle), "emqx_vm_cpu_use": float(100 - idle)}
    return row | {"emqx_vm_total_memory": 16 * 1024 * MIB, "emqx_vm_used_memory": (620 + idle) * MIB}


def auth_document(cluster: Cluster, nodes: Iterable[str]) -> Document:
    """Write how authenticators and sources of permissions fare."""
    found: Document = {"emqx_authn": [], "emqx_authz": []}
    access = cluster.access
    rules = {"built_in_database": sum(map(len, access.rules.values())) + len(access.rules_for_all), "file": 4}
    for node in nodes:
        for name, config in access.authenticators.items():
            counted = dict.fromkeys(("failed", "nomatch", "success", "total"), 0)
            states = {"enable": int(config.get("enable", True)), "status": 1, **counted}
            if "built_in_database" in name:
                states["users_count"] = len(access.chain(name))
            row = {f"emqx_authn_{key}": value for key, value in states.items()}
            found["emqx_authn"].append({"node": node, "id": name, **row})
        for kind, config in access.sources.items():
            counted = dict.fromkeys(("allow", "deny", "nomatch", "total"), 0)
            states = {"enable": int(config.get("enable", True)), "status": 1, **counted}
            if kind in rules:
                states["rules_count"] = rules[kind]
            row = {f"emqx_authz_{key}": value for key, value in states.items()}
            found["emqx_authz"].append({"node": node, "type": kind, **row})
    found["emqx_banned"] = [{"emqx_banned_count": len(cluster.live_bans())}]
    return found


def integration_document(cluster: Cluster, nodes: Iterable[str]) -> Document:
    """Write how rules, actions and connectors fare."""
    held, now = cluster.integration, cluster.now()
    found: Document = {"rules": [], "actions": [], "connectors": []}
    for node in nodes:
        here = node == cluster.self_node
        for rule in sorted(held.rules.values(), key=lambda each: each.id, reverse=True):
            row = add_seen(rule_counters(held, rule, now), rule.seen if here else {})
            told = {named(f"rule.{name}"): value for name, value in row.items() if "rate" not in name}
            found["rules"].append({"node": node, "id": rule.id, "emqx_rule_enable": int(rule.enable), **told})
        for _, channel in sorted(held.actions.items()):
            row = add_seen(channel_counters(held, channel, now), channel.seen if here else {})
            row |= {"retried.success": 0, "retried.failed": 0, "enable": int(channel.enabled)}
            row["status"] = int(held.channel_state(channel)[0] == "connected")
            told = {named(f"action.{name}"): value for name, value in row.items() if is_told(name)}
            found["actions"].append({"node": node, "id": channel.id, **told})
        for (kind, name), connector in sorted(held.connectors.items()):
            fine = connector_state(connector)[0] == "connected"
            states = {"emqx_connector_enable": int(connector.enabled), "emqx_connector_status": int(fine)}
            found["connectors"].append({"node": node, "id": f"{kind}:{name}", **states})
    acting = sum(len(rule.actions) for rule in held.rules.values())
    sizes = {"rules": len(held.rules), "actions": acting, "connectors": len(held.connectors)}
    found["data_integration_overview"] = [{f"emqx_{key}_count": size for key, size in sizes.items()}]
    return found


def is_told(name: str) -> bool:
    """Tell whether a counter of an action is told."""
    return not name.startswith("rate") and name != "queuing_bytes"


def shard_rows(nodes: Iterable[str]) -> Rows:
    """Write how the shards of the database fare."""
    told = {f"emqx_mria_{name}": 0 for name in SHARD_METRICS}
    return [{"node": node, "shard": shard, **told} for node in nodes for shard in SHARDS.split()]


def aggregate(document: Document, node: str) -> Document:
    """Sum up the rows of all nodes, but for what is told of each or of the answering one alone."""
    made: Document = {}
    for group, rows in document.items():
        if group in OWN:
            made[group] = [row for row in rows if row["node"] == node]
        else:
            made[group] = rows if group == APART else sum_rows(rows)
    return made


def sum_rows(rows: Rows) -> Rows:
    """Sum up the rows that differ by their node only; states are the least, to tell of the worst."""
    sums: dict[tuple[str, ...], Row] = {}
    for row in rows:
        key = tuple(str(row[label]) for label in LABELS if label in row and label != "node")
        total = sums.setdefault(key, {})
        for name, value in row.items():
            if name in LABELS:
                total |= {name: value} if name != "node" else {}
            elif name.endswith("_status"):
                total[name] = min(value, total.get(name, value))
            else:
                total[name] = total.get(name, 0) + value
    return list(sums.values())


def without_node(document: Document) -> Document:
    """Leave the node's label out."""
    return {
        group: [{name: value for name, value in row.items() if name != "node"} for row in rows]
        for group, rows in document.items()
    }


def write_json(document: Document, *, by_node: bool) -> Row:
    """Write a document as JSON; what comes once per node is an object unless the nodes are told apart."""
    made: Row = {}
    for group, rows in document.items():
        single = group in FLAT or not (by_node or group in LISTED or len(rows) > 1)
        made[group] = (rows[0] if rows else {}) if single else rows
    return made


def write_text(document: Document) -> str:
    """Write a document in Prometheus' text format, with two empty lines at its end."""
    lines: list[str] = []
    for group, rows in document.items():
        names = dict.fromkeys(name for row in rows for name in row if name not in LABELS)
        names |= dict.fromkeys(EMPTY.get(group, ()))
        for name in names:
            gauge = group in GAUGES or name.endswith(GAUGE_NAMES)
            lines += [f"# TYPE {name} {'gauge' if gauge else 'counter'}", f"# HELP {name} "]
            lines += [f"{name}{write_labels(row)} {row[name]}" for row in rows if name in row]
    return "\n".join([*lines, "", ""])


def write_labels(row: Row) -> str:
    """Write the labels of a row."""
    pairs = ",".join(f'{label}="{row[label]}"' for label in LABELS if label in row)
    return f"{{{pairs}}}" if pairs else ""
