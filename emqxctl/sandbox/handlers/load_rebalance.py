"""Evacuation and rebalancing of nodes of EMQX Enterprise: `/load_rebalance`, `/node_eviction`."""

from emqxctl.sandbox.http.routing import Call, Credentials, route
from emqxctl.sandbox.messages import Response, Row, json_response
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.cluster import ENTERPRISE

PROBLEM = "error on node '{}': {}"


def evacuations_of(call: Call) -> dict[str, Row]:
    """Return the evacuations under way, by node."""
    return call.cluster.collections["evacuations"]


def find_node(call: Call) -> str:
    """Return the node of the path. Raises EarlyResponse (404)."""
    name = call.bindings["node"]
    if name not in call.cluster.running():
        refuse_with(404, "NOT_FOUND", f"Node not found: {name}")
    return name


def evacuation_row(call: Call, node: str) -> Row:
    """Return one evacuation with the sessions that are left on its node."""
    clients = [client for client in call.cluster.clients.values() if client.node == node]
    connected, body = sum(client.connected for client in clients), evacuations_of(call)[node]
    stats = {"current_connected": connected, "current_sessions": len(clients)}
    stats |= {"initial_connected": connected, "initial_sessions": len(clients)}
    rates = {
        "connection_eviction_rate": body["conn_evict_rate"],
        "session_eviction_rate": body["sess_evict_rate"],
    }
    goals = {"connection_goal": 0, "session_goal": 0, "session_recipients": body["migrate_to"] or []}
    return {**rates, **goals, "state": "waiting_health_check", "stats": stats}


@route("GET", "/load_rebalance/availability_check", edition=ENTERPRISE, credentials=Credentials.OPEN)
def check_availability(call: Call) -> Response:
    """Return whether the answering node takes connections."""
    if call.cluster.self_node in evacuations_of(call):
        refuse_with(503, "NODE_EVACUATING", "Node Evacuating")
    return json_response({})


@route("GET", "/load_rebalance/status", edition=ENTERPRISE)
def show_status(call: Call) -> Response:
    """Show what happens on the answering node."""
    node = call.cluster.self_node
    if node not in evacuations_of(call):
        return json_response({"status": "disabled"})
    return json_response({**evacuation_row(call, node), "process": "evacuation", "status": "enabled"})


@route("GET", "/load_rebalance/global_status", edition=ENTERPRISE)
def show_global_status(call: Call) -> Response:
    """Show what happens on all nodes."""
    rows = [{**evacuation_row(call, node), "node": node} for node in evacuations_of(call)]
    return json_response({"evacuations": rows, "purges": [], "rebalances": []})


@route("GET", "/node_eviction/status", edition=ENTERPRISE)
def show_eviction(call: Call) -> Response:
    """Show whether sessions leave the answering node."""
    node = call.cluster.self_node
    if node not in evacuations_of(call):
        return json_response({"status": "disabled"})
    stats = evacuation_row(call, node)["stats"]
    counts = {"connections": stats["current_connected"], "sessions": stats["current_sessions"]}
    return json_response({"stats": counts, "status": "enabled"})


@route("POST", "/load_rebalance/{node}/evacuation/start", edition=ENTERPRISE, body=Body("evacuation"))
def start_evacuation(call: Call) -> Response:
    """Start to evacuate a node; the simulated sessions stay."""
    node, targets = find_node(call), call.body["migrate_to"] or []
    if unknown := [name for name in targets if name not in call.cluster.running()]:
        refuse_with(400, "NOT_FOUND", f"Nodes unavailable: {unknown}")
    if node in evacuations_of(call):
        refuse_request(PROBLEM.format(node, "already_started"))
    evacuations_of(call)[node] = call.body
    return json_response({})


@route("POST", "/load_rebalance/{node}/evacuation/stop", edition=ENTERPRISE)
def stop_evacuation(call: Call) -> Response:
    """Stop the evacuation of a node."""
    node = find_node(call)
    if evacuations_of(call).pop(node, None) is None:
        refuse_request(PROBLEM.format(node, "not_started"))
    return json_response({})


@route("POST", "/load_rebalance/{node}/start", edition=ENTERPRISE, body=Body(loose=True))
def start_rebalance(call: Call) -> Response:
    """Refuse to rebalance: the simulated clients are spread evenly."""
    refuse_request(PROBLEM.format(find_node(call), "nothing_to_balance"))


@route("POST", "/load_rebalance/{node}/stop", edition=ENTERPRISE)
def stop_rebalance(call: Call) -> Response:
    """Refuse to stop what does not run."""
    refuse_request(PROBLEM.format(find_node(call), "not_started"))
