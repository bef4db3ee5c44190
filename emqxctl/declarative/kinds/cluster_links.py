"""Cluster links: messages from and to other clusters."""

from emqxctl.declarative.kind import Kind, Level

KIND = Kind(
    name="cluster_links",
    noun="cluster link",
    level=Level.LINKS,
    list_path="/cluster/links",
    item="/cluster/links/link/{name}",
    create="POST /cluster/links",
    update="PUT /cluster/links/link/{name}",
    delete="DELETE /cluster/links/link/{name}",
    update_key=("name",),
    added=frozenset({"status", "node_status", "status_reason"}),
    masks_since="5.8.0",
    defaults={"enable": True},
)
