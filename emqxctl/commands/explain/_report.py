"""What `emqxctl explain` prints: the kinds, the types of a kind, the fields of a type, one field."""

import json
from collections.abc import Sequence

from emqxctl.cli.session import Session
from emqxctl.commands.explain._server import read_server_fields, read_server_schemas
from emqxctl.commands.explain._subject import Subject, unknown_field_error, unknown_type_error
from emqxctl.emqx.body_fields import (
    BodyField,
    Fields,
    find_field,
    flatten_fields,
    get_release,
    list_kinds,
    list_types,
    read_body_fields,
)
from emqxctl.output.formatters import format_names
from emqxctl.output.results import Record, Result, Rows
from emqxctl.resource import Column


def format_value(value: object) -> str:
    """Format a default: a text as it is, everything else as JSON; shortened, since few are long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_DEFAULT else text[: MAX_DEFAULT - 1] + "…"


def format_type(value: object) -> str:
    """Format a type shortly: a list of strings as `[string]`."""
    name = str(value)
    item = name.removeprefix("list of ")
    return name if item == name else f"[{format_type(item)}]"


MAX_DEFAULT = 14  # characters in a table, so that descriptions fit too
KIND_COLUMNS = (Column("kind"), Column("types", format=format_names, wrap=True))
TYPE_COLUMNS = (Column("type"), Column("required", format=format_names, wrap=True))
FIELD_COLUMNS = (
    Column("field"),
    Column("type", format=format_type),
    Column("default", format=format_value),
    Column("flags", format=format_names, optional=True),
    Column("description", wrap=True),
    Column("values", format=format_names, wide=True),
    Column("minimum", wide=True),
    Column("maximum", wide=True),
)


def list_subjects() -> Rows:
    """Return the kinds with their types."""
    rows: list[dict[str, object]] = [{"kind": kind, "types": list_types(kind)} for kind in list_kinds()]
    note = "fields: emqxctl explain KIND, or emqxctl explain KIND TYPE"
    return Rows(rows, KIND_COLUMNS, key="kind", plural_noun="kinds", notes=(note,))


def explain_subject(session: Session, subject: Subject, *, recursive: bool, offline: bool) -> Result:
    """Return the types of a kind, the fields of a type, or one field. Raises NotFoundError."""
    facts = read_body_fields(subject.kind, subject.type)
    if list_types(subject.kind) and not subject.type:
        return explain_kind(subject.kind)
    components = {} if offline else read_server_schemas(session, subject)
    server_fields = read_server_fields(components, subject, facts) if components else {}
    fields = server_fields or facts
    if not fields:
        raise unknown_type_error(subject, list_types(subject.kind))
    source = "the cluster's own schema" if server_fields else f"facts of EMQX {get_release(subject.kind)}"
    if components and not server_fields:
        source += f"; the cluster's own schema has no {subject.words}"
    if not subject.path:
        return build_rows(fields, f"source: {source}", recursive=recursive)
    field = find_field(fields, subject.path)
    if field is None:
        raise unknown_field_error(subject, flatten_fields(fields))
    return explain_field(subject, field, f"source: {source}", recursive=recursive)


def explain_kind(kind: str) -> Rows:
    """Return the types of a kind with the fields that each requires."""
    rows: list[dict[str, object]] = []
    for name in list_types(kind):
        fields = read_body_fields(kind, name)
        required = [
            field for field, facts in fields.items() if facts.required and field not in {"type", "name"}
        ]
        rows.append({"type": name, "required": required})
    notes = (f"fields of a type: emqxctl explain {kind} TYPE", f"source: facts of EMQX {get_release(kind)}")
    return Rows(rows, TYPE_COLUMNS, key="type", plural_noun="types", notes=notes)


def explain_field(subject: Subject, field: BodyField, note: str, *, recursive: bool) -> Result:
    """Return one field, or the fields of the object that it is."""
    inner = field.read_fields()
    if inner:
        return build_rows(inner, note, recursive=recursive, prefix=".".join(subject.path) + ".")
    row = build_row(".".join(subject.path), field) | {"description": field.text or None}
    row_with_values = {name: value for name, value in row.items() if value is not None}
    columns = [column for column in FIELD_COLUMNS if column.field in row_with_values]
    return Record(row_with_values, columns, key="field", notes=(note,))


def build_rows(fields: Fields, note: str, *, recursive: bool, prefix: str = "") -> Rows:
    """Return fields as rows, the required ones first."""
    listed_fields = flatten_fields(fields) if recursive else fields
    names = (
        sorted(listed_fields, key=lambda name: not listed_fields[name].required)
        if not recursive
        else list(listed_fields)
    )
    rows = [build_row(f"{prefix}{name}", listed_fields[name]) for name in names]
    return Rows(
        rows,
        FIELD_COLUMNS,
        key="field",
        plural_noun="fields",
        notes=(note, *list_nested_notes(fields, recursive)),
    )


def list_nested_notes(fields: Fields, recursive: bool) -> Sequence[str]:  # one caller
    """Return the note on objects whose fields are not shown."""
    has_objects = any(field.read_fields() for field in fields.values())
    return () if recursive or not has_objects else ("fields of objects: name one, or use --recursive",)


def build_row(name: str, field: BodyField) -> dict[str, object]:
    """Return a field as a row; what it does not have is null."""
    values = f"one of {', '.join(field.values)}" if field.values else ""
    text = ": ".join(filter(None, (field.text, values)))
    return {
        "field": name,
        "type": field.type,
        "default": field.default,
        "flags": [name for name in ("required", "secret") if getattr(field, name)] or None,
        "description": text or None,
        "values": list(field.values) or None,
        "minimum": field.minimum,
        "maximum": field.maximum,
    }
