"""Bodies of new connectors: the fields that a type requires, and the variant that the others imply. Pure.

Facts from EMQX's OpenAPI document (body_fields.json). What 6.2.2 requires, the earlier releases with the type
require too; a body with a field that the facts do not have is neither completed nor checked.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from emqxctl.emqx.body_fields import Fields, format_allowed_value, read_variants

BOOLEANS = {"true": True, "false": False}


class MissingField(NamedTuple):
    """A required field that a body lacks: its path, `parameters.server`, and its values if they are fixed."""

    path: str
    values: tuple[str, ...] = ()


class Completion(NamedTuple):
    """A completed body, and what it still lacks."""

    body: dict[str, Any]
    missing: list[MissingField]


def complete_connector(body: Mapping[str, Any]) -> Completion:
    """Complete the body of a connector with the fields whose value follows from the others.

    `redis_type` is `single` with `server`; an object without required fields is sent empty.
    """
    return complete_object(read_variants("connectors", str(body.get("type"))), body)


def complete_object(variants: Sequence[Fields], body: Mapping[str, Any], prefix: str = "") -> Completion:
    """Complete an object that has one of several variants, by the only one that has all its fields.

    If several have them, the field that selects one is missing, or else what the shortest one lacks. At the
    top of a body EMQX has a default for that field.
    """
    candidates = [fields for fields in variants if is_possible(fields, body)]
    if not candidates:
        return Completion(dict(body), [])
    if len(candidates) > 1 and prefix and (selectors := list_selectors(candidates)):
        fields = [MissingField(prefix + name, values) for name, values in selectors.items()]
        return Completion(dict(body), fields)
    constants: dict[str, Any] = {}
    if len(candidates) == 1 < len(variants):
        constants = select_constants(candidates[0], body, is_nested=bool(prefix))
    completions = [complete_fields(fields, {**body, **constants}, prefix) for fields in candidates]
    return min(completions, key=lambda completion: len(completion.missing))


def is_possible(fields: Fields, body: Mapping[str, Any]) -> bool:
    """Return whether a variant has all fields of an object, and their values."""
    return all(
        name in fields and (not fields[name].values or format_allowed_value(value) in fields[name].values)
        for name, value in body.items()
    )


def list_selectors(candidates: Sequence[Fields]) -> dict[str, tuple[str, ...]]:
    """Return the fields with another single value in each variant, and these values."""
    selectors = {}
    for name in candidates[0]:
        values = [fields[name].values if name in fields else () for fields in candidates]
        if all(len(value) == 1 for value in values) and len(set(values)) == len(values):
            selectors[name] = tuple(sorted(value[0] for value in values))
    return selectors


def select_constants(fields: Fields, body: Mapping[str, Any], *, is_nested: bool) -> dict[str, Any]:
    """Return the fields with a single value that a variant of several needs.

    At the top of a body EMQX adds a default itself; inside, it cannot select the variant without the field.
    """
    return {
        name: BOOLEANS.get(field.values[0], field.values[0])
        for name, field in fields.items()
        if len(field.values) == 1 and name not in body and (is_nested or field.default != field.values[0])
    }


def complete_fields(fields: Fields, body: Mapping[str, Any], prefix: str) -> Completion:
    """Complete the objects in an object of one variant, and list the required fields that it lacks."""
    completed, missing = dict(body), list[MissingField]()
    for name, field in fields.items():
        variants = field.read_variants()
        if not variants:
            if field.required and field.default is None and name not in body:
                missing.append(MissingField(prefix + name, field.values))
        elif isinstance(body.get(name), dict) or (field.required and name not in body):
            completion = complete_object(variants, body.get(name, {}), f"{prefix}{name}.")
            missing += completion.missing
            if name in body or not completion.missing:
                completed[name] = completion.body or default_object(variants[0])
    return Completion(completed, missing)


def default_object(fields: Fields) -> dict[str, Any]:
    """Return an object with the fields that have a single value, such as `enable` of TLS that is required."""
    return select_constants(fields, {}, is_nested=True)
