"""Managed certificates of EMQX Enterprise: `/certs`."""

import re
from functools import partial

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Response, json_response
from emqxctl.sandbox.schema.fields import without_none
from emqxctl.sandbox.schema.refusals import bad_request, refuse_with
from emqxctl.sandbox.schema.types import BAD_RESOURCE_NAME, RESOURCE_NAME
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.cluster import ENTERPRISE

OTHER_NAMESPACE = "Namespaced administrators may only manage certificates in their own namespace"
EMPTY = {
    "validation_name": "validator",
    "result": '{error,<<"must include at least one file kind">>}',
    "reason": "integrity_validation_failure",
    "kind": "validation_error",
}
Bundles = dict[str, dict[str, str]]  # by name: the files by their kinds


def bundles_of(call: Call) -> Bundles:
    """Return the bundles of a namespace, or the global ones."""
    namespace = call.bindings.get("namespace")
    return call.cluster.collections[f"certs/ns/{namespace}" if namespace else "certs/global"]


def check_namespace(call: Call) -> None:
    """Raise EarlyResponse (403) when a key of one namespace changes another one."""
    if call.namespace is not None and call.namespace != call.bindings.get("namespace"):
        refuse_with(403, "UNAUTHORIZED_ROLE", OTHER_NAMESPACE)


def list_bundles(call: Call) -> Response:
    """List the bundles; those of another namespace are not shown to a key of a namespace."""
    if call.namespace is not None and call.namespace != call.bindings.get("namespace", call.namespace):
        return json_response([])
    return json_response([{"name": name} for name in bundles_of(call)])


def show_bundle(call: Call) -> Response:
    """Show where the files of a bundle are."""
    files = bundles_of(call).get(call.bindings["name"])
    if files is None:
        refuse_with(404, "NOT_FOUND", "Bundle not found")
    return json_response({kind: {"path": path} for kind, path in sorted(files.items())})


def save_bundle(call: Call) -> Response:
    """Add files to a bundle, or replace them by kind; their content is not checked."""
    check_namespace(call)
    name, files = call.bindings["name"], without_none(call.body)
    if not re.fullmatch(RESOURCE_NAME, name):
        reason = {"reason": BAD_RESOURCE_NAME + name, "kind": "validation_error"}
        raise bad_request({"value": name, "reason": reason, "path": "name", "kind": "validation_error"})
    if not files:
        raise bad_request(EMPTY)
    folder = f"data/certs2/{'ns/' if 'namespace' in call.bindings else ''}"
    folder += f"{call.bindings.get('namespace', 'global')}/{name}"
    paths = {kind: f"{folder}/{kind}.pem" for kind in files}
    bundles_of(call)[name] = bundles_of(call).get(name, {}) | paths
    return Response(204)


def delete_bundle(call: Call) -> Response:
    """Delete a bundle or one of its files, even an unknown one."""
    check_namespace(call)
    name, kind = call.bindings["name"], call.query["kind"]
    if kind is None:
        bundles_of(call).pop(name, None)
    else:
        bundles_of(call).get(name, {}).pop(kind, None)
    return Response(204)


for _scope in ("global", "ns/{namespace}"):
    _register = partial(route, edition=ENTERPRISE)
    _register("GET", f"/certs/{_scope}/list")(list_bundles)
    _register("GET", f"/certs/{_scope}/name/{{name}}")(show_bundle)
    _register("POST", f"/certs/{_scope}/name/{{name}}", body=Body("certificate"))(save_bundle)
    _register("DELETE", f"/certs/{_scope}/name/{{name}}", query="certificate_kind")(delete_bundle)
