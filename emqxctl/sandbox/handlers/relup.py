"""Hot upgrades, of which none is prepared: `/relup`."""

from emqxctl.sandbox.handlers._settings import fixed_response
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.http.uploads import parse_parts
from emqxctl.sandbox.messages import Response, Row, json_response, text_response
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with
from emqxctl.sandbox.state.cluster import Cluster

NO_PACKAGE = "No relup package is installed"
NO_CLAUSE = "error, function_clause, [{emqx_mgmt_api_relup,'/relup/package/upload',[post],[]}]"
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


@route("POST", "/relup/package/upload")
def upload_package(call: Call) -> Response:
    """Refuse every package: the sandbox has no release to upgrade to."""
    part = parse_parts(call.request).get("plugin")
    if part is None:
        refuse_with(500, "INTERNAL_ERROR", NO_CLAUSE)
    refuse_request(f"Invalid relup package name: {part.filename}")


@route("GET", "/relup/status")
def list_status(call: Call) -> Response:
    """List the states of the running nodes."""
    return json_response([upgrade_row(call.cluster, node) for node in call.cluster.running()])


@route("GET", "/relup/status/{node}")
def show_status(call: Call) -> Response:
    """Show the state of one node; an unknown one is a code that EMQX forgot to declare."""
    node = call.bindings["node"]
    if node not in call.cluster.running():
        return text_response(UNDECLARED.format(node), 500, "application/json")
    return json_response(upgrade_row(call.cluster, node))


route("GET", "/relup/package")(fixed_response([404, "NOT_FOUND", NO_PACKAGE]))
route("DELETE", "/relup/package")(fixed_response([204]))
route("POST", "/relup/upgrade")(fixed_response([400, "BAD_REQUEST", NO_PACKAGE]))
route("POST", "/relup/upgrade/{node}")(fixed_response([400, "BAD_REQUEST", NO_PACKAGE]))
