"""Hot upgrades, of which none is prepared: `/relup`."""

from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.http.uploads import parse_parts
from emqxctl.sandbox.messages import Json, Response, Row, text_response
from emqxctl.sandbox.schema.refusals import refuse, refuse_request
from emqxctl.sandbox.state.cluster import Cluster

UNDECLARED = "Unsupported code 'NOT_FOUND', message <<\"Node not found: {}\">>, schema def []"


def upgrade_row(cluster: Cluster, node: str) -> Row:
    """Return the state of one node."""
    own = [client for client in cluster.clients.values() if client.node == node]
    return {
        "current_vsn": cluster.version,
        "live_connections": sum(client.connected for client in own),
        "node": node,
        "role": "core",
        "status": "idle",
        "upgrade_history": [],
    }


def upload_package(call: Call) -> Response:
    """Refuse every package: the sandbox has no release to upgrade to."""
    part = parse_parts(call.request).get("plugin")
    if part is None:
        refuse("relup.no_clause")
    refuse_request(f"Invalid relup package name: {part.filename}")


def show_status(call: Call) -> Json:
    """Show the state of one node; an unknown one is a code that EMQX forgot to declare."""
    node = call.bindings["node"]
    if node not in call.cluster.running():
        return text_response(UNDECLARED.format(node), 500, "application/json")
    return upgrade_row(call.cluster, node)


def list_status(call: Call) -> Json:
    """List the states of the running nodes."""
    return [upgrade_row(call.cluster, node) for node in call.cluster.running()]
