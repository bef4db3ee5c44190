"""Hot upgrades, of which none is prepared: `/relup`."""

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.http.uploads import parse_parts
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.refusals import refuse, refuse_request, refuse_undeclared
from emqxctl.sandbox.state.cluster import Cluster


def upgrade_row(cluster: Cluster, node: str) -> Row:
    """Return the state of one node."""
    connected = sum(client.node == node and client.connected for client in cluster.clients.values())
    own = {"current_vsn": cluster.version, "live_connections": connected, "node": node}
    return {**own, **read_table("rows")["relup"]}


def upload_package(call: Call) -> None:
    """Refuse every package: the sandbox has no release to upgrade to."""
    part = parse_parts(call.request).get("plugin")
    if part is None:
        refuse("relup.no_clause")
    refuse_request(f"Invalid relup package name: {part.filename}")


def show_status(call: Call) -> Json:
    """Show the state of one node; an unknown one is a code that EMQX forgot to declare."""
    node = call.bindings["node"]
    if node not in call.cluster.running():
        refuse_undeclared("relup_node", node)
    return upgrade_row(call.cluster, node)


def list_status(call: Call) -> Json:
    """List the states of the running nodes."""
    return [upgrade_row(call.cluster, node) for node in call.cluster.running()]
