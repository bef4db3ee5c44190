"""Small operations of EMQX Enterprise: audit, license, whitelists of tracing, file transfer, models."""

from operator import itemgetter

from emqxctl.sandbox.handlers._items import Items
from emqxctl.sandbox.handlers.nodes import show_cluster
from emqxctl.sandbox.http.paging import cut_page, range_filters, select
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Json, Response, Row
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with
from emqxctl.sandbox.state.records import format_time

WHITELISTS = Items("whitelists", lambda _call, name, _value: name)  # the clients or topics always traced
KEYS = {"default": "community", "evaluation": "evaluation"}


def add_to_whitelist(call: Call) -> None:
    """Add clients or topics that are always traced."""
    WHITELISTS.objects(call).update({name: {} for name in call.body})


def check_file_transfer(call: Call) -> None:
    """Raise EarlyResponse (503) while file transfer is off."""
    if not call.cluster.settings["file_transfer"]["enable"]:
        refuse_with(503, "SERVICE_UNAVAILABLE", "Service unavailable")


def list_files(call: Call) -> Json:
    """List the transferred files, of which there are none."""
    check_file_transfer(call)
    return {"files": []}


def show_file(call: Call) -> Response:
    """Respond that the file does not exist."""
    check_file_transfer(call)
    refuse_with(404, "FILES_NOT_FOUND", "Files requested for this transfer could not be found")


def list_models(call: Call) -> Response:
    """Respond that the provider cannot be reached."""
    if call.bindings["name"] not in call.cluster.collections["ai_providers"]:
        refuse_with(*call.cluster.facts["collections"]["ai_providers"]["missing"])
    refuse_with(503, "SERVICE_UNAVAILABLE", "{cannot_list_models,econnrefused}")


def describe_cluster(call: Call) -> Json:
    """Set the description of the cluster."""
    description = call.body["description"]
    if description is not None:
        call.cluster.settings["cluster"] = {"description": description}
    return show_cluster(call)


def list_entries(call: Call) -> Json:
    """List the changes that were made over the API, the newest first."""
    rows: list[Row] = [{**entry, "created_at": at * 1e6} for at, entry in reversed(call.cluster.audit)]
    ranges = {name: itemgetter(name) for name in ("created_at", "duration_ms")}
    names = rows[0] if rows else ()
    exact = {name: str(value) for name, value in call.query.items() if value is not None and name in names}
    entries = [
        {**row, "created_at": format_time(row["created_at"] / 1e6, "microseconds")}
        for row in select(rows, range_filters(call.query, ranges))
        if all(str(row[name]) == value for name, value in exact.items())
    ]
    return cut_page(entries, call.query)


def current_license(call: Call) -> Row:
    """Return the license in use."""
    licenses: dict[str, Row] = call.cluster.facts["license"]
    return licenses[call.cluster.license]


def update_license(call: Call) -> Json:
    """Change the license key; the sandbox knows those that EMQX comes with."""
    key = call.body["key"]
    if key not in KEYS:
        refuse_request("Invalid request params" if key is None else "Bad license key")
    call.cluster.license = KEYS[key]
    return current_license(call)


def show_session_history(call: Call) -> Json:
    """Show the highest number of sessions of this day or month."""
    now, period = call.cluster.now(), call.query["period"]
    text = format_time(now)
    row = {"high_watermark": len(call.cluster.clients), "observed_at": text}
    row["period"] = text[: 10 if period == "daily" else 7]
    return {"count": 1, "data": [row], "period": period}
