"""Schema validations: what messages must look like, in their order."""

from collections.abc import Iterator

from emqxctl.declarative.kind import Body, Form, Kind, Level, Reference


def references(body: Body) -> Iterator[Reference]:
    """Yield the schemas that a validation checks against."""
    for check in body.get("checks") or ():
        if isinstance(check, dict) and check.get("schema"):
            yield Reference("schemas", str(check["schema"]))


KIND = Kind(
    name="schema_validations",
    noun="schema validation",
    level=Level.SMART_DATA,
    form=Form.LIST,
    list_path="/schema_validations",
    item="/schema_validations/validation/{name}",
    create="POST /schema_validations",
    update="PUT /schema_validations",
    delete="DELETE /schema_validations/validation/{name}",
    enable="POST /schema_validations/validation/{name}/enable/{enable}",
    order="POST /schema_validations/reorder",
    order_body=lambda keys: {"order": keys},
    update_key=("name",),
    added=frozenset({"created_at", "last_modified_at"}),
    defaults={"enable": True, "description": "", "tags": []},
    references=references,
)
