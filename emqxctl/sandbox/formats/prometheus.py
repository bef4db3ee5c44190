"""Prometheus documents: groups of metrics, as JSON or in the text format."""

from collections.abc import Iterable
from typing import Any

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.messages import Row
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.integration import connector_state
from emqxctl.sandbox.state.integration_metrics import add_published, channel_counters, rule_counters
from emqxctl.sandbox.state.metrics import node_metrics, node_stats
from emqxctl.sandbox.state.records import MIB, stable_random

Rows = list[Row]
Document = dict[str, Rows]  # groups; each row holds metrics (`emqx_...`) and labels
NEVER_SUMMED = "metrics"
OWN = ("cluster", "cluster_rpc")  # of the answering node alone
EXPIRY = 4_000_000_000  # of the certificates, epoch seconds


def names_of(table: str) -> Any:  # noqa: ANN401 - a list or an object
    """Return the names of metrics that one table lists."""
    return read_table("prometheus")[table]


def metric_name(name: str) -> str:
    """Format a metric's name as Prometheus wants it."""
    renamed = str(names_of("renamed").get(name, name))
    return "emqx_" + renamed.replace(".", "_")


def stats_document(cluster: Cluster, nodes: Iterable[str]) -> Document:
    """Return the counts and counters of nodes."""
    document: Document = {
        name: [] for name in ("stats", "metrics", "cluster", *names_of("counted"), "cluster_rpc", "olp")
    }
    for node in nodes:
        counters = node_metrics(cluster, node)
        label = {"node": node}
        document["stats"].append({**label, **rename_stats(node_stats(cluster, node))})
        document["metrics"].append({**label, **machine_metrics(cluster, node)})
        stopped = len(cluster.nodes) - len(cluster.running())
        states = {"running": len(cluster.running()), "stopped": stopped}
        document["cluster"].append({**label, **{f"emqx_cluster_nodes_{key}": n for key, n in states.items()}})
        document["cluster_rpc"].append({**label, "emqx_conf_sync_txid": 85})
        for group, prefix in names_of("counted").items():
            own = {metric_name(name): counters[name] for name in counters if belongs_to_group(name, prefix)}
            if group == "messages":
                own |= dict.fromkeys(names_of("always_zero"), 0)
            document[group].append({**label, **own})
    secured = [listener for listener in cluster.listeners.values() if "ssl_options" in listener.config]
    document["certs"] = [
        {"listener_type": listener.type, "listener_name": listener.name, "emqx_cert_expiry_at": EXPIRY}
        for listener in secured
    ]
    return document


def belongs_to_group(name: str, prefix: str) -> bool:
    """Return whether a counter belongs to a group; bytes belong to the packets."""
    head = name.partition(".")[0]
    return name not in names_of("not_exported") and (head == prefix or (prefix, head) == ("packets", "bytes"))


def rename_stats(row: Row) -> Row:
    """Return a node's counts."""
    renamed = {metric_name(name): value for name, value in row.items()}
    return renamed | dict.fromkeys(("emqx_durable_subscriptions_count", "emqx_durable_subscriptions_max"), 0)


def machine_metrics(cluster: Cluster, node: str) -> Row:
    """Return the metrics of a node's machine."""
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
    """Return the metrics of authenticators and authorization sources."""
    document: Document = {"emqx_authn": [], "emqx_authz": []}
    access = cluster.access
    rules = {"built_in_database": sum(map(len, access.rules.values())) + len(access.rules_for_all), "file": 4}
    for node in nodes:
        for name, config in access.authenticators.items():
            counted = dict.fromkeys(("failed", "nomatch", "success", "total"), 0)
            states = {"enable": int(config.get("enable", True)), "status": 1, **counted}
            if "built_in_database" in name:
                states["users_count"] = len(access.chain(name))
            row = {f"emqx_authn_{key}": value for key, value in states.items()}
            document["emqx_authn"].append({"node": node, "id": name, **row})
        for kind, config in access.sources.items():
            counted = dict.fromkeys(("allow", "deny", "nomatch", "total"), 0)
            states = {"enable": int(config.get("enable", True)), "status": 1, **counted}
            if kind in rules:
                states["rules_count"] = rules[kind]
            row = {f"emqx_authz_{key}": value for key, value in states.items()}
            document["emqx_authz"].append({"node": node, "type": kind, **row})
    document["emqx_banned"] = [{"emqx_banned_count": len(cluster.live_bans())}]
    return document


