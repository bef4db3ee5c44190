"""The nodes and the cluster: `/status`, `/nodes`, `/cluster`."""

from emqxctl.sandbox.http.routing import Access, Call, route
from emqxctl.sandbox.messages import Answer, AnswerNow, Row, answer_error, answer_json, answer_text
from emqxctl.sandbox.state.cluster import VERSION, Cluster
from emqxctl.sandbox.state.metrics import node_metrics, node_stats
from emqxctl.sandbox.state.records import stable_random

RETRY = {"retry-after": "15"}  # EMQX sends it with every answer of /status


@route("GET", "/status", access=Access.OPEN, query="status_format")
def status(call: Call) -> Answer:
    """Tell whether the answering node is up."""
    name = call.cluster.self_node
    if call.query["format"] == "json":
        row = {"app_status": "running", "broker_status": "started", "node_name": name}
        return answer_json({**row, "rel_vsn": f"v{VERSION}"}, headers=RETRY)
    plain = answer_text(f"Node {name} is started\nemqx is running")
    return Answer(200, plain.body, {**plain.headers, **RETRY})


def node_row(cluster: Cluster, name: str) -> Row:
    """Write one node; of a stopped one only its name is left."""
    if not cluster.nodes[name].running:
        return {"node": name, "node_status": "stopped", "role": "core"}
    own = [client for client in cluster.clients.values() if client.node == name]
    load, loads = stable_random(cluster.seed, name) % 90, cluster.activity.load_averages(name)
    return {
        "cluster_sessions": len(cluster.clients),
        "connections": len(own),
        "edition": "Opensource",
        "live_connections": sum(client.connected for client in own),
        **{f"load{minutes}": load for minutes, load in loads.items()},
        "log_path": "/opt/emqx/log",
        "max_fds": 1_048_576,
        "memory_total": "15.61G",
        "memory_used": f"{620 + load + int(12 * loads[1])}.12M",
        "node": name,
        "node_status": "running",
        "otp_release": "26.2.5.2-1/14.2.5.2",
        "process_available": 2_097_152,
        "process_used": 640 + 3 * len(own),
        "role": "core",
        "sys_path": "/opt/emqx",
        "uptime": int((cluster.now() - cluster.nodes[name].started) * 1000),
        "version": VERSION,
    }


def running_node(call: Call) -> str:
    """Take the node of the path. Raises AnswerNow (404) unless it runs."""
    name = call.bindings["node"]
    if name not in call.cluster.running():
        raise AnswerNow(answer_error(404, "NOT_FOUND", f"Node not found: {name}"))
    return name


@route("GET", "/nodes")
def list_nodes(call: Call) -> Answer:
    """List all nodes, stopped ones too."""
    return answer_json([node_row(call.cluster, name) for name in call.cluster.nodes])


@route("GET", "/nodes/{node}")
def get_node(call: Call) -> Answer:
    """Show one node."""
    return answer_json(node_row(call.cluster, running_node(call)))


@route("GET", "/nodes/{node}/stats")
def get_stats(call: Call) -> Answer:
    """Show one node's counts."""
    return answer_json(node_stats(call.cluster, running_node(call)))


@route("GET", "/nodes/{node}/metrics")
def get_metrics(call: Call) -> Answer:
    """Show one node's counters."""
    return answer_json(node_metrics(call.cluster, running_node(call)))


@route("GET", "/cluster")
def get_cluster(call: Call) -> Answer:
    """Show the cluster's name and its running nodes."""
    cluster = call.cluster
    return answer_json({"name": cluster.name, "nodes": cluster.running(), "self": cluster.self_node})


@route("GET", "/cluster/topology")
def get_topology(call: Call) -> Answer:
    """List the running core nodes with their replicants, of which there are none."""
    names = reversed(call.cluster.running())
    return answer_json([{"core_node": name, "replicant_nodes": []} for name in names])
