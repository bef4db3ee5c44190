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
    facts, fields = load_facts(), {}
    for name in names:
        for field, index in facts["components"].get(document, {}).get(name, {}).items():
            if field not in fields:
                fields[field] = parse_field(document, facts["fields"][index], is_only=len(names) == 1)
    return fields


def parse_field(document: str, facts: Mapping[str, Any], *, is_only: bool) -> BodyField:
    """Return a field; one of several alternatives is not required."""
    names = tuple(facts.get("of", ()))
    return BodyField(
        facts["type"],
        default=facts.get("default"),
        required=is_only and facts.get("required", False),
        secret=facts.get("secret", False),
        values=tuple(map(str, facts.get("values", ()))),
        minimum=facts.get("min"),
        maximum=facts.get("max"),
        text=facts.get("text", ""),
        read_fields=lambda: read_components(document, names),
        read_variants=lambda: [read_components(document, [name]) for name in names],
    )


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
