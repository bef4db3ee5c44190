"""The audit log of EMQX Enterprise: `/audit`."""

from collections.abc import Callable
from operator import itemgetter

from emqxctl.sandbox.http.filters import exact_filters, range_filters, select
from emqxctl.sandbox.http.paging import cut_page
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.fields import fields_of
from emqxctl.sandbox.state.cluster import ENTERPRISE
from emqxctl.sandbox.state.records import format_time

RANGES = ("created_at", "duration_ms")
OTHER = ("page", "limit", *(f"{bound}_{name}" for name in RANGES for bound in ("gte", "lte")))


def text_of(name: str) -> Callable[[Row], str]:
    """Return what reads a field as text."""
    return lambda row: str(row[name])


@route("GET", "/audit", edition=ENTERPRISE, query="audit")
def list_entries(call: Call) -> Json:
    """List the changes that were made over the API, the newest first."""
    rows: list[Row] = [{**entry, "created_at": at * 1000} for at, entry in reversed(call.cluster.audit)]
    names = [field.name for field in fields_of("audit") if field.name not in OTHER]
    filters = exact_filters(call.query, {name: text_of(name) for name in names})
    filters += range_filters(call.query, {name: itemgetter(name) for name in RANGES})
    entries = select(rows, filters)
    times = [{**row, "created_at": format_time(row["created_at"] / 1000, "microseconds")} for row in entries]
    return cut_page(times, call.query)
