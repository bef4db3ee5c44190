"""Gateways: protocols other than MQTT. One that is not loaded does not exist; a delete disables it."""

from collections.abc import Iterator

from emqxctl.declarative.fetch import fetch_list, fetch_object
from emqxctl.declarative.kind import Api, Body, Kind, Level


def loaded_gateways(api: Api) -> Iterator[str]:
    """Yield the names of the gateways that are loaded."""
    for row in fetch_list(api, "/gateways"):
        if row.get("status") != "unloaded":
            yield str(row["name"])


def rows(api: Api) -> Iterator[Body]:
    """Yield the gateways that are loaded."""
    for name in loaded_gateways(api):
        yield {**fetch_object(api, "/gateways/{name}", name), "name": name}


def read(api: Api, name: str) -> Body | None:
    """Read one gateway; None for one that is not loaded."""
    gateway = fetch_object(api, "/gateways/{name}", name)
    return None if gateway.get("status") == "unloaded" else gateway


KIND = Kind(
    name="gateways",
    noun="gateway",
    level=Level.GATEWAYS,
    list_path="/gateways",
    item="/gateways/{name}",
    create="PUT /gateways/{name}",
    update="PUT /gateways/{name}",
    enable="PUT /gateways/{name}/enable/{enable}",
    added=frozenset({"status", "created_at", "started_at", "stopped_at", "node_status", "listeners"})
    | frozenset({"authentication", "current_connections", "max_connections", "name"}),
    masks_since="6.0.3",
    disruptive=True,
    cannot_unset=True,
    defaults={"enable": True},
    rows=rows,
    read=read,
)
