"""Authenticators: how clients prove who they are, in the order in which they are asked."""

from emqxctl.declarative.kind import Form, Kind, Level

KIND = Kind(
    name="authentication",
    noun="authenticator",
    level=Level.AUTHENTICATION,
    form=Form.LIST,
    list_path="/authentication",
    item="/authentication/{id}",
    key=("mechanism", "backend"),
    create="POST /authentication",
    update="PUT /authentication/{id}",
    delete="DELETE /authentication/{id}",
    order="PUT /authentication/order",
    order_body=lambda keys: [{"id": key} for key in keys],
    move="PUT /authentication/{id}/position/{position}",
    update_key=("mechanism", "backend"),
    added=frozenset({"id"}),
    masks_since="5.0.0",
    disruptive=True,
    keep_one=True,
    defaults={"enable": True},
)
