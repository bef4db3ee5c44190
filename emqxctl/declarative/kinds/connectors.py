"""Connectors: the systems that actions and sources reach."""

from emqxctl.declarative.kind import Kind, Level

# Fields that the server adds to connectors, actions and sources of every version.
ADDED = frozenset(
    {"id", "status", "status_reason", "node_status", "error", "metrics", "node_metrics", "namespace"}
    | {"created_at", "last_modified_at", "rules", "actions", "sources"}
)

KIND = Kind(
    name="connectors",
    noun="connector",
    level=Level.CONNECTORS,
    list_path="/connectors",
    query={"only_global": True},
    item="/connectors/{id}",
    key=("type", "name"),
    create="POST /connectors",
    update="PUT /connectors/{id}",
    delete="DELETE /connectors/{id}",
    enable="PUT /connectors/{id}/enable/{enable}",
    added=ADDED,
    masks_since="5.0.0",
    schema=("connectors", "connector"),
)
