"""Actions: where rules send what they select."""

from collections.abc import Iterator

from emqxctl.declarative.kind import Body, Kind, Level, Reference
from emqxctl.declarative.kinds.connectors import ADDED


def references(body: Body) -> Iterator[Reference]:
    """Yield the connector, and the actions that take over when this one fails (EMQX 6.0+)."""
    if body.get("connector"):
        yield Reference("connectors", f"{body.get('type')}:{body['connector']}")
    for action in body.get("fallback_actions") or ():
        if isinstance(action, dict) and action.get("kind") == "reference":
            yield Reference("actions", f"{action.get('type')}:{action.get('name')}")


KIND = Kind(
    name="actions",
    noun="action",
    level=Level.ACTIONS,
    list_path="/actions",
    query={"only_global": True},
    item="/actions/{id}",
    key=("type", "name"),
    create="POST /actions",
    update="PUT /actions/{id}",
    delete="DELETE /actions/{id}",
    enable="PUT /actions/{id}/enable/{enable}",
    added=ADDED,
    masks_since="5.3.1",
    schema=("actions", "bridge_v2"),
    references=references,
)
