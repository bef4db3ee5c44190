"""The fields that the cluster's own schemas describe, with the meaning from our facts."""

from collections.abc import Mapping
from typing import Any

from emqxctl.cli.session import Session
from emqxctl.commands.explain._subject import Subject
from emqxctl.declarative.server_schemas import MISSING, ServerSchemas, Shape, put_components, root_shape
from emqxctl.emqx.body_fields import BodyField, Fields
from emqxctl.errors import EmqxctlError

TIMEOUT, CONNECT_TIMEOUT = 3.0, 2.0  # seconds: the facts are there if the cluster is not
DOCUMENTS = {
    "actions": "actions",
    "sources": "actions",
    "bridges": "bridges",
    "connectors": "connectors",
    "configs": "hotconf",
}
PARTS = {"actions": "bridge_v2", "sources": "source", "connectors": "connector", "bridges": ""}


def read_server_schemas(session: Session, subject: Subject) -> Mapping[str, Any]:
    """Return the components of the schema that describes a kind; empty if the cluster has none to give."""
    document = DOCUMENTS.get(subject.kind)
    if document is None:
        return {}
    try:
        connection = session.resolve_connection(with_key=False)
        client = session.client_for(
            connection._replace(timeout=TIMEOUT, connect_timeout=CONNECT_TIMEOUT, retries=0)
        )
    except EmqxctlError:
        return {}
    return ServerSchemas(client).document(document)


def read_server_fields(components: Mapping[str, Any], subject: Subject, facts: Fields) -> Fields:
    """Return the fields of a type as the server describes them; empty if it does not."""
    if subject.kind == "configs":
        shape = root_shape(subject.type, components)
    else:
        shape = find_post_shape(components, subject)
    return read_shape(shape, facts) if shape is not None else {}


def find_post_shape(components: Mapping[str, Any], subject: Subject) -> Shape | None:
    """Return the description of a new object of a type."""
    for name in put_components(components, PARTS[subject.kind], subject.type):
        module, _, last = name.rpartition(".")
        post = f"{module}.{last.replace('put', 'post', 1)}"
        return Shape(components[post], components)
    return None


def read_shape(shape: Shape, facts: Fields) -> Fields:
    """Return the fields of an object that the server describes; `facts` have their meaning."""
    fields = {}
    properties = shape.resolved.get("properties")
    for name in properties if isinstance(properties, Mapping) else ():
        inner = shape.field(name)
        if inner is not None and not inner.resolved.get("deprecated") and not inner.resolved.get("readOnly"):
            fields[name] = to_field(inner, facts.get(name), required=name in shape.required)
    return fields


def to_field(shape: Shape, fact: BodyField | None, *, required: bool) -> BodyField:
    """Return a field that the server describes; without a type it keeps that of the facts."""
    server_schema = shape.resolved
    fact = fact or BodyField("any")
    default = server_schema.get("default", MISSING)
    has_fields = bool(shape.fields)
    return fact._replace(
        type=fact.type if has_fields or not shape.type_name else name_type(shape),
        default=None if default is MISSING or default == "" or has_fields else default,
        required=required,
        secret=shape.is_secret or fact.secret,
        values=tuple(map(str, server_schema.get("symbols") or fact.values)),
        minimum=server_schema.get("minimum", fact.minimum),
        maximum=server_schema.get("maximum", fact.maximum),
        read_fields=(lambda: read_shape(shape, fact.read_fields())) if has_fields else fact.read_fields,
    )


def name_type(shape: Shape) -> str:
    """Return the name of a type as the facts write it."""
    if shape.type_name == "array":
        items = shape.field(0)
        return f"list of {name_type(items) if items is not None and items.type_name else 'any'}"
    return {"byteSize": "size"}.get(shape.type_name, shape.type_name)
