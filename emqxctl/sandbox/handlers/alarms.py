"""Alarms, active and past: `/alarms`."""

from emqxctl.sandbox.http.paging import cut_page
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Response, error_response, json_response
from emqxctl.sandbox.schema.validation import Body

BAD_NAME = (
    "error, function_clause, [{{emqx_mgmt_api_alarms,convert_alarm_names,[{}],"
    '[{{file,"emqx_mgmt_api_alarms.erl"}},{{line,199}}]}}]'
)


@route("GET", "/alarms", query="alarms")
def list_alarms(call: Call) -> Response:
    """List the active alarms of all nodes, or the past ones."""
    cluster, now = call.cluster, call.cluster.now()
    alarms = cluster.alarms if call.query["activated"] else cluster.past_alarms
    return json_response(cut_page([alarm.row(now) for alarm in alarms], call.query))


@route("DELETE", "/alarms")
def clear_history(call: Call) -> Response:
    """Delete the past alarms; the active ones stay."""
    call.cluster.past_alarms.clear()
    return Response(204)


@route("POST", "/alarms/force_deactivate", body=Body("alarm"))
def force_deactivate(call: Call) -> Response:
    """End an alarm, on the answering node only."""
    name = call.body["name"]
    if name is None:
        return error_response(400, "INVALID_PARAMETER", "name is required")
    if not isinstance(name, str):
        return error_response(500, "INTERNAL_ERROR", BAD_NAME.format(name))
    if not call.cluster.end_alarm(name, call.cluster.self_node):
        return error_response(400, "NOT_FOUND", "Alarm not found or already deactivated")
    return Response(204)
