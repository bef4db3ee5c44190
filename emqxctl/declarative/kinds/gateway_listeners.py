"""Listeners of gateways, named GATEWAY:TYPE:NAME as the server does."""

from collections.abc import Iterator

from emqxctl.declarative.fetch import fetch_list
from emqxctl.declarative.kind import Api, Body, Kind, Level, Reference
from emqxctl.declarative.kinds.gateways import loaded_gateways


def rows(api: Api) -> Iterator[Body]:
    """Yield the listeners of all loaded gateways."""
    for gateway in loaded_gateways(api):
        for row in fetch_list(api, "/gateways/{name}/listeners", gateway):
            name = str(row["id"]).split(":")[-1]
            yield {**row, "gateway": gateway, "name": name}


KIND = Kind(
    name="gateway_listeners",
    noun="gateway listener",
    level=Level.GATEWAY_PARTS,
    list_path="/gateways/{name}/listeners",
    item="/gateways/{name}/listeners/{id}",
    key=("gateway", "type", "name"),
    create="POST /gateways/{name}/listeners",
    update="PUT /gateways/{name}/listeners/{id}",
    delete="DELETE /gateways/{name}/listeners/{id}",
    update_key=("type", "name"),
    added=frozenset({"id", "running", "status", "node_status", "gateway"}),
    masks_since="6.0.3",
    unique=("bind",),
    disruptive=True,
    cannot_unset=True,
    defaults={"enable": True, "enable_authn": True, "access_rules": [], "mountpoint": ""},
    references=lambda body: [Reference("gateways", str(body.get("gateway")))],
    address=lambda key: (key.partition(":")[0], key),
    rows=rows,
)
