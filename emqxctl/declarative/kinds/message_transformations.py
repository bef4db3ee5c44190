"""Message transformations: messages changed by rules, in their order."""

from collections.abc import Iterator

from emqxctl.declarative.kind import Body, Form, Kind, Level, Reference


def references(body: Body) -> Iterator[Reference]:
    """Yield the schemas that a transformation decodes and encodes with."""
    for part in ("payload_decoder", "payload_encoder"):
        coder = body.get(part)
        if isinstance(coder, dict) and coder.get("schema"):
            yield Reference("schemas", str(coder["schema"]))


KIND = Kind(
    name="message_transformations",
    noun="message transformation",
    level=Level.SMART_DATA,
    form=Form.LIST,
    list_path="/message_transformations",
    item="/message_transformations/transformation/{name}",
    create="POST /message_transformations",
    update="PUT /message_transformations",
    delete="DELETE /message_transformations/transformation/{name}",
    enable="POST /message_transformations/transformation/{name}/enable/{enable}",
    order="POST /message_transformations/reorder",
    order_body=lambda keys: {"order": keys},
    update_key=("name",),
    added=frozenset({"created_at", "last_modified_at"}),
    defaults={"enable": True, "description": "", "tags": []},
    references=references,
)
