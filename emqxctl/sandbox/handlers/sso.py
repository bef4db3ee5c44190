"""Single sign-on backends of the dashboard of EMQX Enterprise: `/sso`."""

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Response, Row, json_response
from emqxctl.sandbox.schema.factories import enum_of
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with
from emqxctl.sandbox.schema.secrets import mask, unmask
from emqxctl.sandbox.schema.validation import Body, check_parameter
from emqxctl.sandbox.state.cluster import ENTERPRISE


def check_backend(call: Call) -> str:
    """Return the backend of the path. Raises EarlyResponse (400)."""
    check = enum_of(*call.cluster.facts["sso"], reason="unable_to_convert_to_enum_symbol")
    return str(check_parameter(check, call.bindings["backend"], "backend"))


@route("GET", "/sso", edition=ENTERPRISE)
def list_backends(call: Call) -> Response:
    """List the configured backends, none of which runs."""
    backends = call.cluster.collections["sso"].items()
    state = {"last_error": "", "running": False}
    return json_response([{"backend": name, "enable": row["enable"], **state} for name, row in backends])


@route("GET", "/sso/{backend}", edition=ENTERPRISE)
def show_backend(call: Call) -> Response:
    """Show one backend with its secrets masked."""
    backend = call.cluster.collections["sso"].get(check_backend(call))
    if backend is None:
        refuse_with(404, "BACKEND_NOT_FOUND", "Backend not found")
    return json_response(mask(backend))


@route("PUT", "/sso/{backend}", edition=ENTERPRISE, body=Body(loose=True))
def save_backend(call: Call) -> Response:
    """Configure a backend; missing fields take their defaults."""
    name, backends = check_backend(call), call.cluster.collections["sso"]
    if call.body.get("backend") != name:
        refuse_request("Reason: invalid_config")
    defaults: Row = call.cluster.facts["sso"][name]
    backends[name] = {**defaults, "force_mfa": False, **unmask(call.body, backends.get(name))}
    return json_response(mask(backends[name]))


@route("DELETE", "/sso/{backend}", edition=ENTERPRISE)
def delete_backend(call: Call) -> Response:
    """Remove a backend."""
    if call.cluster.collections["sso"].pop(check_backend(call), None) is None:
        refuse_with(404, "BACKEND_NOT_FOUND", "Backend not found")
    return Response(204)
