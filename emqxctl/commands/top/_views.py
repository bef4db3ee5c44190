"""The views of `emqxctl top`: reading in few requests of bounded size, and columns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from emqxctl.api.pagination import iterate_rows
from emqxctl.api.response import page_meta, page_rows
from emqxctl.diagnosis.health import compute_memory_share
from emqxctl.output.formatters import (
    color_state,
    format_byte_count,
    format_duration_ms,
    format_memory,
    format_plain,
    number_formatter,
)
from emqxctl.output.results import Row
from emqxctl.resource import Column, Paging

if TYPE_CHECKING:
    from emqxctl.api.client import Client

INTEGRATION_METRICS_PATH = "/prometheus/data_integration"
CLIENT_FIELDS = (
    "clientid,username,ip_address,node,connected,"
    "recv_msg,send_msg,mqueue_len,mqueue_dropped,inflight_cnt,heap_size,subscriptions_cnt"
)


@dataclass(frozen=True)
class Sample:
    """The result of one poll: rows, the total number of rows on the server, and the cluster's rates."""

    rows: Sequence[Row]
    read_at: float = field(default_factory=monotonic)
    total: int | None = None
    cluster_rates: Row = field(default_factory=dict)


class TopView(NamedTuple):
    """One view: its columns (the first is the key), default sort column, and rates with their counters.

    `hint` is shown if there are no rows.
    """

    name: str
    plural_noun: str
    read: Callable[["Client", str, int], Sample]
    columns: Sequence[Column]
    default_sort: str
    rates: Mapping[str, tuple[str, ...]] = {}
    hint: str = ""

    @property
    def key(self) -> str:
        """The field that identifies a row."""
        return self.columns[0].field


COUNT_UNITS = (("G", 1e9), ("M", 1e6), ("K", 1e3))


def format_rate(value: float) -> str:
    """Format a rate, with one decimal below 100 and in thousands from 10 000."""
    if value >= 10_000:
        return f"{value / 1000:.0f}K"
    return f"{value:.1f}" if 0 < value < 100 else f"{value:.0f}"


def format_count(value: float) -> str:
    """Format a count with spaces between thousands, from 100 000 in K, M or G."""
    if value < 1e5:
        return f"{value:,.0f}".replace(",", " ")
    unit, step = next((unit, step) for unit, step in COUNT_UNITS if value >= step)
    return f"{value / step:.0f}{unit}" if value >= 10 * step else f"{value / step:.1f}{unit}"


rate_formatter, count_formatter = number_formatter(format_rate), number_formatter(format_count)


def count_column(name: str, title: str) -> Column:
    """Return a column of counts."""
    return Column(name, title, count_formatter, align_right=True)


def rate_column(name: str, title: str) -> Column:
    """Return a column of rates."""
    return Column(name, title, rate_formatter, align_right=True)


class MemoryUse(float):
    """The share of a node's memory that is used; `text` has both sizes."""

    text: str


def read_memory_use(node: Mapping[str, object]) -> MemoryUse | None:
    """Return a node's use of memory; None if it does not report it."""
    share = compute_memory_share(node)
    if share is None:
        return None
    use = MemoryUse(round(share, 4))
    use.text = f"{format_memory(node.get('memory_used'))}/{format_memory(node.get('memory_total'))}"
    return use


def format_memory_use(value: object) -> str:
    """Format a node's use of memory as both sizes."""
    return value.text if isinstance(value, MemoryUse) else format_plain(value)


def read_cluster(client: "Client", filter_text: str, _max_rows: int) -> Sample:
    """Read the rates of the cluster and its nodes: two requests."""
    current = client.get("/monitor_current")
    nodes = [
        {**node, "memory": read_memory_use(node)}
        for node in page_rows(client.get("/nodes"))
        if filter_text in str(node.get("node"))
    ]
    return Sample(nodes, total=len(nodes), cluster_rates=current if isinstance(current, dict) else {})


def read_clients(client: "Client", filter_text: str, max_rows: int) -> Sample:
    """Read the first clients: one request per 1000."""
    totals: list[int] = []
    query = {"conn_state": "connected", "fields": CLIENT_FIELDS}
    query |= {"like_clientid": filter_text} if filter_text else {}

    def fetch_page(page: Mapping[str, object]) -> object:
        body = client.get("/clients", query=page)
        total = page_meta(body).get("count")
        totals.extend([total] if isinstance(total, int) else [])
        return body

    rows = list(iterate_rows(fetch_page, Paging.PAGES, query, limit=max_rows))[:max_rows]
    connected_rows = [
        row for row in rows if row.get("connected") is not False
    ]  # the server returns some durable sessions too
    offline_count = len(rows) - len(connected_rows)  # counted by the server, though they are not connected
    return Sample(connected_rows, total=max(len(connected_rows), max(totals, default=0) - offline_count))


