"""The report of `emqxctl status`: nodes, rates, resources and problems."""

from collections.abc import Mapping

from emqxctl.api.status import BrokerStatus
from emqxctl.diagnosis.health import (
    Problem,
    compute_memory_share,
    dict_rows,
    find_problems,
    is_enabled,
    is_running,
    is_working,
    strip_version_prefix,
)
from emqxctl.diagnosis.snapshot import Snapshot
from emqxctl.errors import ExitCode
from emqxctl.output.formatters import color_state, format_duration_ms, format_plain
from emqxctl.output.results import Report, Row, Section
from emqxctl.resource import Column

KINDS = ("listeners", "connectors", "actions", "sources", "bridges")


def format_percent(value: object) -> str:
    """Format a share as a percentage."""
    return f"{value:.0%}" if isinstance(value, float) else format_plain(value)


def format_running_nodes(nodes: object) -> str:
    """Format how many of the nodes are running: `2 of 3`."""
    rows = dict_rows(nodes)
    return f"{sum(map(is_running, rows))} of {len(rows)}"


def format_problems(problems: object) -> str:
    """Format the names of all problems: `node emqx@a, alarm high_cpu`."""
    rows = dict_rows(problems)
    return ", ".join(f"{problem.get('kind')} {problem.get('name')}" for problem in rows) or "-"


NODE_COLUMNS = (
    Column("node"),
    Column("node_status", "STATUS", style=color_state),
    Column("role"),
    Column("version"),
    Column("uptime", format=format_duration_ms),
    Column("load1", "LOAD", align_right=True),
    Column("memory", format=format_percent, align_right=True),
    Column("live", "CONNECTIONS", align_right=True),
)
ACTIVITY_COLUMNS = (
    Column("in", "IN/S", align_right=True),
    Column("out", "OUT/S", align_right=True),
    Column("dropped", "DROPPED/S", align_right=True),
    Column("live", "CONNECTIONS", align_right=True),
    Column("sessions", align_right=True),
    Column("subscriptions", align_right=True),
    Column("topics", align_right=True),
    Column("retained", align_right=True),
)
RESOURCE_COLUMNS = (
    *(Column(kind) for kind in KINDS),
    Column("rules"),
    Column("alarms"),
    Column("license"),
)
PROBLEM_COLUMNS = (
    Column("kind", "PROBLEM"),
    Column("name"),
    Column("state", style=color_state),
    Column("reason", format=format_plain, wrap=True),
)
CLUSTER_COLUMNS = (  # of the table of several clusters
    Column("cluster"),
    Column("healthy", style=color_state),
    Column("nodes", format=format_running_nodes),
    Column("problems", format=format_problems, wrap=True),
    Column("activity.live", "CONNECTIONS", align_right=True),
    Column("version"),
    Column("activity.in", "IN/S", align_right=True),
    Column("activity.out", "OUT/S", align_right=True),
)


def build_report(broker: BrokerStatus, snapshot: Snapshot, url: str) -> Report:
    """Return the report of a snapshot; a part that could not be read is a dash, with a note."""
    problems = find_problems(snapshot.parts)
    broker = complete_version(broker, snapshot)
    data = build_data(broker, snapshot, problems, url)
    return Report(
        data,
        format_headline(broker, data, len(problems)),
        build_sections(snapshot, data),
        style="red" if problems else "yellow" if snapshot.missing_for_health else "green",
        key="cluster",
        notes=(*snapshot.notes, *list_version_notes(snapshot.parts)),
        exit_code=ExitCode.OK if data["healthy"] else ExitCode.NOT_READY,
        columns=CLUSTER_COLUMNS,
    )


def complete_version(broker: BrokerStatus, snapshot: Snapshot) -> BrokerStatus:
    """Return the broker with version and edition of a node: EMQX 6.2 shows them only there."""
    node = next((row for row in dict_rows(snapshot.parts.get("nodes")) if row.get("version")), {})
    version = broker.version or str(node.get("version") or "")
    return broker._replace(version=version, edition=broker.edition or str(node.get("edition") or ""))


def build_data(broker: BrokerStatus, snapshot: Snapshot, problems: list[Problem], url: str) -> Row:
    """Return the report as an object for programs."""
    parts = snapshot.parts
    cluster = parts.get("cluster")
    cluster_name = str(cluster.get("name") or "") if isinstance(cluster, dict) else ""
    return {
        "url": url,
        "status": "running",
        "healthy": False if problems else None if snapshot.missing_for_health else True,
        "cluster": cluster_name or None,
        "node": broker.node or None,
        "version": strip_version_prefix(broker.version) or None,
        "edition": broker.edition or None,
        "nodes": dict_rows(parts.get("nodes")),
        "activity": summarize_activity(parts),
        "resources": count_resources(parts),
        "license": parts.get("license"),
        "problems": [problem._asdict() for problem in problems],
        "unavailable": {part: error.message for part, error in snapshot.errors.items()},
    }


