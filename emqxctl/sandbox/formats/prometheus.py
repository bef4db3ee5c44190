"""Prometheus documents: groups of metrics, as JSON or in the text format."""

from collections.abc import Iterable
from typing import Any

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.messages import Row
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.integration import Channel, Connector, Rule, connector_state
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
    row: Row = {f"emqx_vm_{name}": 0 for name in names_of("idle_machine")}
    row |= {"emqx_vm_cpu_idle": float(idle), "emqx_vm_cpu_use": float(100 - idle)}
    return row | {"emqx_vm_total_memory": 16 * 1024 * MIB, "emqx_vm_used_memory": (620 + idle) * MIB}


def auth_document(cluster: Cluster, nodes: Iterable[str]) -> Document:
    """Return the metrics of authenticators and authorization sources."""
    access = cluster.access
    rules = {"built_in_database": sum(map(len, access.rules.values())) + len(access.rules_for_all), "file": 4}
    users = {name: len(access.chain(name)) for name in access.authenticators if "built_in_database" in name}
    document: Document = {"emqx_authn": [], "emqx_authz": []}
    for node in nodes:
        for group, label, configs, results, sizes in (
            ("authn", "id", access.authenticators, ("failed", "nomatch", "success", "total"), users),
            ("authz", "type", access.sources, ("allow", "deny", "nomatch", "total"), rules),
        ):
            size = "users_count" if group == "authn" else "rules_count"
            for name, config in configs.items():
                states = {"enable": int(config.get("enable", True)), "status": 1, **dict.fromkeys(results, 0)}
                states |= {size: sizes[name]} if name in sizes else {}
                row = {f"emqx_{group}_{key}": value for key, value in states.items()}
                document[f"emqx_{group}"].append({"node": node, label: name, **row})
    document["emqx_banned"] = [{"emqx_banned_count": len(cluster.live_bans())}]
    return document


def rule_row(cluster: Cluster, node: str, rule: Rule) -> Row:
    """Return the metrics of a rule on a node; only the answering one sees what is published."""
    published = rule.published if node == cluster.self_node else {}
    counters = add_published(rule_counters(cluster.integration, rule, cluster.now()), published)
    metrics = {metric_name(f"rule.{name}"): value for name, value in counters.items() if "rate" not in name}
    return {"node": node, "id": rule.id, "emqx_rule_enable": int(rule.enable), **metrics}


def action_row(cluster: Cluster, node: str, channel: Channel) -> Row:
    """Return the metrics of an action on a node."""
    published = channel.published if node == cluster.self_node else {}
    row = add_published(channel_counters(cluster.integration, channel, cluster.now()), published)
    row |= {"retried.success": 0, "retried.failed": 0, "enable": int(channel.enabled)}
    row["status"] = int(cluster.integration.channel_state(channel)[0] == "connected")
    names = [name for name in row if not name.startswith("rate") and name != "queuing_bytes"]
    return {"node": node, "id": channel.id, **{metric_name(f"action.{name}"): row[name] for name in names}}


def connector_row(node: str, connector: Connector) -> Row:
    """Return the metrics of a connector on a node."""
    states = {"enable": connector.enabled, "status": connector_state(connector)[0] == "connected"}
    metrics = {f"emqx_connector_{name}": int(state) for name, state in states.items()}
    return {"node": node, "id": f"{connector.type}:{connector.name}", **metrics}


def integration_document(cluster: Cluster, nodes: Iterable[str]) -> Document:
    """Return the metrics of rules, actions and connectors."""
    integration = cluster.integration
    rules = sorted(integration.rules.values(), key=lambda rule: rule.id, reverse=True)
    actions, connectors = sorted(integration.actions.items()), sorted(integration.connectors.items())
    document: Document = {"rules": [], "actions": [], "connectors": []}
    for node in nodes:
        document["rules"] += [rule_row(cluster, node, rule) for rule in rules]
        document["actions"] += [action_row(cluster, node, channel) for _, channel in actions]
        document["connectors"] += [connector_row(node, connector) for _, connector in connectors]
    acting = sum(len(rule.actions) for rule in rules)
    sizes = {"rules": len(rules), "actions": acting, "connectors": len(connectors)}
    document["data_integration_overview"] = [{f"emqx_{key}_count": size for key, size in sizes.items()}]
    return document


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
    """Sum up the rows that differ by their node only; states are the least, which is the worst."""
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
