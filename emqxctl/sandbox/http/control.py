"""Stopping and starting the simulated nodes at `/sandbox/nodes`, which a real EMQX does not have.

Only the key that the sandbox was started with opens it; keys made within it and dashboard tokens do not.
"""

from emqxctl.sandbox.messages import Response, Row, error_response, json_response
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with
from emqxctl.sandbox.state.cluster import Cluster

ROOT = "sandbox"
ANSWERS = "{} answers the API and cannot be stopped; stop the sandbox instead"


def control_nodes(cluster: Cluster, method: str, segments: list[str]) -> Response:
    """Answer `GET /sandbox/nodes` and `PUT /sandbox/nodes/{node}/stop` or `/start`. Raises EarlyResponse."""
    match method, segments:
        case "GET", [_, "nodes"]:
            return json_response([node_row(cluster, name) for name in cluster.nodes])
        case "PUT", [_, "nodes", name, "stop" | "start" as action]:
            return switch_node(cluster, name, action)
        case _, [_, "nodes"] | [_, "nodes", _, "stop" | "start"]:
            return Response(405)
        case _:
            return error_response(404, "NOT_FOUND", "Request Path Not Found")


def switch_node(cluster: Cluster, name: str, action: str) -> Response:
    """Stop or start a node, and tell how it is then. Raises EarlyResponse (400, 404)."""
    if name not in cluster.nodes:
        refuse_with(404, "NOT_FOUND", f"Node not found: {name}")
    if action == "stop" and name == cluster.self_node:
        refuse_request(ANSWERS.format(name))
    if action == "start":
        cluster.start_node(name)
    elif cluster.nodes[name].running:
        cluster.stop_node(name)
    return json_response(node_row(cluster, name))


def node_row(cluster: Cluster, name: str) -> Row:
    """Return one node, and whether it is the one whose API this is."""
    node = cluster.nodes[name]
    row = {"node": name, "answers": name == cluster.self_node}
    if not node.running:
        return {**row, "node_status": "stopped"}
    connections = sum(client.node == name and client.connected for client in cluster.clients.values())
    uptime = int((cluster.now() - node.started) * 1000)
    return {**row, "node_status": "running", "uptime": uptime, "live_connections": connections}
