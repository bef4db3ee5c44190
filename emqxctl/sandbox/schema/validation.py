"""EMQX's checks of queries and bodies, with the texts of its errors."""

from dataclasses import dataclass

from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.fields import Field, build_check, check_field, check_struct, fields_of
from emqxctl.sandbox.schema.refusals import bad_request, refuse_with
from emqxctl.sandbox.schema.types import Check, InvalidError, invalid_value


@dataclass(frozen=True)
class Body:
    """The schema of a JSON body: the fields of an object, or of each object of an array.

    `schema` is fields or the name of a schema in `data/schemas.json`. `loose` is for the schemas that EMQX
    checks field by field: their paths lack the `root.`, and unknown fields pass.
    """

    schema: str | tuple[Field, ...] = ()
    array: bool = False
    element: str = ""  # the type of the elements of an array that are no objects
    loose: bool = False
    raw: bool = False  # any JSON value but a string

    @property
    def fields(self) -> tuple[Field, ...]:
        """Return the fields, read from the table when first used."""
        return fields_of(self.schema) if isinstance(self.schema, str) else self.schema


def check_query(fields: tuple[Field, ...], pairs: list[tuple[str, str]]) -> Row:
    """Check the known parameters and drop all others.

    Raises EarlyResponse (400 BAD_REQUEST) at the first error.
    """
    values: Row = {}
    for field in fields:
        texts = [value for name, value in pairs if name == field.name]
        try:
            if field.single and len(texts) > 1:
                raise invalid_value(texts, "converter_crashed", field.name)
            if not texts:
                values[field.name] = [] if field.many else field.default
            elif field.many:
                values[field.name] = [
                    field.check(value, f"{field.name}.{at}") for at, value in enumerate(texts, 1)
                ]
            else:
                values[field.name] = field.check(texts[-1], field.name)
        except InvalidError as invalid:
            raise bad_request(invalid.details) from None
    return values


def check_parameter(check: Check, value: str, name: str) -> Json:
    """Check one parameter of a path. Raises EarlyResponse (400)."""
    try:
        return check(value, name)
    except InvalidError as invalid:
        raise bad_request(invalid.details) from None


def check_body(schema: Body, body: Json) -> Json:
    """Check a decoded body. Raises EarlyResponse (400 BAD_REQUEST, or 415 for a JSON string)."""
    if isinstance(body, str):
        refuse_with(415, "UNSUPPORTED_MEDIA_TYPE", "content-type:application/json Required")
    if schema.raw:
        return body
    errors: list[Row] = []
    if schema.array:
        checked = check_array_body(schema, body, errors)
    elif schema.loose:
        checked = check_loosely(schema, body)
    else:
        checked = check_struct(schema.fields, body, "root", errors)
    if errors:
        raise bad_request(errors if len(errors) > 1 else errors[0])
    return checked


def check_array_body(schema: Body, body: Json, errors: list[Row]) -> Json:
    """Check an array and each of its elements; element paths count from 1."""
    if isinstance(body, dict) and body:
        errors.append({"path": "root", "kind": "validation_error", "bad_array_index_keys": list(body)})
        return []
    if not isinstance(body, list):
        return []
    checked = []
    for at, value in enumerate(body, 1):
        if not schema.element:
            checked.append(check_struct(schema.fields, value, f"root.{at}", errors))
            if not isinstance(value, dict):
                break  # EMQX checks nothing more then
            continue
        try:
            checked.append(build_check(schema.element)(value, f"root.{at}"))
        except InvalidError as invalid:
            errors.append(invalid.details)
    return checked


def check_loosely(schema: Body, body: Json) -> Row:
    """Check field by field, stopping at the first error; unknown fields are kept."""
    values = body if isinstance(body, dict) else {}
    checked = dict(values)
    for field in schema.fields:
        try:
            checked[field.name] = check_field(field, values, "")
        except InvalidError as invalid:
            raise bad_request(invalid.details) from None
    return checked
