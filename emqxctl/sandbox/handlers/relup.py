"""Hot upgrades, of which none is prepared: `/relup`."""

from typing import NoReturn

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.http.uploads import read_parts
from emqxctl.sandbox.messages import Answer, Row, answer_json, answer_text
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with
from emqxctl.sandbox.state.cluster import VERSION, Cluster

NO_PACKAGE = "No relup package is installed"
NO_CLAUSE = "error, function_clause, [{emqx_mgmt_api_relup,'/relup/package/upload',[post],[]}]"
UNDECLARED = "Unsupported code 'NOT_FOUND', message <<\"Node not found: {}\">>, schema def []"


def refuse_without_package() -> NoReturn:
    """Refuse an upgrade. Raises AnswerNow (400)."""
    refuse_request(NO_PACKAGE)


def upgrade_row(cluster: Cluster, node: str) -> Row:
    """Write the state of one node."""
    own = [client for client in cluster.clients.values() if client.node == node]
    return {
        "current_vsn": VERSION,
        "live_connections": sum(client.connected for client in own),
        "node": node,
        "role": "core",
        "status": "idle",
        "upgrade_history": [],
    }


@route("GET", "/relup/package")
def show_package(_: Call) -> Answer:
    """Show the package: there is none."""
    refuse_with(404, "NOT_FOUND", NO_PACKAGE)


@route("DELETE", "/relup/package")
def delete_package(_: Call) -> Answer:
    """Delete the package, even where there is none."""
    return Answer(204)


@route("POST", "/relup/package/upload")
def upload(call: Call) -> Answer:
    """Refuse every package: the sandbox has no release to upgrade to."""
    part = read_parts(call.request).get("plugin")
    if part is None:
        refuse_with(500, "INTERNAL_ERROR", NO_CLAUSE)
    refuse_request(f"Invalid relup package name: {part.filename}")


@route("GET", "/relup/status")
def list_status(call: Call) -> Answer:
    """List the states of the running nodes."""
    return answer_json([upgrade_row(call.cluster, node) for node in call.cluster.running()])


@route("GET", "/relup/status/{node}")
def show_status(call: Call) -> Answer:
    """Show the state of one node; an unknown one is a code that EMQX forgot to declare."""
    node = call.bindings["node"]
    if node not in call.cluster.running():
        return answer_text(UNDECLARED.format(node), 500, "application/json")
    return answer_json(upgrade_row(call.cluster, node))


@route("POST", "/relup/upgrade")
def upgrade(_: Call) -> Answer:
    """Upgrade all nodes: nothing to upgrade with."""
    refuse_without_package()


@route("POST", "/relup/upgrade/{node}")
def upgrade_node(_: Call) -> Answer:
    """Upgrade one node: nothing to upgrade with."""
    refuse_without_package()
