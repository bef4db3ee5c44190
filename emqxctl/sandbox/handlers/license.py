"""The license of EMQX Enterprise: `/license`."""

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Response, Row, json_response
from emqxctl.sandbox.schema.refusals import refuse_request
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.cluster import ENTERPRISE
from emqxctl.sandbox.state.records import format_time

KEYS = {"default": "community", "evaluation": "evaluation"}


def current_license(call: Call) -> Row:
    """Return the license in use."""
    licenses: dict[str, Row] = call.cluster.facts["license"]
    return licenses[call.cluster.license]


@route("GET", "/license", edition=ENTERPRISE)
def show_license(call: Call) -> Response:
    """Show the license."""
    return json_response(current_license(call))


@route("POST", "/license", edition=ENTERPRISE, body=Body("license_key", loose=True))
def update_license(call: Call) -> Response:
    """Change the license key; the sandbox knows those that EMQX comes with."""
    key = call.body["key"]
    if key not in KEYS:
        refuse_request("Invalid request params" if key is None else "Bad license key")
    call.cluster.license = KEYS[key]
    return json_response(current_license(call))


@route("GET", "/license/session_hwm_history", edition=ENTERPRISE, query="license_history")
def show_session_history(call: Call) -> Response:
    """Show the highest number of sessions of this day or month."""
    now, period = call.cluster.now(), call.query["period"]
    text = format_time(now)
    row = {"high_watermark": len(call.cluster.clients), "observed_at": text}
    row["period"] = text[: 10 if period == "daily" else 7]
    return json_response({"count": 1, "data": [row], "period": period})
