"""The nodes and the cluster: `/status`, `/nodes`, `/cluster`."""

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.http.routing import Call, Credentials, route
from emqxctl.sandbox.messages import Response, Row, json_response, text_response
from emqxctl.sandbox.schema.refusals import refuse_with
from emqxctl.sandbox.state.cluster import ENTERPRISE, Cluster
from emqxctl.sandbox.state.metrics import node_metrics, node_stats
from emqxctl.sandbox.state.records import stable_random

RETRY = {"retry-after": "15"}  # EMQX sends it with every answer of /status


@route("GET", "/status", credentials=Credentials.OPEN, query="status_format")
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


def find_running_node(call: Call) -> str:
    """Return the node of the path. Raises EarlyResponse (404) unless it runs."""
    name = call.bindings["node"]
    if name not in call.cluster.running():
        refuse_with(404, "NOT_FOUND", f"Node not found: {name}")
    return name


@route("GET", "/nodes")
def list_nodes(call: Call) -> Response:
    """List all nodes, stopped ones too."""
    return json_response([node_row(call.cluster, name) for name in call.cluster.nodes])


@route("GET", "/nodes/{node}")
def show_node(call: Call) -> Response:
    """Show one node."""
    return json_response(node_row(call.cluster, find_running_node(call)))


@route("GET", "/nodes/{node}/stats")
def show_stats(call: Call) -> Response:
    """Show one node's counts."""
    return json_response(node_stats(call.cluster, find_running_node(call)))


@route("GET", "/nodes/{node}/metrics")
def show_metrics(call: Call) -> Response:
    """Show one node's counters."""
    return json_response(node_metrics(call.cluster, find_running_node(call)))


@route("GET", "/cluster")
def show_cluster(call: Call) -> Response:
    """Show the cluster's name and its running nodes."""
    cluster = call.cluster
    return json_response(
        {
            "name": cluster.name,
            "nodes": cluster.running(),
            "self": cluster.self_node,
            **cluster.settings.get("cluster", {}),
        }
    )


@route("GET", "/cluster/topology")
def show_topology(call: Call) -> Response:
    """List the running core nodes with their replicants, of which there are none."""
    names = reversed(call.cluster.running())
    return json_response([{"core_node": name, "replicant_nodes": []} for name in names])
