"""What `emqxctl top` asks for, in few requests of bounded size, and the columns of each view."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from emqxctl.api.pagination import iterate_rows, page_meta, page_rows
from emqxctl.output.formatters import color_state, format_byte_count, format_duration_ms, number_formatter
from emqxctl.output.results import Row
from emqxctl.resource import Column, Paging
from emqxctl.text.units import format_size

if TYPE_CHECKING:
    from emqxctl.api.client import Client

INTEGRATION = "/prometheus/data_integration"
CLIENT_FIELDS = (
    "clientid,username,ip_address,node,connected,"
    "recv_msg,send_msg,mqueue_len,mqueue_dropped,inflight_cnt,heap_size,subscriptions_cnt"
)


@dataclass(frozen=True)
class Sample:
    """What was seen at one time: rows, how many there are of them in all, and the cluster's own figures."""

    rows: Sequence[Row]
    at: float = field(default_factory=monotonic)
    total: int | None = None
    head: Row = field(default_factory=dict)


class Subject(NamedTuple):
    """One view: its rows' key and columns, the counters that become rates, and the column sorted by first."""

    name: str
    nouns: str
    read: Callable[["Client", str, int], Sample]
    columns: Sequence[Column]
    sort: str
    rates: Mapping[str, tuple[str, ...]] = {}
    hint: str = ""  # what to type where there are no rows

    @property
    def key(self) -> str:
        """The field that names a row."""
        return self.columns[0].field


def per_second(value: float) -> str:
    """Write a rate: short, and with a digit after the point only where it tells something."""
    if value >= 10_000:
        return f"{value / 1000:.0f}k"
    return f"{value:.1f}" if 0 < value < 100 else f"{value:.0f}"


def count(value: float) -> str:
    """Write a count: with spaces as far as it is short, then in thousands, millions, billions."""
    for limit, unit, step in ((1e5, "", 1), (1e7, "k", 1e3), (1e10, "M", 1e6)):
        if value < limit:
            return f"{value / step:,.0f}".replace(",", " ") + unit
    return f"{value / 1e9:,.0f}".replace(",", " ") + "G"


rate, whole = number_formatter(per_second), number_formatter(count)


def counter(name: str, title: str) -> Column:
    """Make a column of a count."""
    return Column(name, title, whole, align_right=True)


def flow(name: str, title: str) -> Column:
    """Make a column of a rate."""
    return Column(name, title, rate, align_right=True)


def read_cluster(api: "Client", wanted: str, _most: int) -> Sample:
    """Ask for the rates of the cluster and for its nodes: two requests."""
    current = api.get("/monitor_current")
    nodes = [one for one in page_rows(api.get("/nodes")) if wanted in str(one.get("node"))]
    return Sample(nodes, total=len(nodes), head=current if isinstance(current, dict) else {})


def read_clients(api: "Client", wanted: str, most: int) -> Sample:
    """Ask for the first clients: a request for each 1000, however many there are."""
    told: list[int] = []
    query = {"conn_state": "connected", "fields": CLIENT_FIELDS}
    query |= {"like_clientid": wanted} if wanted else {}

    def fetch(page: Mapping[str, object]) -> object:
        answer = api.get("/clients", query=page)
        total = page_meta(answer).get("count")
        told.extend([total] if isinstance(total, int) else [])
        return answer

    found = list(iterate_rows(fetch, Paging.PAGES, query, limit=most))[:most]
    connected = [one for one in found if one.get("connected") is not False]  # durable sessions slip in
    return Sample(connected, total=max([*told, len(connected)]))


def read_topics(api: "Client", wanted: str, _most: int) -> Sample:
    """Ask for the topics with metrics: one request, for EMQX keeps at most 512."""
    found = []
    for one in page_rows(api.get("/mqtt/topic_metrics")):
        metrics = one.get("metrics")
        if wanted in str(one.get("topic")):
            found.append({"topic": one.get("topic"), **(metrics if isinstance(metrics, dict) else {})})
    return Sample(found, total=len(found))


