"""GCP IoT Core devices of EMQX Enterprise: `/gcp_devices`."""

from emqxctl.sandbox.http.paging import cut_page
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Response, json_response
from emqxctl.sandbox.schema.fields import without_none
from emqxctl.sandbox.schema.refusals import refuse_with
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.cluster import ENTERPRISE

KEY_TYPES = ("ES256_PEM", "ES256_X509_PEM", "RSA_PEM", "RSA_X509_PEM")


@route("GET", "/gcp_devices", edition=ENTERPRISE, query="page")
def list_devices(call: Call) -> Response:
    """List the devices."""
    rows = list(call.cluster.collections["gcp_devices"].values())
    return json_response(cut_page(rows, call.query, hints=False))


@route("POST", "/gcp_devices", edition=ENTERPRISE, body=Body("gcp_device", array=True))
def import_devices(call: Call) -> Response:
    """Import devices over those that exist; blocked ones are not stored."""
    devices = call.cluster.collections["gcp_devices"]
    if any(key.get("key_type") not in KEY_TYPES for device in call.body for key in device["keys"]):
        return json_response({"message": "invalid key_type"}, 400)
    for device in call.body:
        row = {name: value for name, value in without_none(device).items() if name != "blocked"}
        devices[device["deviceid"]] = row | {"created_at": int(call.cluster.now())}
    return json_response({"errors": 0, "imported": len(call.body)})


@route("GET", "/gcp_devices/{deviceid}", edition=ENTERPRISE)
def show_device(call: Call) -> Response:
    """Show one device."""
    name = call.bindings["deviceid"]
    device = call.cluster.collections["gcp_devices"].get(name)
    if device is None:
        refuse_with(404, "NOT_FOUND", f"device not found: {name}")
    return json_response(device)


@route("PUT", "/gcp_devices/{deviceid}", edition=ENTERPRISE, body=Body("gcp_device"))
def save_device(call: Call) -> Response:
    """Add or replace a device."""
    name = call.bindings["deviceid"]
    row = {**without_none(call.body), "deviceid": name}
    call.cluster.collections["gcp_devices"][name] = row | {"created_at": int(call.cluster.now())}
    return json_response(row)


@route("DELETE", "/gcp_devices/{deviceid}", edition=ENTERPRISE)
def delete_device(call: Call) -> Response:
    """Delete a device, even an unknown one."""
    call.cluster.collections["gcp_devices"].pop(call.bindings["deviceid"], None)
    return Response(204)
