"""Managed certificates of EMQX Enterprise: `/certs`."""

import re

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.fields import without_none
from emqxctl.sandbox.schema.refusals import bad_request, lookup, refuse
from emqxctl.sandbox.schema.types import RESOURCE_NAME, bad_resource_name


def bundles_of(call: Call) -> dict[str, Row]:
    """Return the bundles of a namespace, or the global ones, by name: the files by their kinds."""
    namespace = call.bindings.get("namespace")
    return call.cluster.collections[f"certs/ns/{namespace}" if namespace else "certs/global"]


def check_namespace(call: Call) -> None:
    """Raise EarlyResponse (403) when a key of one namespace changes another one."""
    if call.namespace is not None and call.namespace != call.bindings.get("namespace"):
        refuse("certificates.other_namespace")


def list_bundles(call: Call) -> Json:
    """List the bundles; those of another namespace are not shown to a key of a namespace."""
    if call.namespace is not None and call.namespace != call.bindings.get("namespace", call.namespace):
        return []
    return [{"name": name} for name in bundles_of(call)]


def show_bundle(call: Call) -> Json:
    """Show where the files of a bundle are."""
    files = lookup(bundles_of(call), call.bindings["name"], 404, "NOT_FOUND", "Bundle not found")
    return {kind: {"path": path} for kind, path in sorted(files.items())}


def save_bundle(call: Call) -> None:
    """Add files to a bundle, or replace them by kind; their content is not checked."""
    check_namespace(call)
    name, files = call.bindings["name"], without_none(call.body)
    if not re.fullmatch(RESOURCE_NAME, name):
        details: Row = {"value": name, "reason": bad_resource_name(name), "path": "name"}
        raise bad_request({**details, "kind": "validation_error"})
    if not files:
        raise bad_request(read_table("rows")["empty_bundle"])
    folder = f"data/certs2/{'ns/' if 'namespace' in call.bindings else ''}"
    folder += f"{call.bindings.get('namespace', 'global')}/{name}"
    paths = {kind: f"{folder}/{kind}.pem" for kind in files}
    bundles_of(call)[name] = bundles_of(call).get(name, {}) | paths


def delete_bundle(call: Call) -> None:
    """Delete a bundle or one of its files, even an unknown one."""
    check_namespace(call)
    name, kind = call.bindings["name"], call.query["kind"]
    if kind is None:
        bundles_of(call).pop(name, None)
    else:
        bundles_of(call).get(name, {}).pop(kind, None)
