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


def type_of(value: object) -> str:
    """Name the type of a recorded value."""
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


def rows_of(body: object) -> list[dict[str, Any]]:
    """Find the rows of an answer: a bare array, or the array in an object."""
    if isinstance(body, dict):
        body = next((body[name] for name in LISTS if isinstance(body.get(name), list)), None)
    return [one for one in body if isinstance(one, dict)] if isinstance(body, list) else []


def fields_of(rows: Iterable[Mapping[str, object]]) -> Fields:
    """Collect the fields of rows and the types of their values; null has none."""
    found: Fields = defaultdict(set)
    for row in rows:
        for name, value in row.items():
            found[name] |= {type_of(value)} - {""}
    return found


def recorded(folder: Path) -> Iterator[tuple[str, Fields]]:
    """Give the path and the fields of each list that was recorded."""
    for file in sorted(folder.rglob("GET_*.json")):
        recording = json.loads(file.read_text("utf-8"))
        for each in recording["exchanges"]:
            response = each["response"]
            cut = any(name == "fields" for name, _ in each["request"]["query"])
            if response and response["status"] == 200 and not cut:
                rows = rows_of(response.get("body"))
                if rows:
                    yield recording["operation"].removeprefix("GET "), fields_of(rows)


class Document:
    """One of EMQX's OpenAPI documents."""

    def __init__(self, file: Path) -> None:
        """Read it."""
        self.content = json.loads(file.read_text("utf-8"))

    def lists(self) -> Iterator[tuple[str, Fields]]:
        """Give the path and the fields of each list that is documented."""
        for path, operations in self.content["paths"].items():
            answer = operations.get("get", {}).get("responses", {}).get("200", {})
            schema = answer.get("content", {}).get("application/json", {}).get("schema")
            fields: Fields = defaultdict(set)
            for row in self.row_schemas(schema or {}):
                for name, one in self.properties(row):
                    fields[name] |= self.types(one)
            if fields:
                yield path, fields

    def plain(self, schema: Mapping[str, Any], depth: int = 0) -> list[Mapping[str, Any]]:
        """Follow references and alternatives to the schemas behind them."""
        if depth > DEPTH:
            return []
        if "$ref" in schema:
            target: Any = self.content
            for part in schema["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            return self.plain(target, depth + 1)
        several = [one for name in ("oneOf", "anyOf", "allOf") for one in schema.get(name, ())]
        return [leaf for one in several for leaf in self.plain(one, depth + 1)] or [schema]

    def row_schemas(self, schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Give the schemas of the rows of an answer, none when it is no list."""
        for one in self.plain(schema):
            if one.get("type") == "array":
                yield from self.plain(one.get("items", {}))
                continue
            held = [one["properties"][name] for name in LISTS if name in one.get("properties", {})]
            for rows in self.plain(held[0]) if held else ():
                if rows.get("type") == "array":
                    yield from self.plain(rows.get("items", {}))

    def properties(self, row: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Give the properties of a row; templates such as `$name` are none."""
        for name, one in row.get("properties", {}).items():
            if not name.startswith("$"):
                yield name, one

    def types(self, schema: Mapping[str, Any]) -> set[str]:
        """Name the types that a property may have; an undeclared one is anything."""
        found = set()
        for one in self.plain(schema):
            declared = TYPES.get(one.get("type", ""), "")
            if one.get("type") == "object":
                keys = [name for name in one.get("properties", {}) if not name.startswith("$")]
                declared = "object" if keys else "map"
            elif not declared and "enum" in one:
                declared = type_of(one["enum"][0])
            found.add(declared or "any")
        return found


def collect(folder: Path) -> dict[str, Fields]:
    """Merge what all documents and recordings of a folder say."""
    merged: dict[str, Fields] = defaultdict(lambda: defaultdict(set))
    documents = [Document(file) for file in sorted((folder / "openapi").glob("*.json"))]
    for path, fields in (one for document in documents for one in document.lists()):
        merge(merged[path], fields)
    for path, fields in recorded(folder / "recordings"):
        if path in merged or not path.endswith("}"):  # an empty id widens a call to the whole list
            merge(merged[path], fields)
    return merged


def merge(known: Fields, more: Fields) -> None:
    """Add fields and types to those of a list."""
    for name, types in more.items():
        known[name] |= {"map" if name in MAPS and one == "object" else one for one in types}


def settled(types: set[str]) -> str:
    """Write the types of a field; a free map wins over an object, and no type at all is any."""
    if "any" in types or not types:
        return "any"
    return "|".join(sorted(types - {"object"} if "map" in types else types))


def module(merged: Mapping[str, Fields]) -> str:
    """Write the module."""
    lines = [HEAD]
    for path in sorted(merged):
        groups: dict[str, list[str]] = defaultdict(list)
        for name, each in merged[path].items():
            groups[settled(each)].append(name)
        lines.append(f'    "{path}": {{\n')
        for types in sorted(groups):
            lines_of_names = wrap(" ".join(sorted(groups[types])), 86, break_on_hyphens=False)
            words = [f'"{part} "' for part in lines_of_names[:-1]] + [f'"{lines_of_names[-1]}"']
            if len(words) == 1:
                lines.append(f'        "{types}": {words[0]},\n')
            else:
                inner = "".join(f"            {one}\n" for one in words)
                lines.append(f'        "{types}": (\n{inner}        ),\n')
        lines.append("    },\n")
    return "".join(lines) + "}\n"


if __name__ == "__main__":
    TARGET.write_text(module(collect(Path(sys.argv[1]))), "utf-8")