def read_topics(client: "Client", filter_text: str, _max_rows: int) -> Sample:
    """Read the topics with metrics: one request, since EMQX keeps at most 512."""
    rows = []
    for topic in page_rows(client.get("/mqtt/topic_metrics")):
        metrics = topic.get("metrics")
        if filter_text in str(topic.get("topic")):
            rows.append({"topic": topic.get("topic"), **(metrics if isinstance(metrics, dict) else {})})
    return Sample(rows, total=len(rows))


def make_integration_reader(kind: str) -> Callable[["Client", str, int], Sample]:
    """Return the reader of `rules` or `actions`: one request for all metrics (EMQX 5.5+)."""

    def read(client: "Client", filter_text: str, _max_rows: int) -> Sample:
        metrics = client.get(INTEGRATION_METRICS_PATH, query={"mode": "all_nodes_aggregated"})
        items = metrics.get(kind) if isinstance(metrics, dict) else None
        rows = [
            {name.removeprefix(f"emqx_{kind[:-1]}_"): value for name, value in item.items()}
            for item in (items if isinstance(items, list) else [])
            if isinstance(item, dict) and filter_text in str(item.get("id"))
        ]
        return Sample(rows, total=len(rows))

    return read


def format_enabled(value: object) -> str:
    """Format the number of nodes where a rule is enabled as yes or no."""
    return "-" if value is None else "yes" if value else "no"


def format_connection(value: object) -> str:
    """Format the state of an action's connection."""
    return "-" if value is None else "connected" if value else "disconnected"


VIEWS = (
    TopView(
        "cluster",
        "nodes",
        read_cluster,
        (
            Column("node"),
            Column("node_status", "STATUS", style=color_state),
            Column("live_connections", "CLIENTS", count_formatter, align_right=True),
            Column("connections", "SESSIONS", count_formatter, align_right=True),
            Column("load1", "LOAD", align_right=True),
            Column("memory", format=format_memory_use, align_right=True),
            Column("process_used", "PROCESSES", count_formatter, align_right=True),
            Column("uptime", format=format_duration_ms, align_right=True),
            Column("version"),
            Column("role"),
        ),
        "node",
    ),
    TopView(
        "clients",
        "clients",
        read_clients,
        (
            Column("clientid", "CLIENT ID"),
            rate_column("rate", "MSG/S"),
            rate_column("in", "IN/S"),
            rate_column("out", "OUT/S"),
            count_column("mqueue_len", "MQUEUE"),
            count_column("inflight_cnt", "INFLIGHT"),
            count_column("mqueue_dropped", "DROPPED"),
            Column("heap_size", "HEAP", format_byte_count, align_right=True),
            count_column("subscriptions_cnt", "SUBS"),
            Column("node"),
            Column("username"),
            Column("ip_address", "ADDRESS"),
        ),
        "rate",
        {"rate": ("recv_msg", "send_msg"), "in": ("recv_msg",), "out": ("send_msg",)},
    ),
    TopView(
        "topics",
        "topics with metrics",
        read_topics,
        (
            Column("topic"),
            rate_column("messages.in.rate", "IN/S"),
            rate_column("messages.out.rate", "OUT/S"),
            rate_column("messages.dropped.rate", "DROPPED/S"),
            count_column("messages.in.count", "IN"),
            count_column("messages.out.count", "OUT"),
            count_column("messages.dropped.count", "DROPPED"),
        ),
        "messages.in.rate",
        hint="start measuring a topic: emqxctl topic-metrics create TOPIC",
    ),
    TopView(
        "rules",
        "rules",
        make_integration_reader("rules"),
        (
            Column("id", "RULE"),
            Column("enable", "ENABLED", format_enabled),
            rate_column("rate", "MATCHED/S"),
            rate_column("passing", "PASSED/S"),
            rate_column("failing", "ACTIONS FAILED/S"),
            count_column("matched", "MATCHED"),
            count_column("passed", "PASSED"),
            count_column("failed_exception", "EXCEPTIONS"),
            count_column("actions_failed", "ACTIONS FAILED"),
        ),
        "rate",
        {"rate": ("matched",), "passing": ("passed",), "failing": ("actions_failed",)},
    ),
    TopView(
        "actions",
        "actions",
        make_integration_reader("actions"),
        (
            Column("id", "ACTION"),
            Column(
                "status", format=format_connection, style=lambda value: color_state(format_connection(value))
            ),
            rate_column("rate", "DONE/S"),
            rate_column("failing", "FAILED/S"),
            rate_column("dropping", "DROPPED/S"),
            count_column("queuing", "QUEUING"),
            count_column("inflight", "INFLIGHT"),
            count_column("success", "DONE"),
            count_column("failed", "FAILED"),
            count_column("dropped", "DROPPED"),
        ),
        "rate",
        {"rate": ("success",), "failing": ("failed",), "dropping": ("dropped",)},
    ),
)
VIEWS_BY_NAME = {view.name: view for view in VIEWS}
