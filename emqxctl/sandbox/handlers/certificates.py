"""Managed certificates of EMQX Enterprise: `/certs`."""

import re
from functools import partial

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.handlers._items import Items
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Json
from emqxctl.sandbox.schema.fields import without_none
from emqxctl.sandbox.schema.refusals import bad_request, refuse
from emqxctl.sandbox.schema.types import RESOURCE_NAME, bad_resource_name
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.cluster import ENTERPRISE


def bundle_row(_call: Call, _name: str, files: dict[str, str]) -> Json:
    """Return where the files of a bundle are."""
    return {kind: {"path": path} for kind, path in sorted(files.items())}


SCOPES = {"global": Items("global_certificates", bundle_row), "ns": Items("certificates", bundle_row)}


def bundles_of(call: Call) -> dict[str, dict[str, str]]:
    """Return the bundles of a namespace, or the global ones, by name: the files by their kinds."""
    bundles: dict[str, dict[str, str]] = SCOPES["ns" if "namespace" in call.bindings else "global"].objects(
        call
    )
    return bundles


def check_namespace(call: Call) -> None:
    """Raise EarlyResponse (403) when a key of one namespace changes another one."""
    if call.namespace is not None and call.namespace != call.bindings.get("namespace"):
        refuse("certificates.other_namespace")


def list_bundles(call: Call) -> Json:
    """List the bundles; those of another namespace are not shown to a key of a namespace."""
    if call.namespace is not None and call.namespace != call.bindings.get("namespace", call.namespace):
        return []
    return [{"name": name} for name in bundles_of(call)]


def save_bundle(call: Call) -> None:
    """Add files to a bundle, or replace them by kind; their content is not checked."""
    check_namespace(call)
    name, files = call.bindings["name"], without_none(call.body)
    if not re.fullmatch(RESOURCE_NAME, name):
        raise bad_request(
            {"value": name, "reason": bad_resource_name(name), "path": "name", "kind": "validation_error"}
        )
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


for _items in SCOPES.values():
    _register = partial(route, edition=ENTERPRISE)
    _register("GET", _items.table["path"])(list_bundles)
    _register("POST", _items.table["item"], body=Body("certificate"))(save_bundle)
    _register("DELETE", _items.table["item"], query="certificate_kind")(delete_bundle)
