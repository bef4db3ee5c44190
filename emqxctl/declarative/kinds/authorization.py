"""Authorization sources: who may publish and subscribe to what, in the order in which they are asked."""

from collections.abc import Iterator

from emqxctl.declarative.fetch import fetch_object
from emqxctl.declarative.kind import Api, Body, Form, Kind, Level


def rows(api: Api) -> Iterator[Body]:
    """Yield the sources; the server wraps them in an object."""
    yield from fetch_object(api, "/authorization/sources").get("sources") or ()


KIND = Kind(
    name="authorization",
    noun="authorization source",
    level=Level.AUTHORIZATION,
    form=Form.LIST,
    list_path="/authorization/sources",
    item="/authorization/sources/{type}",
    key=("type",),
    create="POST /authorization/sources",
    update="PUT /authorization/sources/{type}",
    delete="DELETE /authorization/sources/{type}",
    order="PUT /authorization/sources/order",
    order_body=lambda keys: [{"type": key} for key in keys],
    move="POST /authorization/sources/{type}/move",
    update_key=("type",),
    masks_since="5.0.0",
    protected=frozenset({"file"}),
    defaults={"enable": True},
    rows=rows,
)
