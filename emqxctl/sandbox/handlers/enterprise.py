"""Small operations of EMQX Enterprise: whitelists of tracing, file transfer, models, metrics, the cluster."""

from emqxctl.sandbox.handlers._items import Items
from emqxctl.sandbox.handlers.nodes import show_cluster
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Json, Response
from emqxctl.sandbox.schema.refusals import refuse_with
from emqxctl.sandbox.schema.types import check_text
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.cluster import ENTERPRISE

WHITELISTS = Items("whitelists", lambda _call, name, _value: name)  # the clients or topics always traced


@route(
    "POST",
    WHITELISTS.table["path"],
    edition=ENTERPRISE,
    body=Body(array=True, element=check_text),
    checks=WHITELISTS.table["checks"],
)
def add_to_whitelist(call: Call) -> None:
    """Add clients or topics that are always traced."""
    WHITELISTS.objects(call).update({name: {} for name in call.body})


def check_file_transfer(call: Call) -> None:
    """Raise EarlyResponse (503) while file transfer is off."""
    if not call.cluster.settings["file_transfer"]["enable"]:
        refuse_with(503, "SERVICE_UNAVAILABLE", "Service unavailable")


@route("GET", "/file_transfer/files", edition=ENTERPRISE)
def list_files(call: Call) -> Json:
    """List the transferred files, of which there are none."""
    check_file_transfer(call)
    return {"files": []}


@route("GET", "/file_transfer/file", edition=ENTERPRISE)
@route("GET", "/file_transfer/files/{clientid}/{fileid}", edition=ENTERPRISE)
def show_file(call: Call) -> Response:
    """Respond that there is no such file."""
    check_file_transfer(call)
    refuse_with(404, "FILES_NOT_FOUND", "Files requested for this transfer could not be found")


@route("GET", "/ai/providers/{name}/models", edition=ENTERPRISE)
def list_models(call: Call) -> Response:
    """Respond that the provider cannot be reached."""
    if call.bindings["name"] not in call.cluster.collections["ai_providers"]:
        refuse_with(*call.cluster.facts["collections"]["ai_providers"]["missing"])
    refuse_with(503, "SERVICE_UNAVAILABLE", "{cannot_list_models,econnrefused}")


@route("PUT", "/cluster", edition=ENTERPRISE, body=Body("cluster_description"))
def describe_cluster(call: Call) -> Json:
    """Set the description of the cluster."""
    description = call.body["description"]
    if description is not None:
        call.cluster.settings["cluster"] = {"description": description}
    return show_cluster(call)
