"""Sources: where rules get messages from outside."""

from emqxctl.declarative.kind import Kind, Level
from emqxctl.declarative.kinds.actions import references
from emqxctl.declarative.kinds.connectors import ADDED

KIND = Kind(
    name="sources",
    noun="source",
    level=Level.ACTIONS,
    list_path="/sources",
    query={"only_global": True},
    item="/sources/{id}",
    key=("type", "name"),
    create="POST /sources",
    update="PUT /sources/{id}",
    delete="DELETE /sources/{id}",
    enable="PUT /sources/{id}/enable/{enable}",
    added=ADDED,
    masks_since="5.5.0",
    schema=("actions", "source"),
    references=references,
)
