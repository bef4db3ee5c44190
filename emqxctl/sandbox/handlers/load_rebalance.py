"""Evacuation and rebalancing of nodes of EMQX Enterprise: `/load_rebalance`, `/node_eviction`."""

from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.refusals import refuse, refuse_with
from emqxctl.text.units import parse_duration


def evacuations_of(call: Call) -> dict[str, Row]:
    """Return the evacuations under way, by node."""
    return call.cluster.collections["evacuations"]


def evacuation_row(call: Call, node: str) -> Row:
    """Return one evacuation with the sessions that are left on its node, after those that are due moved."""
    body, state = evacuations_of(call)[node], advance(call, node)
    stats = {**body["initial"], **count_clients(call, node, "current")}
    rates = {f"{word}_eviction_rate": body[f"{word[:4]}_evict_rate"] for word in ("connection", "session")}
    goals = {"connection_goal": 0, "session_goal": 0, "session_recipients": body["migrate_to"] or []}
    return {**rates, **goals, "state": state, "stats": stats}


def count_clients(call: Call, node: str, word: str) -> Row:
    """Count the connected clients and the sessions of a node."""
    connected = [client.connected for client in call.cluster.clients.values() if client.node == node]
    return {f"{word}_connected": sum(connected), f"{word}_sessions": len(connected)}


def advance(call: Call, node: str) -> str:
    """Move the clients that are due since the start to other nodes; return the state of the evacuation."""
    body, cluster = evacuations_of(call)[node], call.cluster
    seconds = cluster.now() - body["started_at"] - parse_duration(body["wait_health_check"])
    targets = body["migrate_to"] or [name for name in cluster.running() if name != node]
    if seconds < 0 or not targets:
        return "waiting_health_check"
    rate, connections = body["conn_evict_rate"], body["initial"]["initial_connected"]
    is_over = seconds >= connections / rate + parse_duration(body["wait_takeover"])
    clients = cluster.clients.values()
    movable = [client for client in clients if client.node == node and (client.connected or is_over)]
    due = len(movable) if is_over else max(0, int(seconds * rate) - connections + len(movable))
    for number, client in enumerate(movable[:due]):
        client.node = targets[number % len(targets)]
    return "evicting_conns" if movable[due:] else "waiting_takeover" if not is_over else "prohibiting"


def check_availability(call: Call) -> Json:
    """Return whether the answering node takes connections."""
    if call.cluster.self_node in evacuations_of(call):
        refuse_with(503, "NODE_EVACUATING", "Node Evacuating")
    return {}


def show_status(call: Call) -> Json:
    """Show what happens on the answering node."""
    node = call.cluster.self_node
    if node not in evacuations_of(call):
        return {"status": "disabled"}
    return {**evacuation_row(call, node), "process": "evacuation", "status": "enabled"}


def show_global_status(call: Call) -> Json:
    """Show what happens on all nodes."""
    rows = [{**evacuation_row(call, node), "node": node} for node in evacuations_of(call)]
    return {"evacuations": rows, "purges": [], "rebalances": []}


def show_eviction(call: Call) -> Json:
    """Show whether sessions leave the answering node."""
    row: Row = show_status(call)
    if stats := row.get("stats"):
        row["stats"] = {"connections": stats["current_connected"], "sessions": stats["current_sessions"]}
    return {name: row[name] for name in ("stats", "status") if name in row}


def start_evacuation(call: Call) -> Json:
    """Start to evacuate a node: its clients are disconnected and connect to other nodes."""
    node, targets = call.running_node(), call.body["migrate_to"] or []
    if unknown := [name for name in targets if name not in call.cluster.running()]:
        refuse_with(400, "NOT_FOUND", f"Nodes unavailable: {unknown}")
    if node in evacuations_of(call):
        refuse("load_rebalance.problem", node, "already_started")
    start = {"started_at": call.cluster.now(), "initial": count_clients(call, node, "initial")}
    evacuations_of(call)[node] = {**call.body, **start}
    return {}


def stop_evacuation(call: Call) -> Json:
    """Stop the evacuation of a node."""
    node = call.running_node()
    if evacuations_of(call).pop(node, None) is None:
        refuse("load_rebalance.problem", node, "not_started")
    return {}


def refuse_rebalance(call: Call) -> None:
    """Refuse to rebalance, as the clients are spread evenly, and to stop what does not run."""
    problem = "nothing_to_balance" if call.request.path.endswith("/start") else "not_started"
    refuse("load_rebalance.problem", call.running_node(), problem)
