"""The fields of what create and update send: types, defaults, secrets and meaning, known without a server.

Facts from EMQX's OpenAPI documents, in body_fields.json; `tests/support/body_schemas.py` writes them.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

MAX_DEPTH = 6  # of nested objects; some contain themselves


class BodyField(NamedTuple):
    """One field: `type` is `duration`, `object`, `list of string` ...; `read_fields` returns nested fields.

    `read_variants` returns the nested fields of each variant that the object can have.

    `default` is None if there is none; `values` are the only valid ones; `text` is the meaning.
    """

    type: str
    default: Any = None
    required: bool = False
    secret: bool = False
    values: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    text: str = ""
    read_fields: Callable[[], "Fields"] = dict
    read_variants: Callable[[], "Sequence[Fields]"] = tuple


Fields = Mapping[str, BodyField]


@cache
def load_facts() -> Any:  # noqa: ANN401  # JSON
    """Return the facts: kinds with their components by type, all fields, the fields of each component."""
    from importlib.resources import files

    return json.loads(files("emqxctl.emqx").joinpath("body_fields.json").read_text("utf-8"))


def list_kinds() -> list[str]:
    """Return the kinds that have facts, named as their command group: `connectors`, `retained config`."""
    return sorted(load_facts()["kinds"])


def list_types(kind: str) -> list[str]:
    """Return the types of a kind, such as `http`; empty for a kind without types."""
    types = load_facts()["kinds"].get(kind, {}).get("types", {})
    return sorted(name for name in types if name)


def get_release(kind: str) -> str:
    """Return the EMQX release whose document describes a kind: `6.2.2`."""
    return str(load_facts()["kinds"][kind]["document"]).partition("-")[0]


def read_body_fields(kind: str, type_name: str = "") -> Fields:
    """Return the fields of a kind's body; empty for an unknown kind or type."""
    facts = load_facts()["kinds"].get(kind, {})
    return read_components(facts.get("document", ""), tuple(facts.get("types", {}).get(type_name, ())))


def read_variants(kind: str, type_name: str) -> list[Fields]:
    """Return the fields of each variant of a kind's body; empty for an unknown kind or type."""
    facts = load_facts()["kinds"].get(kind, {})
    names = facts.get("types", {}).get(type_name, ())
    return [read_components(facts["document"], [name]) for name in names]


def read_components(document: str, names: Sequence[str]) -> Fields:
    """Return the fields of components; of several, which are alternatives, those that any has."""
    facts = load_facts()
    components = [facts["components"].get(document, {}).get(name, {}) for name in names]
    fields = {name: None for component in components for name in component}
    return {
        name: merge_alternatives(
            [
                parse_field(document, facts["fields"][part[name]]) if name in part else None
                for part in components
            ]
        )
        for name in fields
    }


def merge_alternatives(alternatives: Sequence[BodyField | None]) -> BodyField:
    """Return one field for what alternatives say of it, None for one without it.

    Its values are those of all; it is required if all require it and have no default; a default that differs
    is omitted. An object is not required: EMQX accepts a queue without `limits` (6.2.2).
    """
    fields = [field for field in alternatives if field is not None]
    if len(alternatives) == 1:
        return fields[0]
    first = next((field for field in fields if not field.values), fields[0])
    all_values = dict.fromkeys(value for field in fields for value in field.values)
    values = tuple(all_values) if first.values else ()
    is_boolean = set(values) == {"false", "true"}
    has_same_default = all(field.default == first.default for field in fields)
    is_required = len(fields) == len(alternatives) and all(
        field.required and field.default is None and field.type != "object" for field in fields
    )
    return first._replace(
        type="boolean" if is_boolean else first.type,
        default=first.default if has_same_default else None,
        required=is_required,
        values=() if is_boolean else values,
    )


def parse_field(document: str, facts: Mapping[str, Any]) -> BodyField:
    """Return a field of one component."""
    names = tuple(facts.get("of", ()))
    return BodyField(
        facts["type"],
        default=facts.get("default"),
        required=facts.get("required", False),
        secret=facts.get("secret", False),
        values=tuple(map(format_allowed_value, facts.get("values", ()))),
        minimum=facts.get("min"),
        maximum=facts.get("max"),
        text=facts.get("text", ""),
        read_fields=lambda: read_components(document, names),
        read_variants=lambda: [read_components(document, [name]) for name in names],
    )


def format_allowed_value(value: object) -> str:
    """Format a value of an enumeration as a body has it: `false`, `http`."""
    return value if isinstance(value, str) else json.dumps(value)


def find_field(fields: Fields, path: Sequence[str]) -> BodyField | None:
    """Return the field at a path, such as `("resource_opts", "query_mode")`; None if there is none."""
    field: BodyField | None = None
    for name in path:
        field = fields.get(name)
        if field is None:
            return None
        fields = field.read_fields()
    return field


def flatten_fields(fields: Fields, prefix: str = "", depth: int = MAX_DEPTH) -> dict[str, BodyField]:
    """Return all fields with the nested ones by their dotted names, each object before its fields."""
    result: dict[str, BodyField] = {}
    for name, field in fields.items():
        result[f"{prefix}{name}"] = field
        if depth > 1:
            result |= flatten_fields(field.read_fields(), f"{prefix}{name}.", depth - 1)
    return result


def find_type(kind: str, key: str, body: Mapping[str, Any]) -> str:
    """Return the type of an object from its key `http:a` or its body; empty if it is not known."""
    types = list_types(kind)
    names = [key, key.partition(":")[0], f"{body.get('mechanism')}:{body.get('backend')}"]
    names += [str(body.get(field)) for field in ("mechanism", "type", "name", "backend")]
    return next((name for name in names if name in types), "")
