"""The screen of `emqxctl status`: nodes, rates, what works and what does not."""

from collections.abc import Mapping

from emqxctl.api.status import BrokerStatus
from emqxctl.diagnosis.health import (
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

COUNTED = ("listeners", "connectors", "actions", "sources", "bridges")


def percent(value: object) -> str:
    """Write a share as a percentage."""
    return f"{value:.0%}" if isinstance(value, float) else format_plain(value)


NODES = (
    Column("node"),
    Column("node_status", "STATUS", style=color_state),
    Column("role"),
    Column("version"),
    Column("uptime", format=format_duration_ms),
    Column("load1", "LOAD", align_right=True),
    Column("memory", format=percent, align_right=True),
    Column("live", "CONNECTIONS", align_right=True),
)
NOW = (
    Column("in", "IN/S", align_right=True),
    Column("out", "OUT/S", align_right=True),
    Column("dropped", "DROPPED/S", align_right=True),
    Column("live", "CONNECTIONS", align_right=True),
    Column("sessions", align_right=True),
    Column("subscriptions", align_right=True),
    Column("topics", align_right=True),
    Column("retained", align_right=True),
)
WORKING = (*(Column(name) for name in COUNTED), Column("rules"), Column("alarms"), Column("license"))
WRONG = (
    Column("kind", "WRONG"),
    Column("name"),
    Column("state", style=color_state),
    Column("reason", format=format_plain, wrap=True),
)


def running(nodes: object) -> str:
    """Say how many of the nodes run: `2 of 3`."""
    found = dict_rows(nodes)
    return f"{sum(map(is_running, found))} of {len(found)}"


def named(wrong: object) -> str:
    """Name all that is wrong."""
    return ", ".join(f"{one.get('kind')} {one.get('name')}" for one in dict_rows(wrong)) or "-"


ONE_OF_SEVERAL = (
    Column("cluster"),
    Column("healthy", style=color_state),
    Column("nodes", format=running),
    Column("problems", "WRONG", format=named, wrap=True),
    Column("now.live", "CONNECTIONS", align_right=True),
    Column("version"),
    Column("now.in", "IN/S", align_right=True),
    Column("now.out", "OUT/S", align_right=True),
)


def screen(broker: BrokerStatus, found: Snapshot, url: str) -> Report:
    """Make the screen of what was read; what was not is a dash, and a note says why."""
    parts = found.parts
    wrong = find_problems(parts)
    now, counts = rates(parts), counted(parts)
    row = words(counts, found)
    cluster = parts.get("cluster")
    name = str(cluster.get("name") or "") if isinstance(cluster, dict) else ""
    data: Row = {
        "url": url,
        "status": "running",
        "healthy": not wrong,
        "cluster": name or None,
        "node": broker.node or None,
        "version": strip_version_prefix(broker.version) or None,
        "edition": broker.edition or None,
        "nodes": dict_rows(parts.get("nodes")),
        "now": now,
        "working": counts,
        "license": parts.get("license"),
        "problems": [one._asdict() for one in wrong],
        "unread": {part: error.message for part, error in found.errors.items()},
    }
    tables = (
        Section(rows=[node_row(row) for row in dict_rows(parts.get("nodes"))], columns=NODES),
        Section(rows=[now], columns=NOW),
        Section(rows=[row], columns=[one for one in WORKING if one.field in row]),
        Section(rows=[one._asdict() for one in wrong], columns=WRONG),
    )
    return Report(
        data,
        heading(name, broker, url, len(wrong)),
        tables,
        style="red" if wrong else "green",
        key="cluster",
        notes=(*found.notes, *mixed(parts)),
        exit_code=ExitCode.NOT_YET if wrong else ExitCode.OK,
        columns=ONE_OF_SEVERAL,
    )


def heading(name: str, broker: BrokerStatus, url: str, wrong: int) -> str:
    """Say in one line which cluster this is and how it is."""
    version = " ".join(
        word for word in ("EMQX", strip_version_prefix(broker.version), broker.edition) if word
    )
    verdict = "all is well" if not wrong else f"{wrong} thing{'s are' if wrong > 1 else ' is'} wrong"
    return f"{name or broker.node} ({version}) at {url}: {verdict}"


def node_row(node: Row) -> Row:
    """Give a node its share of memory, and the clients that are connected (EMQX 5.0 counts sessions)."""
    live = node.get("live_connections", node.get("connections"))
    return {**node, "memory": compute_memory_share(node), "live": live}


def rates(parts: Mapping[str, object]) -> Row:
    """Give the rates and counts of this moment, null for what was not told."""
    now, stats = (one if isinstance(one, dict) else {} for one in (parts.get("rates"), parts.get("stats")))

    def first(*values: object) -> object:
        return next((value for value in values if value is not None), None)

    return {
        "in": first(now.get("received_msg_rate"), now.get("received")),
        "out": first(now.get("sent_msg_rate"), now.get("sent")),
        "dropped": first(now.get("dropped_msg_rate"), now.get("dropped")),
        "connections": first(now.get("connections"), stats.get("connections.count")),
        "live": first(now.get("live_connections"), stats.get("live_connections.count")),
        "sessions": first(stats.get("sessions.count"), now.get("connections")),
        "subscriptions": first(now.get("subscriptions"), stats.get("subscriptions.count")),
        "topics": first(now.get("topics"), stats.get("topics.count")),
        "retained": first(now.get("retained_msg_count"), stats.get("retained.count")),
    }


def counted(parts: Mapping[str, object]) -> Row:
    """Count of each kind how many there are, are enabled and work; rules are not asked whether they do."""
    found: Row = {}
    for kind in (*COUNTED, "rules"):
        if kind in parts:
            rows = dict_rows(parts[kind])
            enabled = [row for row in rows if is_enabled(row)]
            found[kind] = {"all": len(rows), "enabled": len(enabled)}
            if kind != "rules":
                found[kind]["working"] = sum(is_working(kind, row) for row in enabled)  # type: ignore[index]  # a dict
    if "alarms" in parts:
        found["alarms"] = len({str(row.get("name")) for row in dict_rows(parts["alarms"])})
    return found


def words(counts: Row, found: Snapshot) -> Row:
    """Write the counts as a person reads them: `3 of 4`; what was not told is a dash."""
    row: Row = {}
    for kind in (*COUNTED, "rules", "alarms", "license"):
        if kind in found.unsupported or (kind not in found.parts and kind not in found.errors):
            continue
        one = counts.get(kind)
        if isinstance(one, dict):
            row[kind] = (
                f"{one.get('working', one['enabled'])} of {one['enabled']}"
                if "working" in one
                else one["enabled"]
            )
        else:
            row[kind] = one
    if "license" in row:
        row["license"] = license_words(found.parts.get("license"))
    return row


def license_words(license_: object) -> str | None:
    """Write until when a license is good, and for how many connections."""
    if not isinstance(license_, dict):
        return None
    until = str(license_.get("expiry_at") or "")
    return f"until {until}" if until else str(license_.get("type") or "") or None


def mixed(parts: Mapping[str, object]) -> tuple[str, ...]:
    """Say that the nodes have different versions, as in the middle of an upgrade."""
    versions = {str(row["version"]) for row in dict_rows(parts.get("nodes")) if row.get("version")}
    return (f"the nodes have different versions: {', '.join(sorted(versions))}",) if len(versions) > 1 else ()
