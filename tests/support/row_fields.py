"""The fields of list rows, read from EMQX's OpenAPI documents and from recordings.

`python tests/support/row_fields.py FOLDER` writes `emqxctl/emqx/row_fields_data.py` from a folder that holds
EMQX's documents in `openapi/` and recordings in `recordings/VERSION/`; a test compares that module with the
recordings in this folder.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from textwrap import wrap
from typing import Any

Fields = dict[str, set[str]]  # field name to the types of its values
TARGET = Path(__file__).parent.parent.parent / "emqxctl" / "emqx" / "row_fields_data.py"
TYPES = {"boolean": "boolean", "integer": "number", "number": "number", "string": "text", "array": "list"}
# Objects whose keys a user or a client chooses; the documents do not say so.
MAPS = frozenset({"client_attrs", "details", "metadata", "user_properties", "User-Property"})
DEPTH = 12  # of references; EMQX's schemas refer to themselves
LISTS = ("data", "sources", "rules")  # where an answer that is an object holds its rows
HEAD = '''"""Which fields the rows of each list have, and their types: generated, so longer than others.

A list is named by its path; its fields are grouped by the types of their values: `boolean`, `number`, `text`,
`list`, `object` (with fields of its own), `map` (with keys that users choose), several with `|`. Every field
may be null. Written by `python tests/support/row_fields.py FOLDER` from EMQX's documents (5.0 to 6.2.2)
and recordings.
"""

FIELDS: dict[str, dict[str, str]] = {
'''


def name_type(value: object) -> str:
    """Return the type of a recorded value."""
    match value:
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "text"
        case list():
            return "list"
        case {}:
            return "object"
        case _:
            return ""


def find_rows(body: object) -> list[dict[str, Any]]:
    """Return the rows of a response: a bare array, or the array in an object."""
    if isinstance(body, dict):
        body = next((body[name] for name in LISTS if isinstance(body.get(name), list)), None)
    return [row for row in body if isinstance(row, dict)] if isinstance(body, list) else []


def collect_fields(rows: Iterable[Mapping[str, object]]) -> Fields:
    """Collect the fields of rows and the types of their values; null has none."""
    fields: Fields = defaultdict(set)
    for row in rows:
        for name, value in row.items():
            fields[name] |= {name_type(value)} - {""}
    return fields


def iter_recorded_lists(folder: Path) -> Iterator[tuple[str, Fields]]:
    """Yield the path and the fields of each recorded list."""
    for file in sorted(folder.rglob("GET_*.json")):
        recording = json.loads(file.read_text("utf-8"))
        for exchange in recording["exchanges"]:
            response = exchange["response"]
            has_selected_fields = any(name == "fields" for name, _ in exchange["request"]["query"])
            if response and response["status"] == 200 and not has_selected_fields:
                rows = find_rows(response.get("body"))
                if rows:
                    yield recording["operation"].removeprefix("GET "), collect_fields(rows)


class Document:
    """One of EMQX's OpenAPI documents."""

    def __init__(self, file: Path) -> None:
        """Read the document from a file."""
        self.content = json.loads(file.read_text("utf-8"))

    def iter_lists(self) -> Iterator[tuple[str, Fields]]:
        """Yield the path and the fields of each documented list."""
        for path, operations in self.content["paths"].items():
            response = operations.get("get", {}).get("responses", {}).get("200", {})
            schema = response.get("content", {}).get("application/json", {}).get("schema")
            fields: Fields = defaultdict(set)
            for row in self.iter_row_schemas(schema or {}):
                for name, schema_of_field in self.iter_properties(row):
                    fields[name] |= self.name_types(schema_of_field)
            if fields:
                yield path, fields

    def resolve(self, schema: Mapping[str, Any], depth: int = 0) -> list[Mapping[str, Any]]:
        """Follow references and alternatives to the schemas behind them."""
        if depth > DEPTH:
            return []
        if "$ref" in schema:
            target: Any = self.content
            for part in schema["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            return self.resolve(target, depth + 1)
        alternatives = [
            alternative for name in ("oneOf", "anyOf", "allOf") for alternative in schema.get(name, ())
        ]
        return [leaf for alternative in alternatives for leaf in self.resolve(alternative, depth + 1)] or [
            schema
        ]

    def iter_row_schemas(self, schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Yield the schemas of the rows of a response; nothing if it is not a list."""
        for candidate in self.resolve(schema):
            if candidate.get("type") == "array":
                yield from self.resolve(candidate.get("items", {}))
                continue
            row_lists = [
                candidate["properties"][name] for name in LISTS if name in candidate.get("properties", {})
            ]
            for rows in self.resolve(row_lists[0]) if row_lists else ():
                if rows.get("type") == "array":
                    yield from self.resolve(rows.get("items", {}))

    def iter_properties(self, row: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the properties of a row, without templates such as `$name`."""
        for name, property_schema in row.get("properties", {}).items():
            if not name.startswith("$"):
                yield name, property_schema

    def name_types(self, schema: Mapping[str, Any]) -> set[str]:
        """Return the types that a property may have; an undeclared one is `any`."""
        names = set()
        for alternative in self.resolve(schema):
            declared = TYPES.get(alternative.get("type", ""), "")
            if alternative.get("type") == "object":
                keys = [name for name in alternative.get("properties", {}) if not name.startswith("$")]
                declared = "object" if keys else "map"
            elif not declared and "enum" in alternative:
                declared = name_type(alternative["enum"][0])
            names.add(declared or "any")
        return names


def collect_lists(folder: Path) -> dict[str, Fields]:
    """Return the lists and fields of all documents and recordings in a folder."""
    merged: dict[str, Fields] = defaultdict(lambda: defaultdict(set))
    documents = [Document(file) for file in sorted((folder / "openapi").glob("*.json"))]
    for path, fields in (entry for document in documents for entry in document.iter_lists()):
        merge_fields(merged[path], fields)
    for path, fields in iter_recorded_lists(folder / "recordings"):
        if path in merged or not path.endswith("}"):  # an empty id widens a call to the whole list
            merge_fields(merged[path], fields)
    return merged


def merge_fields(fields: Fields, additions: Fields) -> None:
    """Add fields and types to those of a list."""
    for name, types in additions.items():
        fields[name] |= {
            "map" if name in MAPS and type_name == "object" else type_name for type_name in types
        }


def format_types(types: set[str]) -> str:
    """Return the types of a field as text; a free map wins over an object, and no type is `any`."""
    if "any" in types or not types:
        return "any"
    return "|".join(sorted(types - {"object"} if "map" in types else types))


def format_module(merged: Mapping[str, Fields]) -> str:
    """Return the source of the generated module."""
    lines = [HEAD]
    for path in sorted(merged):
        groups: dict[str, list[str]] = defaultdict(list)
        for name, types_of_field in merged[path].items():
            groups[format_types(types_of_field)].append(name)
        lines.append(f'    "{path}": {{\n')
        for types in sorted(groups):
            lines_of_names = wrap(" ".join(sorted(groups[types])), 86, break_on_hyphens=False)
            parts = [f'"{part} "' for part in lines_of_names[:-1]] + [f'"{lines_of_names[-1]}"']
            if len(parts) == 1:
                lines.append(f'        "{types}": {parts[0]},\n')
            else:
                inner = "".join(f"            {part}\n" for part in parts)
                lines.append(f'        "{types}": (\n{inner}        ),\n')
        lines.append("    },\n")
    return "".join(lines) + "}\n"


if __name__ == "__main__":
    TARGET.write_text(format_module(collect_lists(Path(sys.argv[1]))), "utf-8")
