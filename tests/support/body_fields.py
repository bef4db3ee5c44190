"""Which fields the bodies of updates have, in each OpenAPI document: declarative/data/fields.json.

`python -m tests.support.body_fields` writes it and schema.json again; a test compares both.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from emqxctl.declarative.field_facts import load_facts
from emqxctl.declarative.kind import Form, Kind
from emqxctl.declarative.kinds import all_kinds
from emqxctl.declarative.schema import build_schema

FACTS = Path(__file__).parent.parent / "facts"
FILE = Path(__file__).parents[2] / "emqxctl" / "declarative" / "data" / "fields.json"
DOCUMENTS = ("5.0-ce", "5.3-ce", "5.5-ee", "5.8.1-ee", "5.8.9-ce", "6.2.2-ee")


def document(name: str) -> dict[str, Any]:
    """Return an OpenAPI document."""
    found: dict[str, Any] = json.loads((FACTS / "openapi" / f"{name}.json").read_text("utf-8"))
    return found


def operations() -> dict[str, tuple[Kind, str]]:
    """Return the operations whose bodies hold the objects of a kind, with the kind and the member's name."""
    found: dict[str, tuple[Kind, str]] = {}
    for kind in all_kinds().values():
        if kind.form is Form.ITEMS or kind.write:
            continue
        for key, path in (kind.members or {}).items():
            found[f"PUT {path}"] = (kind, key)
        for operation in (kind.create, kind.update):
            if " " in operation:
                found[operation] = (kind, "")
    return found


def bodies(document_: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the fields of each operation's body with their JSON types."""
    result = {}
    components = document_.get("components", {}).get("schemas", {})
    for operation in operations():
        method, path = operation.split(" ", 1)
        described = document_["paths"].get(path) or document_["paths"].get(f"/api/v5{path}") or {}
        body = described.get(method.lower(), {}).get("requestBody", {}).get("content", {})
        schema = body.get("application/json", {}).get("schema")
        if schema:
            result[operation] = dict(sorted(fields(schema, components)))
    return result


def fields(
    schema: Mapping[str, Any], components: Mapping[str, Any], depth: int = 0
) -> Iterator[tuple[str, str]]:
    """Yield the fields of a schema, those of each alternative too."""
    if "$ref" in schema:
        schema = components.get(schema["$ref"].rpartition("/")[2], {})
    for part in ("oneOf", "anyOf", "allOf"):
        for one in schema.get(part, ()) if depth < 5 else ():
            yield from fields(one, components, depth + 1)
    for name, value in (schema.get("properties") or {}).items():
        if value.get("deprecated") is not True:
            yield name, json_type(value, components)


def json_type(schema: Mapping[str, Any], components: Mapping[str, Any]) -> str:
    """Return the JSON type of a field where it has one, empty for alternatives."""
    if "$ref" in schema:
        schema = components.get(schema["$ref"].rpartition("/")[2], {})
    found = schema.get("type")
    return found if found in {"object", "array", "boolean"} else ""


def all_bodies() -> dict[str, dict[str, dict[str, str]]]:
    """Return the bodies of every document."""
    return {name: bodies(document(name)) for name in DOCUMENTS}


def generate() -> str:
    """Return the content of fields.json: kind -> field -> documents that have it, and its type."""
    result: dict[str, dict[str, dict[str, Any]]] = {}
    for name, found in all_bodies().items():
        for operation, (kind, key) in operations().items():
            where = place(kind, key)
            for field, type_name in found.get(operation, {}).items():
                if field in kind.key or field in kind.added or field == "id":
                    continue
                row = result.setdefault(where, {}).setdefault(field, {"in": [], "type": type_name})
                if name not in row["in"]:
                    row["in"].append(name)
                if row["type"] != type_name:
                    row["type"] = ""
    versions = {}
    for name, found in all_bodies().items():
        versions[name] = sorted({place(*operations()[one]) for one in found})
    ordered = {kind: dict(sorted(rows.items())) for kind, rows in sorted(result.items())}
    return json.dumps({"documents": versions, "fields": ordered}, indent=0, sort_keys=False) + "\n"


def place(kind: Kind, key: str) -> str:
    """Return where a kind's fields stand."""
    return f"{kind.name}/{key}" if key else kind.name


if __name__ == "__main__":
    FILE.write_text(generate(), "utf-8")
    load_facts.cache_clear()
    FILE.with_name("schema.json").write_text(build_schema(), "utf-8")
