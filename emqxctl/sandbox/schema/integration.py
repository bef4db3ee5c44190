"""Schemas of connectors, actions and sources, of the two types that the community edition has."""

import copy
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.fields import Field, abridge, check_struct, fields_of, without_none
from emqxctl.sandbox.schema.refusals import bad_request, refuse_with
from emqxctl.sandbox.schema.types import RESOURCE_NAME, bad_resource_name, check_text, union_mismatch

Key = tuple[str, str]  # type and name
IDENTITY = (Field("type", check_text, required=True), Field("name", check_text, required=True))


@dataclass(frozen=True)
class Schema:
    """The schema of one type: its name in `data/schemas.json`, and what EMQX calls its creation."""

    name: str
    created_as: str

    @property
    def fields(self) -> tuple[Field, ...]:
        """Return the fields."""
        return fields_of(self.name)


CONNECTORS, ACTIONS, SOURCES = (
    {kind: Schema(f"{family}:{kind}", created_as) for kind, created_as in types.items()}
    for family, types in read_table("rows")["integration_types"].items()
)


def apply_defaults(fields: Iterable[Field], body: Json, matched: str = "") -> Row:
    """Check a body against its schema and fill in the defaults. Raises EarlyResponse (400) with all errors.

    `matched` is the type that a union was narrowed to; EMQX words errors otherwise then.
    """
    errors: list[Row] = []
    checked = check_struct(fields, body, "root", errors)
    if not errors:
        return copy.deepcopy(without_none(checked))
    details = [abridge(error) for error in errors]
    if matched and len(details) > 1:
        shared: Row = {"path": "root", "matched_type": matched, "kind": "validation_error"}
        raise bad_request({**shared, "errors": details})
    if matched:
        kind = details[0].pop("kind")
        raise bad_request({**details[0], "matched_type": matched, "kind": kind})
    raise bad_request(details[0] if len(details) == 1 else details)


def check_new(schemas: dict[str, Schema], body: Json, word: str, more: Iterable[Field] = ()) -> Row:
    """Check the body of a creation, whose `type` names its schema; `word` is "connector" or "bridge".

    Raises EarlyResponse (400).
    """
    fields = body if isinstance(body, dict) else {}
    kind = fields.get("type")
    if kind is None:
        mismatches = {schema.created_as: mismatch_of(schema, fields) for schema in schemas.values()}
        raise bad_request(union_mismatch("root", mismatches))
    if kind not in schemas:
        unknown: Row = {"value": kind, "reason": f"unknown {word} type", "path": "root"}
        raise bad_request({**unknown, "kind": "validation_error", "field_name": "type"})
    return apply_defaults((*IDENTITY, *schemas[kind].fields, *more), body, schemas[kind].created_as)


def mismatch_of(schema: Schema, body: Row) -> Json:
    """Return why a body is not of one type: one error, or the list of them."""
    errors: list[Row] = []
    check_struct((*IDENTITY, *schema.fields), body, "root", errors)
    return errors[0] if len(errors) == 1 else [abridge(error) for error in errors]


def check_name(name: str) -> None:
    """Refuse a name that would make a bad id. Raises EarlyResponse (400)."""
    if not re.fullmatch(RESOURCE_NAME, name):
        raise bad_request(bad_resource_name(name))


def check_url(config: Row) -> None:
    """Refuse a URL that names no scheme. Raises EarlyResponse (400)."""
    url = config.get("url")
    if url is not None and not urlsplit(url).scheme:
        raise bad_request({"reason": f"Missing scheme in URL: {url}", "kind": "validation_error"})


def parse_id(identifier: str, word: str = "bridge ID") -> tuple[str, str]:
    """Split an id into type and name; `word` is what EMQX calls the id. Raises EarlyResponse (404)."""
    kind, *names = identifier.split(":")
    reason = ""
    if len(names) != 1:
        reason = f"should be of pattern {{type}}:{{name}}, but got: {identifier}"
    elif not re.fullmatch(RESOURCE_NAME, names[0]):
        reason = bad_resource_name(names[0])["reason"]
    if reason:
        refuse_with(404, "NOT_FOUND", f"Invalid {word}, {reason}")
    return kind, names[0]
