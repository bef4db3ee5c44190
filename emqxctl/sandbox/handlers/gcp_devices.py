"""GCP IoT Core devices of EMQX Enterprise: `/gcp_devices`."""

from emqxctl.sandbox.handlers._items import Items
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Json, json_response
from emqxctl.sandbox.schema.fields import without_none

KEY_TYPES = ("ES256_PEM", "ES256_X509_PEM", "RSA_PEM", "RSA_X509_PEM")
DEVICES = Items("gcp_devices")


def import_devices(call: Call) -> Json:
    """Import devices over those that exist; blocked ones are not stored."""
    if any(key.get("key_type") not in KEY_TYPES for device in call.body for key in device["keys"]):
        return json_response({"message": "invalid key_type"}, 400)
    for device in call.body:
        row = {name: value for name, value in without_none(device).items() if name != "blocked"}
        DEVICES.objects(call)[device["deviceid"]] = row | {"created_at": int(call.cluster.now())}
    return {"errors": 0, "imported": len(call.body)}


def save_device(call: Call) -> Json:
    """Add or replace a device."""
    row = without_none(call.body) | call.bindings
    DEVICES.objects(call)[row["deviceid"]] = row | {"created_at": int(call.cluster.now())}
    return row
