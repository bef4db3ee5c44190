"""The nodes and the cluster, and who is in it: `/status`, `/nodes`, `/cluster`."""

from dataclasses import replace

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Json, Response, Row, json_response, text_response
from emqxctl.sandbox.schema.refusals import refuse_request
from emqxctl.sandbox.state.cluster import ENTERPRISE, Cluster
from emqxctl.sandbox.state.records import format_time, stable_random

LEAST_TIMEOUT = 5_000  # milliseconds
NODE_DOWN = "{error,{badrpc,nodedown}}"
RETRY = {"retry-after": "15"}  # EMQX sends it with every answer of /status


def show_status(call: Call) -> Response:
    """Return whether the answering node is up."""
    name = call.cluster.self_node
    if call.query["format"] == "json":
        row = {"app_status": "running", "broker_status": "started", "node_name": name}
        enterprise = call.cluster.edition == ENTERPRISE
        more = {"cluster": call.cluster.name} if enterprise else {"rel_vsn": f"v{call.cluster.version}"}
        return json_response({**row, **more}, headers=RETRY)
    plain = text_response(f"Node {name} is started\nemqx is running")
    return Response(200, plain.body, {**plain.headers, **RETRY})


def node_row(cluster: Cluster, name: str) -> Row:
    """Return one node; of a stopped one only its name is left."""
    if not cluster.nodes[name].running:
        return {"node": name, "node_status": "stopped", "role": "core"}
    own = [client for client in cluster.clients.values() if client.node == name]
    load, loads = stable_random(cluster.seed, name) % 90, cluster.activity.load_averages(name)
    return {
        **read_table("rows")["node"],
        "cluster_sessions": len(cluster.clients),
        "connections": len(own),
        "live_connections": sum(client.connected for client in own),
        **{f"load{minutes}": load for minutes, load in loads.items()},
        "memory_used": f"{620 + load + int(12 * loads[1])}.12M",
        "node": name,
        "process_used": 640 + 3 * len(own),
        "uptime": int((cluster.now() - cluster.nodes[name].started) * 1000),
        "version": cluster.version,
        **cluster.edition_fields("node"),
    }


def show_cluster(call: Call) -> Json:
    """Show the cluster's name and its running nodes."""
    cluster = call.cluster
    own = {"name": cluster.name, "nodes": cluster.running(), "self": cluster.self_node}
    return {**own, **cluster.settings.get("cluster", {})}


def list_nodes(call: Call) -> Json:
    """List all nodes, stopped ones too."""
    return [node_row(call.cluster, name) for name in call.cluster.nodes]


def show_topology(call: Call) -> Json:
    """List the running core nodes with their replicants, of which there are none."""
    names = reversed(call.cluster.running())
    return [{"core_node": name, "replicant_nodes": []} for name in names]


def invitation_problem(cluster: Cluster, name: str) -> str:
    """Return why a node cannot be invited; empty when it can."""
    if name == cluster.self_node:
        return "Cannot invite self"
    if name in cluster.running():
        return f"{{already_in_cluster,'{cluster.self_node}'}}"
    return "" if name in cluster.removed_nodes else "nodedown"


def add_node(cluster: Cluster, name: str) -> None:
    """Add a node to the cluster; it restarts without clients."""
    cluster.nodes[name] = replace(cluster.removed_nodes.pop(name), started=cluster.now())
    cluster.counts.setdefault(name, {})


def invite_node(call: Call) -> None:
    """Make a node join and wait for it; it leaves its former cluster."""
    name, cluster = call.bindings["node"], call.cluster
    if call.body["timeout"] < LEAST_TIMEOUT:
        refuse_request(f"timeout cannot be less than {LEAST_TIMEOUT}ms")
    if reason := invitation_problem(cluster, name):
        refuse_request(reason)
    add_node(cluster, name)


def invite_node_async(call: Call) -> None:
    """Make a node join in the background; the list of invitations shows the result."""
    name, cluster, now = call.bindings["node"], call.cluster, call.cluster.now()
    if name == cluster.self_node:
        refuse_request("Cannot invite self")
    for rows in cluster.invitations.values():
        rows[:] = [row for row in rows if row["node"] != name]
    cluster.invitations["in_progress"].append({"node": name, "started": now})


def list_invitations(call: Call) -> Json:
    """Show how the invitations went."""
    finish_invitations(call.cluster)
    return {how: [invitation_row(row) for row in rows] for how, rows in call.cluster.invitations.items()}


def finish_invitations(cluster: Cluster) -> None:
    """Finish the invitations that began a moment ago."""
    for row in list(cluster.invitations["in_progress"]):
        name, ended = row["node"], row["started"] + 1
        if ended > cluster.now():
            continue
        cluster.invitations["in_progress"].remove(row)
        reason = invitation_problem(cluster, name)
        if not reason:
            add_node(cluster, name)
        failed = {"reason": NODE_DOWN} if reason == "nodedown" else {}
        cluster.invitations["failed" if failed else "succeed"].append({**row, "ended": ended, **failed})


def invitation_row(row: Row) -> Row:
    """Return one invitation."""
    ended = {"finished_at": format_time(row["ended"])} if "ended" in row else {}
    reason = {"reason": row["reason"]} if "reason" in row else {}
    return {"node": row["node"], "started_at": format_time(row["started"]), **ended, **reason}


def force_node_leave(call: Call) -> None:
    """Remove a node from the cluster, running or not; a running one stays up alone."""
    name, cluster = call.bindings["node"], call.cluster
    if name == cluster.self_node:
        refuse_request("Can't leave self")
    if name not in cluster.nodes:
        refuse_request("node_not_in_cluster")
    if cluster.nodes[name].running:
        cluster.removed_nodes[name] = replace(cluster.nodes[name])
    cluster.stop_node(name)
    del cluster.nodes[name]
