"""The schema registry: Avro, Protobuf and JSON schemas."""

from collections.abc import Iterator

from emqxctl.declarative.fetch import fetch_list
from emqxctl.declarative.kind import Api, Body, Kind, Level


def rows(api: Api) -> Iterator[Body]:
    """Yield the schemas; bundles of Protobuf files, which are uploaded as archives, are left out."""
    return (row for row in fetch_list(api, "/schema_registry") if not isinstance(row.get("source"), dict))


KIND = Kind(
    name="schemas",
    noun="schema",
    level=Level.SCHEMAS,
    list_path="/schema_registry",
    item="/schema_registry/{name}",
    create="POST /schema_registry",
    update="PUT /schema_registry/{name}",
    delete="DELETE /schema_registry/{name}",
    masks_since="5.0.22",
    added=frozenset({"status", "node_status"}),
    defaults={"description": ""},
    rows=rows,
)
