"""What a real EMQX does not have: stopping and starting the simulated nodes, at `/sandbox/nodes`.

Only the key that the sandbox was started with opens it; keys made within it and dashboard tokens do not.
"""

from emqxctl.sandbox.messages import Answer, Row, answer_error, answer_json
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with
from emqxctl.sandbox.state.cluster import Cluster

ROOT = "sandbox"
ANSWERS = "{} answers the API and cannot be stopped; stop the sandbox instead"


def control(cluster: Cluster, method: str, segments: list[str]) -> Answer:
    """Answer `GET /sandbox/nodes` and `PUT /sandbox/nodes/{node}/stop` or `/start`. Raises AnswerNow."""
    match method, segments:
        case "GET", [_, "nodes"]:
            return answer_json([node_row(cluster, name) for name in cluster.nodes])
        case "PUT", [_, "nodes", name, "stop" | "start" as wish]:
            return switch(cluster, name, wish)
        case _, [_, "nodes"] | [_, "nodes", _, "stop" | "start"]:
            return Answer(405)
        case _:
            return answer_error(404, "NOT_FOUND", "Request Path Not Found")


def switch(cluster: Cluster, name: str, wish: str) -> Answer:
    """Stop or start a node, and tell how it is then. Raises AnswerNow (400, 404)."""
    if name not in cluster.nodes:
        refuse_with(404, "NOT_FOUND", f"Node not found: {name}")
    if wish == "stop" and name == cluster.self_node:
        refuse_request(ANSWERS.format(name))
    if wish == "start":
        cluster.start_node(name)
    elif cluster.nodes[name].running:
        cluster.stop_node(name)
    return answer_json(node_row(cluster, name))


def node_row(cluster: Cluster, name: str) -> Row:
    """Write one node, and whether it is the one whose API this is."""
    node = cluster.nodes[name]
    known = {"node": name, "answers": name == cluster.self_node}
    if not node.running:
        return {**known, "node_status": "stopped"}
    connections = sum(client.node == name and client.connected for client in cluster.clients.values())
    uptime = int((cluster.now() - node.started) * 1000)
    return {**known, "node_status": "running", "uptime": uptime, "live_connections": connections}
