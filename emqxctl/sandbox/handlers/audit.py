"""The audit log of EMQX Enterprise: `/audit`."""

from emqxctl.sandbox.http.paging import cut_page
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Response, Row, json_response
from emqxctl.sandbox.state.cluster import ENTERPRISE
from emqxctl.sandbox.state.records import format_time

EXACT: tuple[str, ...] = (
    "node",
    "from",
    "source",
    "source_ip",
    "operation_id",
    "operation_type",
    "operation_result",
)
EXACT += ("http_method", "http_status_code")


def matches_filters(row: Row, created: float, query: Row) -> bool:
    """Return whether an entry passes every filter."""
    if any(query[name] not in (None, str(row[name])) for name in EXACT):
        return False
    ranges = (("created_at", created * 1000), ("duration_ms", row["duration_ms"]))
    for name, value in ranges:
        low, high = query[f"gte_{name}"], query[f"lte_{name}"]
        if (low is not None and value < low) or (high is not None and value > high):
            return False
    return True


@route("GET", "/audit", edition=ENTERPRISE, query="audit")
def list_entries(call: Call) -> Response:
    """List the changes that were made over the API, the newest first."""
    rows = []
    for created, entry in reversed(call.cluster.audit):
        row = {**entry, "created_at": format_time(created, "microseconds")}
        if matches_filters(row, created, call.query):
            rows.append(row)
    return json_response(cut_page(rows, call.query))
