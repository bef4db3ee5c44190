"""The facts of `emqxctl explain`, condensed from EMQX's OpenAPI documents: emqx/body_fields.json.

`python -m tests.support.body_schemas FOLDER` writes them from the documents in a folder.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from emqxctl.cli.root import build_root, walk_commands

FILE = Path(__file__).parents[2] / "emqxctl" / "emqx" / "body_fields.json"
# The newest first: a body is described by the first document that has its operation.
DOCUMENTS = ("6.2.2-ee", "5.8.1-ee", "5.8.9-ce", "5.0-ce")
MAX_TEXT = 110  # characters of a description
MAX_DEFAULT = 160  # characters of a default as JSON
VERBS = ("create", "register", "add", "update", "set")
DISCRIMINATORS = (("mechanism", "backend"), ("type",), ("backend",), ("name",))
TYPE_NAMES = {"integer": "integer", "number": "number", "boolean": "boolean", "array": "list"}
DURATION = re.compile(r"\d+(ms|s|m|h|d)")
SIZE = re.compile(r"\d+(KB|MB|GB)", re.IGNORECASE)
Schema = Mapping[str, Any]


class Condenser:
    """Condenses the components of one document that bodies refer to."""

    def __init__(self, folder: Path, name: str) -> None:
        """Read the document."""
        self.name = name
        self.document: dict[str, Any] = json.loads((folder / f"{name}.json").read_text("utf-8"))
        self.schemas: Mapping[str, Schema] = self.document["components"]["schemas"]
        self.components: dict[str, dict[str, Any]] = {}

    def find_body(self, operation: str) -> Schema | None:
        """Return the schema of an operation's JSON body; None if there is none."""
        method, _, path = operation.partition(" ")
        paths = self.document["paths"]
        described = paths.get(path) or paths.get(f"/api/v5{path}") or {}
        content = described.get(method.lower(), {}).get("requestBody", {}).get("content", {})
        schema: Schema | None = content.get("application/json", {}).get("schema")
        return schema

    def alternatives(self, schema: Schema) -> Iterator[str]:
        """Yield the names of the components that a schema may be."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            inner = self.schemas.get(name, {})
            parts = [part for word in ("oneOf", "anyOf") for part in inner.get(word, ())]
            if parts:
                for part in parts:
                    yield from self.alternatives(part)
            else:
                yield name
        for word in ("oneOf", "anyOf"):
            for part in schema.get(word, ()):
                yield from self.alternatives(part)

    def types(self, schema: Schema, operation: str) -> dict[str, list[str]]:
        """Return the components of a body by the type of the object; one without types has an empty name.

        A body that is described in place becomes a component with the name of its operation.
        """
        types: dict[str, list[str]] = {}
        names = list(dict.fromkeys(self.alternatives(schema)))
        if "properties" in schema:
            self.schemas = {**self.schemas, operation: schema}
            names = [operation]
        for name in names:
            self.add(name)
            for label in self.labels(name) if len(names) > 1 else [""]:
                types.setdefault(label, []).append(name)
        return types

    def labels(self, name: str) -> list[str]:
        """Return the types that a component is for: `http`, `password_based:mysql`."""
        properties = self.schemas[name].get("properties", {})
        for fields in DISCRIMINATORS:
            values = [properties.get(field, {}).get("enum") for field in fields]
            if values[0]:
                return [
                    ":".join(map(str, [first, *(value[0] for value in values[1:] if value)]))
                    for first in values[0]
                ]
        return [""]

    def add(self, name: str) -> None:
        """Condense a component and those that it refers to."""
        if name in self.components or name not in self.schemas:
            return
        fields = self.components[name] = {}
        schema = self.schemas[name]
        required = set(schema.get("required") or ())
        for field, described in schema.get("properties", {}).items():
            if described.get("deprecated") is not True and described.get("readOnly") is not True:
                fields[field] = self.condense(described, required=field in required)

    def condense(self, schema: Schema, *, required: bool = False) -> dict[str, Any]:
        """Return a field: type, default, required, secret, values, minimum, components, text."""
        names = list(dict.fromkeys(self.alternatives(schema)))
        for name in names:
            self.add(name)
        names = [name for name in names if self.components.get(name)]
        items = schema.get("items")
        field: dict[str, Any] = {"type": "object" if names else type_name(schema)}
        if items:
            inner = self.condense(items)
            field = {"type": f"list of {inner['type']}"}
            names = inner.get("of", [])
            schema = {**schema, "enum": inner.get("values", ())}
        default = schema.get("default")
        if default is not None and default != "" and len(json.dumps(default)) <= MAX_DEFAULT and not names:
            field["default"] = default
        text = shorten(str(schema.get("description", "")))
        extra = {
            "required": required,
            "secret": schema.get("format") == "password",
            "values": list(schema.get("enum") or ()),
            "min": schema.get("minimum"),
            "max": schema.get("maximum"),
            "of": names,
            "text": text,
        }
        return field | {key: value for key, value in extra.items() if value not in (None, False, "", [])}


def type_name(schema: Schema) -> str:
    """Return the type of a plain field; durations and sizes are texts whose example shows it."""
    parts = [*schema.get("oneOf", ()), *schema.get("anyOf", ())]
    if parts:
        return " or ".join(dict.fromkeys(type_name(part) for part in parts))
    name = schema.get("type", "")
    if schema.get("enum"):
        return "enum"
    sample = str(schema.get("example") or schema.get("default") or "")
    if name == "string" and DURATION.fullmatch(sample):
        return "duration"
    if name == "string" and SIZE.fullmatch(sample):
        return "size"
    return TYPE_NAMES.get(name, name or "any")


def shorten(text: str) -> str:
    """Return the first sentence of a description, without markup."""
    plain = re.sub(r"<br\s*/?>", " ", text)
    plain = re.sub(r"<[^>]*>|[`*]", "", plain)
    plain = " ".join(plain.split())
    sentence = re.split(r"(?<=[a-z0-9)])\.(?:\s|$)", plain, maxsplit=1)[0].strip().rstrip(".:")
    if len(sentence) > MAX_TEXT:
        sentence = sentence[:MAX_TEXT].rpartition(" ")[0] + " ..."
    return sentence if sentence.isprintable() else ""


@cache
def find_operations() -> dict[str, list[str]]:
    """Return the operations that write the objects of each group of commands, the one of `create` first."""
    operations: dict[str, list[str]] = {}
    for path, command in walk_commands(build_root()):
        *group, verb = path.split()[1:]
        if verb in VERBS and group:
            calls = [call for call in command.spec.calls if call.startswith(("POST ", "PUT "))]
            operations.setdefault(" ".join(group), []).extend(calls)
    return operations


def build_facts(folder: Path) -> dict[str, Any]:
    """Return the facts: for each kind its document and components by type, and the components."""
    condensers = [Condenser(folder, name) for name in DOCUMENTS]
    kinds: dict[str, Any] = {}
    for kind, operations in find_operations().items():
        for condenser in condensers:
            types = find_types(condenser, kind, operations)
            if types:
                kinds[kind] = {"document": condenser.name, "types": types}
                break
    components = {c.name: used_components(c, kinds) for c in condensers}
    return {"kinds": kinds, "components": {name: value for name, value in components.items() if value}}


def used_components(condenser: Condenser, kinds: Mapping[str, Any]) -> dict[str, Any]:
    """Return the components of a document that the kinds described by it need."""
    used: dict[str, Any] = {}
    todo = [
        name
        for facts in kinds.values()
        if facts["document"] == condenser.name
        for names in facts["types"].values()
        for name in names
    ]
    while todo:
        name = todo.pop()
        if name not in used:
            used[name] = condenser.components.get(name, {})
            todo += [inner for field in used[name].values() for inner in field.get("of", ())]
    return dict(sorted(used.items()))


def find_types(condenser: Condenser, kind: str, operations: list[str]) -> dict[str, list[str]]:
    """Return the components of a kind by type; configuration roots are the types of `configs`."""
    types: dict[str, list[str]] = {}
    for operation in operations:
        schema = condenser.find_body(operation)
        types_of_body = condenser.types(schema, operation) if schema else {}
        if kind == "configs" and types_of_body:
            types |= {
                operation.rpartition("/")[2]: names
                for names in types_of_body.values()
                if "{" not in operation
            }
        elif types_of_body and any(types_of_body.values()):
            return types_of_body
    if kind == "configs" and "global_zone" in types:
        for name in types["global_zone"]:
            fields = condenser.components[name].items()
            types |= {root: field["of"] for root, field in fields if field.get("of")}
    return {
        name: names
        for name, names in types.items()
        if any(condenser.components.get(name_of_type) for name_of_type in names)
    }


def format_facts(facts: Mapping[str, Any]) -> str:
    """Format the facts with one line for each kind, field and component; equal fields are written once."""
    fields: dict[str, int] = {}
    documents = []
    for name, components in facts["components"].items():
        numbered = {
            component: {field: fields.setdefault(dump(value), len(fields)) for field, value in body.items()}
            for component, body in components.items()
        }
        inner = ",\n".join(f"{dump(key)}: {dump(value)}" for key, value in numbered.items())
        documents.append(f"{dump(name)}: {{\n{inner}\n}}")
    kinds = ",\n".join(f"{dump(key)}: {dump(value)}" for key, value in facts["kinds"].items())
    lines = ['{"kinds": {', kinds, '}, "fields": [', ",\n".join(fields), '], "components": {']
    return "\n".join([*lines, ",\n".join(documents), "}}"]) + "\n"


def dump(value: object) -> str:
    """Format JSON without spaces."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


if __name__ == "__main__":
    FILE.write_text(format_facts(build_facts(Path(sys.argv[1]))), "utf-8")
