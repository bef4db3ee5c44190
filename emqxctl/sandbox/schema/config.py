"""Schemas of the configuration roots: known fields, and types that follow from the defaults."""

import copy
import re
from functools import cache

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.fields import Field, abridge, build_check, check_struct, without_none
from emqxctl.sandbox.schema.types import (
    DURATION,
    PERCENTAGE,
    Check,
    InvalidError,
    check_any,
    check_array,
    check_boolean,
    check_duration,
    check_percentage,
    check_size,
    check_text,
)

PATTERNS = ((DURATION, check_duration), (r"\d+(?:[KMG]B|B)", check_size), (PERCENTAGE, check_percentage))


@cache
def check_of(path: str) -> Check | None:
    """Return the check that a path has of its own, where its default does not say it all."""
    kind = read_table("config_types")["types"].get(path)
    return build_check(kind) if kind else None


def check_like(default: Json, path: str) -> Check:
    """Return the check of a field by its path, or by its default."""
    if own := check_of(path):
        return own
    match default:
        case dict():
            return lambda value, where: check_known(default, value, path, where)
        case bool():
            return check_boolean
        case list():
            return check_array
        case str():
            checks = (check for pattern, check in PATTERNS if re.fullmatch(pattern, default))
            return next(checks, check_text_or_other)
    return check_any


def check_text_or_other(value: Json, path: str) -> Json:
    """Accept text; other values that EMQX accepts, such as a number or a union, are accepted too."""
    return check_text(value, path) if isinstance(value, str) else value


def check_known(defaults: Row, value: Json, path: str, where: str) -> Row:
    """Check the fields of an object that has defaults; what is not given keeps its default.

    `path` is that from the root, `where` that of EMQX's errors. Raises InvalidError with the first error.
    """
    fields = [Field(name, check_like(default, f"{path}.{name}")) for name, default in defaults.items()]
    fields += [
        Field(name, check_any) for name in read_table("config_types")["without_default"].get(path, "").split()
    ]
    errors: list[Row] = []
    checked = check_struct(fields, value, where, errors)
    if errors:
        raise InvalidError(**abridge(errors[0]))
    return {**copy.deepcopy(defaults), **without_none(checked)}


def check_root(root: str, value: Json, where: str = "root") -> Row:
    """Check a whole root. Raises InvalidError."""
    return check_known(read_table("config_defaults")[root], value, root, where)
