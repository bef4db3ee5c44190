"""The simulated nodes at `/sandbox/nodes`, which a real EMQX does not have: to stop, start and configure.

Only the key that the sandbox was started with opens it; keys made within it and dashboard tokens do not.
"""

import json

from emqxctl.emqx.hocon_values import merge_values
from emqxctl.sandbox.messages import Response, Row, error_response, json_response
from emqxctl.sandbox.schema.refusals import refuse, refuse_with
from emqxctl.sandbox.state.cluster import Cluster

ROOT = "sandbox"


def control_nodes(cluster: Cluster, method: str, segments: list[str]) -> Response:
    """Answer `GET /sandbox/nodes` and `PUT /sandbox/nodes/{node}/stop`, `/start` or `/configs`.

    `configs` is followed by a JSON object: configuration of this node alone. Raises EarlyResponse.
    """
    match method, segments:
        case "GET", [_, "nodes"]:
            return json_response([node_row(cluster, name) for name in cluster.nodes])
        case "PUT", [_, "nodes", name, "stop" | "start" as action]:
            return switch_node(cluster, name, action)
        case "PUT", [_, "nodes", name, "configs", text] if name in cluster.nodes:
            node = cluster.nodes[name]
            node.configs = merge_values(node.configs, json.loads(text))
            return json_response(node_row(cluster, name))
        case _, [_, "nodes"] | [_, "nodes", _, "stop" | "start"]:
            return Response(405)
        case _:
            return error_response(404, "NOT_FOUND", "Request Path Not Found")


def switch_node(cluster: Cluster, name: str, action: str) -> Response:
    """Stop or start a node, and return its new state. Raises EarlyResponse (400, 404)."""
    if name not in cluster.nodes:
        refuse_with(404, "NOT_FOUND", f"Node not found: {name}")
    if action == "stop" and name == cluster.self_node:
        refuse("control.answers", name)
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