def integration_document(cluster: Cluster, nodes: Iterable[str]) -> Document:
    """Return the metrics of rules, actions and connectors."""
    integration, now = cluster.integration, cluster.now()
    document: Document = {"rules": [], "actions": [], "connectors": []}
    for node in nodes:
        here = node == cluster.self_node
        for rule in sorted(integration.rules.values(), key=lambda rule: rule.id, reverse=True):
            row = add_published(rule_counters(integration, rule, now), rule.published if here else {})
            metrics = {
                metric_name(f"rule.{name}"): value for name, value in row.items() if "rate" not in name
            }
            document["rules"].append(
                {"node": node, "id": rule.id, "emqx_rule_enable": int(rule.enable), **metrics}
            )
        for _, channel in sorted(integration.actions.items()):
            row = add_published(
                channel_counters(integration, channel, now), channel.published if here else {}
            )
            row |= {"retried.success": 0, "retried.failed": 0, "enable": int(channel.enabled)}
            row["status"] = int(integration.channel_state(channel)[0] == "connected")
            metrics = {
                metric_name(f"action.{name}"): value for name, value in row.items() if is_action_metric(name)
            }
            document["actions"].append({"node": node, "id": channel.id, **metrics})
        for (kind, name), connector in sorted(integration.connectors.items()):
            fine = connector_state(connector)[0] == "connected"
            states = {"emqx_connector_enable": int(connector.enabled), "emqx_connector_status": int(fine)}
            document["connectors"].append({"node": node, "id": f"{kind}:{name}", **states})
    acting = sum(len(rule.actions) for rule in integration.rules.values())
    sizes = {"rules": len(integration.rules), "actions": acting, "connectors": len(integration.connectors)}
    document["data_integration_overview"] = [{f"emqx_{key}_count": size for key, size in sizes.items()}]
    return document


def is_action_metric(name: str) -> bool:
    """Return whether a counter of an action is exported."""
    return not name.startswith("rate") and name != "queuing_bytes"


def shard_rows(nodes: Iterable[str]) -> Rows:
    """Return the metrics of the database's shards."""
    metrics = {f"emqx_mria_{name}": 0 for name in names_of("shard_metrics")}
    return [{"node": node, "shard": shard, **metrics} for node in nodes for shard in names_of("shards")]


def aggregate_nodes(document: Document, node: str) -> Document:
    """Sum the rows of all nodes, except for groups that are kept by node or taken from the answering node."""
    summed: Document = {}
    for group, rows in document.items():
        if group in OWN:
            summed[group] = [row for row in rows if row["node"] == node]
        else:
            summed[group] = rows if group == NEVER_SUMMED else sum_rows(rows)
    return summed


def sum_rows(rows: Rows) -> Rows:
    """Sum up the rows that differ by their node only; states are the least, to tell of the worst."""
    sums: dict[tuple[str, ...], Row] = {}
    for row in rows:
        key = tuple(str(row[label]) for label in names_of("labels") if label in row and label != "node")
        total = sums.setdefault(key, {})
        for name, value in row.items():
            if name in names_of("labels"):
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


def to_json(document: Document, *, by_node: bool) -> Row:
    """Return a document as JSON; a group with one row per node is an object unless nodes are listed."""
    groups: Row = {}
    for group, rows in document.items():
        single = group in names_of("flat") or not (by_node or group in names_of("listed") or len(rows) > 1)
        groups[group] = (rows[0] if rows else {}) if single else rows
    return groups


def to_text(document: Document) -> str:
    """Format a document in Prometheus' text format, with two empty lines at its end."""
    lines: list[str] = []
    for group, rows in document.items():
        names = dict.fromkeys(name for row in rows for name in row if name not in names_of("labels"))
        names |= dict.fromkeys(names_of("empty").get(group, ()))
        for name in names:
            gauge = group in names_of("gauges") or name.endswith(tuple(names_of("gauge_names")))
            lines += [f"# TYPE {name} {'gauge' if gauge else 'counter'}", f"# HELP {name} "]
            lines += [f"{name}{format_labels(row)} {row[name]}" for row in rows if name in row]
    return "\n".join([*lines, "", ""])


def format_labels(row: Row) -> str:
    """Format the labels of a row."""
    pairs = ",".join(f'{label}="{row[label]}"' for label in names_of("labels") if label in row)
    return f"{{{pairs}}}" if pairs else ""
