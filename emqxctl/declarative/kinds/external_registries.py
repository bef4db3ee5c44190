"""External schema registries."""

from collections.abc import Iterator

from emqxctl.declarative.fetch import fetch_object
from emqxctl.declarative.kind import Api, Body, Kind, Level


def rows(api: Api) -> Iterator[Body]:
    """Yield the registries; the server answers with an object of them by name."""
    for name, body in fetch_object(api, "/schema_registry_external").items():
        if isinstance(body, dict):
            yield {**body, "name": name}


KIND = Kind(
    name="external_registries",
    noun="external registry",
    level=Level.SCHEMAS,
    list_path="/schema_registry_external",
    item="/schema_registry_external/registry/{name}",
    create="POST /schema_registry_external",
    update="PUT /schema_registry_external/registry/{name}",
    delete="DELETE /schema_registry_external/registry/{name}",
    masks_since="5.10.0",
    rows=rows,
)