def reader(part: str) -> Callable[["Client", str, int], Sample]:
    """Make the reader of `rules` or `actions`: one request for the metrics of all (EMQX 5.5+)."""

    def read(api: "Client", wanted: str, _most: int) -> Sample:
        answer = api.get(INTEGRATION, query={"mode": "all_nodes_aggregated"})
        listed = answer.get(part) if isinstance(answer, dict) else None
        found = [
            {name.removeprefix(f"emqx_{part[:-1]}_"): value for name, value in one.items()}
            for one in (listed if isinstance(listed, list) else [])
            if isinstance(one, dict) and wanted in str(one.get("id"))
        ]
        return Sample(found, total=len(found))

    return read


def memory(value: object) -> str:
    """Write what EMQX tells of memory: a text like `1.18G`, or bytes."""
    return format_size(value) if isinstance(value, int | float) else str(value or "-")


def on(value: object) -> str:
    """Write how many nodes have it switched on as whether it is."""
    return "-" if value is None else "yes" if value else "no"


def link(value: object) -> str:
    """Write the state of an action's connection."""
    return "-" if value is None else "connected" if value else "disconnected"


SUBJECTS = (
    Subject(
        "cluster",
        "nodes",
        read_cluster,
        (
            Column("node"),
            Column("node_status", "STATUS", style=color_state),
            Column("live_connections", "CLIENTS", whole, align_right=True),
            Column("connections", "SESSIONS", whole, align_right=True),
            Column("load1", "LOAD", align_right=True),
            Column("memory_used", "MEMORY", memory, align_right=True),
            Column("memory_total", "OF", memory, align_right=True),
            Column("process_used", "PROCESSES", whole, align_right=True),
            Column("uptime", format=format_duration_ms, align_right=True),
            Column("version"),
            Column("role"),
        ),
        "node",
    ),
    Subject(
        "clients",
        "clients",
        read_clients,
        (
            Column("clientid", "CLIENT ID"),
            flow("rate", "MSG/S"),
            flow("in", "IN/S"),
            flow("out", "OUT/S"),
            counter("mqueue_len", "MQUEUE"),
            counter("inflight_cnt", "INFLIGHT"),
            counter("mqueue_dropped", "DROPPED"),
            Column("heap_size", "HEAP", format_byte_count, align_right=True),
            counter("subscriptions_cnt", "SUBS"),
            Column("node"),
            Column("username"),
            Column("ip_address", "ADDRESS"),
        ),
        "rate",
        {"rate": ("recv_msg", "send_msg"), "in": ("recv_msg",), "out": ("send_msg",)},
    ),
    Subject(
        "topics",
        "topics with metrics",
        read_topics,
        (
            Column("topic"),
            flow("messages.in.rate", "IN/S"),
            flow("messages.out.rate", "OUT/S"),
            flow("messages.dropped.rate", "DROPPED/S"),
            counter("messages.in.count", "IN"),
            counter("messages.out.count", "OUT"),
            counter("messages.dropped.count", "DROPPED"),
        ),
        "messages.in.rate",
        hint="emqxctl topic-metrics create TOPIC measures one",
    ),
    Subject(
        "rules",
        "rules",
        reader("rules"),
        (
            Column("id", "RULE"),
            Column("enable", "ON", on),
            flow("rate", "MATCHED/S"),
            flow("passing", "PASSED/S"),
            flow("failing", "ACTIONS FAILED/S"),
            counter("matched", "MATCHED"),
            counter("passed", "PASSED"),
            counter("failed_exception", "EXCEPTIONS"),
            counter("actions_failed", "ACTIONS FAILED"),
        ),
        "rate",
        {"rate": ("matched",), "passing": ("passed",), "failing": ("actions_failed",)},
    ),
    Subject(
        "actions",
        "actions",
        reader("actions"),
        (
            Column("id", "ACTION"),
            Column("status", format=link, style=lambda value: color_state(link(value))),
            flow("rate", "DONE/S"),
            flow("failing", "FAILED/S"),
            flow("dropping", "DROPPED/S"),
            counter("queuing", "QUEUING"),
            counter("inflight", "INFLIGHT"),
            counter("success", "DONE"),
            counter("failed", "FAILED"),
            counter("dropped", "DROPPED"),
        ),
        "rate",
        {"rate": ("success",), "failing": ("failed",), "dropping": ("dropped",)},
    ),
)
BY_NAME = {one.name: one for one in SUBJECTS}