def build_sections(snapshot: Snapshot, data: Row) -> tuple[Section, ...]:
    """Return the tables for a person."""
    node_rows = [build_node_row(node) for node in dict_rows(data["nodes"])]
    resource_row = format_resources(snapshot, data)
    resource_columns = [column for column in RESOURCE_COLUMNS if column.field in resource_row]
    return (
        Section(rows=node_rows, columns=NODE_COLUMNS),
        Section(rows=dict_rows([data["activity"]]), columns=ACTIVITY_COLUMNS),
        Section(rows=[resource_row], columns=resource_columns),
        Section(rows=dict_rows(data["problems"]), columns=PROBLEM_COLUMNS),
    )


def format_headline(broker: BrokerStatus, data: Row, problem_count: int) -> str:
    """Format the name, version, URL and health of the cluster as one line."""
    words = ("EMQX", strip_version_prefix(broker.version), broker.edition)
    version = " ".join(word for word in words if word)
    health = "healthy" if data["healthy"] else "health unknown"
    health = f"{problem_count} problem{'s' if problem_count > 1 else ''}" if problem_count else health
    return f"{data['cluster'] or broker.node} ({version}) at {data['url']}: {health}"


def build_node_row(node: Row) -> Row:
    """Return a node with its share of memory and its connected clients (EMQX 5.0 counts sessions)."""
    connections = node.get("live_connections", node.get("connections"))
    return {**node, "memory": compute_memory_share(node), "live": connections}


def summarize_activity(parts: Mapping[str, object]) -> Row:
    """Return the current rates and counts, null if not reported."""
    rates, stats = (
        part if isinstance(part, dict) else {} for part in (parts.get("rates"), parts.get("stats"))
    )

    def first_known(*values: object) -> object:
        return next((value for value in values if value is not None), None)

    return {
        "in": first_known(rates.get("received_msg_rate"), rates.get("received")),
        "out": first_known(rates.get("sent_msg_rate"), rates.get("sent")),
        "dropped": first_known(rates.get("dropped_msg_rate"), rates.get("dropped")),
        "connections": first_known(rates.get("connections"), stats.get("connections.count")),
        "live": first_known(rates.get("live_connections"), stats.get("live_connections.count")),
        "sessions": first_known(stats.get("sessions.count"), rates.get("connections")),
        "subscriptions": first_known(rates.get("subscriptions"), stats.get("subscriptions.count")),
        "topics": first_known(rates.get("topics"), stats.get("topics.count")),
        "retained": first_known(rates.get("retained_msg_count"), stats.get("retained.count")),
    }


def count_resources(parts: Mapping[str, object]) -> Row:
    """Return for each kind how many exist, are enabled and work (rules have no state); alarms by name."""
    counts: Row = {}
    for kind in (*KINDS, "rules"):
        if kind not in parts:
            continue
        rows = dict_rows(parts[kind])
        enabled_rows = [row for row in rows if is_enabled(row)]
        kind_counts = {"total": len(rows), "enabled": len(enabled_rows)}
        if kind != "rules":
            kind_counts["working"] = sum(is_working(kind, row) for row in enabled_rows)
        counts[kind] = kind_counts
    if "alarms" in parts:
        counts["alarms"] = len({str(row.get("name")) for row in dict_rows(parts["alarms"])})
    return counts


def format_resources(snapshot: Snapshot, data: Row) -> Row:
    """Return the counts for a person: `3 of 4` work; None for a part that could not be read."""
    counts = data["resources"]
    row: Row = {}
    for kind in (*KINDS, "rules", "alarms", "license"):
        if kind in snapshot.unsupported or (kind not in snapshot.parts and kind not in snapshot.errors):
            continue
        count = counts.get(kind) if isinstance(counts, dict) else None
        if isinstance(count, dict):
            enabled = count["enabled"]
            disabled = count["total"] - enabled
            idle = f"{enabled} ({disabled} disabled)" if disabled else enabled
            row[kind] = f"{count['working']} of {enabled}" if "working" in count else idle
        else:
            row[kind] = count
    if "license" in row:
        row["license"] = format_license(snapshot.parts.get("license"))
    return row


def format_license(license_: object) -> str | None:
    """Format the expiry date of a license, or its type if it has none."""
    if not isinstance(license_, dict):
        return None
    expiry = str(license_.get("expiry_at") or "")
    return f"until {expiry}" if expiry else str(license_.get("type") or "") or None


def list_version_notes(parts: Mapping[str, object]) -> tuple[str, ...]:
    """Return a note if the nodes have different versions, as during an upgrade."""
    versions = {str(row["version"]) for row in dict_rows(parts.get("nodes")) if row.get("version")}
    return (f"the nodes have different versions: {', '.join(sorted(versions))}",) if len(versions) > 1 else ()
