"""The JSON Schema of files, made from the kinds: editors complete and check with it."""

import json
from importlib.resources import files

from emqxctl.declarative.documents import FORMAT, FORMAT_NUMBER, VERSION, Json
from emqxctl.declarative.field_facts import known_fields
from emqxctl.declarative.kind import Form, Kind
from emqxctl.declarative.kinds import all_kinds


def read_schema() -> str:
    """Return the schema that is shipped."""
    return files("emqxctl.declarative.data").joinpath("schema.json").read_text("utf-8")


def build_schema() -> str:
    """Return the schema, built again; a test compares it with the one that is shipped."""
    kinds = {name: kind_schema(kind) for name, kind in all_kinds().items()}
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "emqxctl: the state of an EMQX cluster",
        "type": "object",
        "required": [FORMAT],
        "additionalProperties": False,
        "properties": {
            FORMAT: {"const": FORMAT_NUMBER, "description": "The format of this file."},
            VERSION: {"type": "string", "description": "The EMQX version that the file was exported from."},
            **kinds,
        },
    }
    return json.dumps(document, indent=1) + "\n"


def kind_schema(kind: Kind) -> dict[str, Json]:
    """Return the schema of the entries of a kind."""
    title = (kind.noun[0].upper() + kind.noun[1:]).removesuffix(" of")
    match kind.form:
        case Form.ITEMS:
            return {"title": title, "type": "array", "items": {"type": "object"}}
        case Form.LIST:
            named = {field: {"type": "string"} for field in kind.key}
            body = object_schema(kind, "")
            body["properties"] = {**named, **body["properties"]}
            body["required"] = [kind.key[0]]
            return {"title": title, "type": ["array", "null"], "items": body}
        case Form.MAP:
            return map_schema(kind, title)


def map_schema(kind: Kind, title: str) -> dict[str, Json]:
    """Return the schema of objects by name."""
    schema: dict[str, Json] = {"title": title, "type": ["object", "null"]}
    if kind.members is not None:
        schema["properties"] = {key: object_schema(kind, key) for key in sorted(kind.members)}
        schema["additionalProperties"] = False
        return schema
    pattern = ":".join(["[^:]+"] * (len(kind.key) - 1) + [".+"])
    return {
        **schema,
        "propertyNames": {"pattern": f"^{pattern}$"},
        "additionalProperties": object_schema(kind, ""),
    }


def object_schema(kind: Kind, key: str) -> dict[str, Json]:
    """Return the schema of one object: its known fields; others are allowed, as newer versions have more."""
    fields = {name: field_schema(row["type"]) for name, row in known_fields(kind.name, key).items()}
    for name, default in (kind.defaults or {}).items():
        fields.setdefault(name, {})
        if not isinstance(default, dict):
            fields[name] = {**fields[name], "default": default}
    return {"type": ["object", "null"], "properties": dict(sorted(fields.items()))}


def field_schema(type_name: str) -> dict[str, Json]:
    """Return the schema of a field; a text is accepted everywhere, for `!env NAME`."""
    return {"type": [type_name, "string", "null"]} if type_name else {}
