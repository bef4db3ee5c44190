"""Cluster membership: `/cluster/{node}/invite`, `force_leave` and the like."""

from dataclasses import replace

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Response, Row, error_response, json_response
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.records import format_time

LEAST_TIMEOUT = 5_000  # milliseconds
NODE_DOWN = "{error,{badrpc,nodedown}}"


def invitation_problem(cluster: Cluster, name: str) -> str:
    """Return why a node cannot be invited; empty when it can."""
    if name == cluster.self_node:
        return "Cannot invite self"
    if name in cluster.running():
        return f"{{already_in_cluster,'{cluster.self_node}'}}"
    return "" if name in cluster.removed_nodes else "nodedown"


def add_node(cluster: Cluster, name: str) -> None:
    """Add a node to the cluster; it restarts without clients."""
    node = cluster.removed_nodes.pop(name)
    cluster.nodes[name] = replace(node, started=cluster.now())
    cluster.counts.setdefault(name, {})


def remove_node(cluster: Cluster, name: str) -> None:
    """Remove a node from the cluster with its clients."""
    node = cluster.nodes[name]
    if node.running:
        cluster.removed_nodes[name] = replace(node)
    cluster.stop_node(name)
    del cluster.nodes[name]


@route("PUT", "/cluster/{node}/invite", body=Body("invitation", loose=True))
def invite_node(call: Call) -> Response:
    """Make a node join and wait for it; it leaves its former cluster."""
    name, cluster = call.bindings["node"], call.cluster
    if call.body["timeout"] < LEAST_TIMEOUT:
        return error_response(400, "BAD_REQUEST", f"timeout cannot be less than {LEAST_TIMEOUT}ms")
    if reason := invitation_problem(cluster, name):
        return error_response(400, "BAD_REQUEST", reason)
    add_node(cluster, name)
    return Response(200)


@route("PUT", "/cluster/{node}/invite_async")
def invite_node_async(call: Call) -> Response:
    """Make a node join in the background; the list of invitations shows the result."""
    name, cluster, now = call.bindings["node"], call.cluster, call.cluster.now()
    if name == cluster.self_node:
        return error_response(400, "BAD_REQUEST", "Cannot invite self")
    for rows in cluster.invitations.values():
        rows[:] = [row for row in rows if row["node"] != name]
    cluster.invitations["in_progress"].append({"node": name, "started": now})
    return Response(200)


@route("GET", "/cluster/invitation")
def list_invitations(call: Call) -> Response:
    """Show how the invitations went."""
    finish_invitations(call.cluster)
    return json_response(
        {how: [invitation_row(row) for row in rows] for how, rows in call.cluster.invitations.items()}
    )


def finish_invitations(cluster: Cluster) -> None:
    """Finish the invitations that began a moment ago."""
    now = cluster.now()
    for row in list(cluster.invitations["in_progress"]):
        name, ended = row["node"], row["started"] + 1
        if ended > now:
            continue
        cluster.invitations["in_progress"].remove(row)
        reason = invitation_problem(cluster, name)
        if reason == "nodedown":
            failed = {**row, "ended": ended, "reason": NODE_DOWN}
            cluster.invitations["failed"].append(failed)
            continue
        if not reason:
            add_node(cluster, name)
        cluster.invitations["succeed"].append({**row, "ended": ended})


def invitation_row(row: Row) -> Row:
    """Return one invitation."""
    shown_row = {"node": row["node"], "started_at": format_time(row["started"])}
    if "ended" in row:
        shown_row["finished_at"] = format_time(row["ended"])
    return shown_row | ({"reason": row["reason"]} if "reason" in row else {})


@route("DELETE", "/cluster/{node}/force_leave")
def force_node_leave(call: Call) -> Response:
    """Remove a node from the cluster, running or not; a running one stays up alone."""
    name, cluster = call.bindings["node"], call.cluster
    if name == cluster.self_node:
        return error_response(400, "BAD_REQUEST", "Can't leave self")
    if name not in cluster.nodes:
        return error_response(400, "BAD_REQUEST", "node_not_in_cluster")
    remove_node(cluster, name)
    return Response(204)
