"""Who belongs to the cluster: `/cluster/{node}/invite`, `force_leave` and the like."""

from dataclasses import replace

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Answer, Row, answer_error, answer_json
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.records import format_time

LEAST_TIMEOUT = 5_000  # milliseconds
NODE_DOWN = "{error,{badrpc,nodedown}}"


def why_not(cluster: Cluster, name: str) -> str:
    """Say why a node cannot be invited; empty when it can."""
    if name == cluster.self_node:
        return "Cannot invite self"
    if name in cluster.running():
        return f"{{already_in_cluster,'{cluster.self_node}'}}"
    return "" if name in cluster.outside else "nodedown"


def admit(cluster: Cluster, name: str) -> None:
    """Let a node in; it starts anew, without clients."""
    node = cluster.outside.pop(name)
    cluster.nodes[name] = replace(node, started=cluster.now())
    cluster.counts.setdefault(name, {})


def release(cluster: Cluster, name: str) -> None:
    """Put a node out; its clients go with it."""
    node = cluster.nodes[name]
    if node.running:
        cluster.outside[name] = replace(node)
    cluster.stop_node(name)
    del cluster.nodes[name]


@route("PUT", "/cluster/{node}/invite", body=Body("invitation", loose=True))
def invite(call: Call) -> Answer:
    """Let a node join, and wait for it; it leaves the cluster that it was in."""
    name, cluster = call.bindings["node"], call.cluster
    if call.body["timeout"] < LEAST_TIMEOUT:
        return answer_error(400, "BAD_REQUEST", f"timeout cannot be less than {LEAST_TIMEOUT}ms")
    if reason := why_not(cluster, name):
        return answer_error(400, "BAD_REQUEST", reason)
    admit(cluster, name)
    return Answer(200)


@route("PUT", "/cluster/{node}/invite_async")
def invite_async(call: Call) -> Answer:
    """Let a node join in its own time; whether it can is only told by the invitations."""
    name, cluster, now = call.bindings["node"], call.cluster, call.cluster.now()
    if name == cluster.self_node:
        return answer_error(400, "BAD_REQUEST", "Cannot invite self")
    for rows in cluster.invitations.values():
        rows[:] = [row for row in rows if row["node"] != name]
    cluster.invitations["in_progress"].append({"node": name, "started": now})
    return Answer(200)


@route("GET", "/cluster/invitation")
def list_invitations(call: Call) -> Answer:
    """Show how the invitations went."""
    settle_invitations(call.cluster)
    return answer_json(
        {how: [write_invitation(row) for row in rows] for how, rows in call.cluster.invitations.items()}
    )


def settle_invitations(cluster: Cluster) -> None:
    """Finish the invitations that began a moment ago."""
    now = cluster.now()
    for row in list(cluster.invitations["in_progress"]):
        name, ended = row["node"], row["started"] + 1
        if ended > now:
            continue
        cluster.invitations["in_progress"].remove(row)
        reason = why_not(cluster, name)
        if reason == "nodedown":
            failed = {**row, "ended": ended, "reason": NODE_DOWN}
            cluster.invitations["failed"].append(failed)
            continue
        if not reason:
            admit(cluster, name)
        cluster.invitations["succeed"].append({**row, "ended": ended})


def write_invitation(row: Row) -> Row:
    """Write one invitation."""
    written = {"node": row["node"], "started_at": format_time(row["started"])}
    if "ended" in row:
        written["finished_at"] = format_time(row["ended"])
    return written | ({"reason": row["reason"]} if "reason" in row else {})


@route("DELETE", "/cluster/{node}/force_leave")
def force_leave(call: Call) -> Answer:
    """Put a node out of the cluster, running or not; a running one stays up and alone."""
    name, cluster = call.bindings["node"], call.cluster
    if name == cluster.self_node:
        return answer_error(400, "BAD_REQUEST", "Can't leave self")
    if name not in cluster.nodes:
        return answer_error(400, "BAD_REQUEST", "node_not_in_cluster")
    release(cluster, name)
    return Answer(204)
