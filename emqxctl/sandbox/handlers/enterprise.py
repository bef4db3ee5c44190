"""Small operations of EMQX Enterprise: whitelists of tracing, file transfer, models, metrics, the cluster."""

from emqxctl.sandbox.handlers.nodes import show_cluster
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Response, json_response
from emqxctl.sandbox.schema.factories import enum_of
from emqxctl.sandbox.schema.refusals import refuse_with
from emqxctl.sandbox.schema.types import check_text
from emqxctl.sandbox.schema.validation import Body, check_parameter
from emqxctl.sandbox.state.cluster import ENTERPRISE

WHITELIST = "/opentelemetry/whitelist/{type}"


def check_whitelist(call: Call) -> str:
    """Return the whitelist of the path. Raises EarlyResponse (400)."""
    check = enum_of("clientid", "topic", reason="unable_to_convert_to_enum_symbol")
    return str(check_parameter(check, call.bindings["type"], "type"))


@route("GET", WHITELIST, edition=ENTERPRISE)
def show_whitelist(call: Call) -> Response:
    """List the clients or topics that are always traced."""
    return json_response(list(call.cluster.collections[f"whitelist/{check_whitelist(call)}"]))


@route("POST", WHITELIST, edition=ENTERPRISE, body=Body(array=True, element=check_text))
def add_to_whitelist(call: Call) -> Response:
    """Add clients or topics that are always traced."""
    call.cluster.collections[f"whitelist/{check_whitelist(call)}"] |= {name: {} for name in call.body}
    return Response(204)


@route("DELETE", WHITELIST, edition=ENTERPRISE)
def clear_whitelist(call: Call) -> Response:
    """Clear a whitelist."""
    call.cluster.collections[f"whitelist/{check_whitelist(call)}"].clear()
    return Response(204)


def check_file_transfer(call: Call) -> None:
    """Raise EarlyResponse (503) while file transfer is off."""
    if not call.cluster.settings["file_transfer"]["enable"]:
        refuse_with(503, "SERVICE_UNAVAILABLE", "Service unavailable")


@route("GET", "/file_transfer/files", edition=ENTERPRISE)
def list_files(call: Call) -> Response:
    """List the transferred files, of which there are none."""
    check_file_transfer(call)
    return json_response({"files": []})


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


@route("POST", "/authentication/{id}/metrics/reset", edition=ENTERPRISE)
def reset_authenticator(call: Call) -> Response:
    """Set the counters of an authenticator to zero."""
    name = call.bindings["id"]
    if name not in call.cluster.access.authenticators:
        refuse_with(404, "NOT_FOUND", f"Authenticator '{name}' does not exist")
    return Response(204)


@route("POST", "/authorization/sources/{type}/metrics/reset", edition=ENTERPRISE)
def reset_source(call: Call) -> Response:
    """Set the counters of an authorization source to zero."""
    if call.bindings["type"] not in call.cluster.access.sources:
        refuse_with(404, "NOT_FOUND", f"Not found: {call.bindings['type']}")
    return Response(204)


@route("PUT", "/cluster", edition=ENTERPRISE, body=Body("cluster_description"))
def describe_cluster(call: Call) -> Response:
    """Set the description of the cluster."""
    description = call.body["description"]
    if description is not None:
        call.cluster.settings["cluster"] = {"description": description}
    return show_cluster(call)
