"""The sources of permissions: `/authorization/sources` and `/authorization/settings`."""

from emqxctl.sandbox.handlers._settings import replace_settings, serve_settings
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Response, Row, error_response, json_response
from emqxctl.sandbox.schema.access import SOURCE_TYPES, check_source
from emqxctl.sandbox.schema.factories import enum_of
from emqxctl.sandbox.schema.refusals import refuse_with
from emqxctl.sandbox.schema.secrets import mask, unmask
from emqxctl.sandbox.schema.validation import Body, check_parameter
from emqxctl.sandbox.state.access_status import access_status
from emqxctl.sandbox.state.positions import UnknownAnchorError, UnknownPositionError, move_key, order_problem

RESULTS = ("allow", "nomatch", "deny", "ignore")
LOCAL = ("file", "built_in_database", "client_info")
UNKNOWN_ANCHOR = (
    'throw, {{unknown_authz_source_type,<<"{}">>}}, '
    '[{{emqx_authz_source_registry,get,1,[{{file,"emqx_authz_source_registry.erl"}},{{line,58}}]}}]'
)
BAD_POSITION = '<<"Invalid parameter. Unknow position">>'


def find_source(call: Call, name: str = "") -> Row:
    """Return the source of the path, or the named one. Raises EarlyResponse (400 or 404)."""
    kind = name or call.bindings["type"]
    check_parameter(enum_of(*SOURCE_TYPES), kind, "type")
    if kind not in call.cluster.access.sources:
        refuse_with(404, "NOT_FOUND", f"Not found: {kind}")
    return call.cluster.access.sources[kind]


serve_settings(
    "/authorization/settings", "authorization", Body("authorization", loose=True), replace_settings
)


@route("GET", "/authorization/sources")
def list_sources(call: Call) -> Response:
    """List the sources in the order of evaluation."""
    return json_response({"sources": [mask(config) for config in call.cluster.access.sources.values()]})


@route("POST", "/authorization/sources", body=Body(loose=True))
def create_source(call: Call) -> Response:
    """Add a source in front of all others; a body without a type crashes EMQX."""
    if "type" not in call.body:
        return Response(500)
    config, access = check_source(call.body), call.cluster.access
    if config["type"] in access.sources:
        term = f"{{duplicated_authz_source_type,{config['type']}}}"
        return error_response(400, "BAD_REQUEST", term)
    access.sources = {config["type"]: config, **access.sources}
    return Response(204)


@route("GET", "/authorization/sources/{type}")
def show_source(call: Call) -> Response:
    """Show one source."""
    return json_response(mask(find_source(call)))


@route("PUT", "/authorization/sources/{type}", body=Body(loose=True))
def update_source(call: Call) -> Response:
    """Replace the configuration of a source; a masked secret stays what it was."""
    kind = call.bindings["type"]
    config = check_source({"type": kind, **call.body})
    old = find_source(call)
    if config["type"] != kind:
        return error_response(400, "BAD_REQUEST", "Type mismatch")
    call.cluster.access.sources[kind] = unmask(config, old)
    return Response(204)


@route("DELETE", "/authorization/sources/{type}")
def delete_source(call: Call) -> Response:
    """Delete a source."""
    find_source(call)
    del call.cluster.access.sources[call.bindings["type"]]
    return Response(204)


@route("GET", "/authorization/sources/{type}/status")
def show_status(call: Call) -> Response:
    """Show the status and counters of a source on each node."""
    config, name = find_source(call), f"authz:{call.bindings['type']}"
    return json_response(access_status(call.cluster, name, config, RESULTS, LOCAL))


@route("POST", "/authorization/sources/{type}/move", body=Body("position"))
def move_source(call: Call) -> Response:
    """Change the position of a source."""
    find_source(call)
    access = call.cluster.access
    try:
        access.sources = move_key(access.sources, call.bindings["type"], call.body["position"])
    except UnknownAnchorError as unknown:
        return error_response(500, "INTERNAL_ERROR", UNKNOWN_ANCHOR.format(unknown))
    except UnknownPositionError:
        return error_response(400, "BAD_REQUEST", BAD_POSITION)
    return Response(204)


@route("PUT", "/authorization/sources/order", body=Body("type", array=True))
def reorder_sources(call: Call) -> Response:
    """Reorder all sources."""
    access = call.cluster.access
    names = [row["type"] for row in call.body]
    if wrong := order_problem(names, list(access.sources), "Authorization sources", "authorization sources"):
        return error_response(400, "BAD_REQUEST", wrong)
    access.sources = {name: access.sources[name] for name in names}
    return Response(204)
