"""The schema registry: Avro, Protobuf and JSON schemas."""

from emqxctl.declarative.kind import Kind, Level

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
    defaults={"description": ""},
)
