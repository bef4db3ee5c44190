"""Alarms, active and past: `/alarms`."""

from emqxctl.sandbox.handlers._items import Items
from emqxctl.sandbox.http.paging import cut_page
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Json
from emqxctl.sandbox.schema.refusals import refuse, refuse_with


def list_alarms(call: Call) -> Json:
    """List the active alarms of all nodes, or the past ones."""
    cluster, now = call.cluster, call.cluster.now()
    alarms = cluster.alarms if call.query["activated"] else cluster.past_alarms
    return cut_page([alarm.row(now) for alarm in alarms], call.query)


Items("past_alarms")


def force_deactivate(call: Call) -> None:
    """End an alarm, on the answering node only."""
    name = call.body["name"]
    if name is None:
        refuse_with(400, "INVALID_PARAMETER", "name is required")
    if not isinstance(name, str):
        refuse("alarms.bad_name", name)
    if not call.cluster.end_alarm(name, call.cluster.self_node):
        refuse_with(400, "NOT_FOUND", "Alarm not found or already deactivated")
