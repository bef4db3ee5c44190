"""Bridges: connector and action in one, of EMQX until 5.10."""

from emqxctl.declarative.kind import Kind, Level
from emqxctl.declarative.kinds.connectors import ADDED

KIND = Kind(
    name="bridges",
    noun="bridge",
    level=Level.ACTIONS,
    list_path="/bridges",
    item="/bridges/{id}",
    key=("type", "name"),
    create="POST /bridges",
    update="PUT /bridges/{id}",
    delete="DELETE /bridges/{id}",
    enable="PUT /bridges/{id}/enable/{enable}",
    update_key=("type", "name"),
    added=ADDED,
    masks_since="5.0.0",
    schema=("bridges", ""),
)
