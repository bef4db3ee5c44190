"""One comparison for all: only what a file states, by meaning; and the body that an update sends."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from emqxctl.declarative.documents import Json, Path, Variable
from emqxctl.declarative.kind import Kind
from emqxctl.declarative.secrets import MASK, is_secret_position
from emqxctl.declarative.server_schemas import MISSING, Shape
from emqxctl.emqx.setting_values import is_empty, same_certificate, same_value

ABSENT = MISSING


class Difference(NamedTuple):
    """A field that is stated otherwise than it is; ABSENT on either side for a field that is not there."""

    path: Path
    before: Json
    after: Json
    secret: bool = False


@dataclass
class Comparison:
    """What came out of a comparison: differences, and positions that cannot be compared (masked secrets)."""

    differences: list[Difference] = field(default_factory=list)
    hidden: list[Path] = field(default_factory=list)


class Comparer:
    """Compares what a file states with what a server has, for one object."""

    def __init__(self, kind: Kind, shape: Shape | None = None) -> None:
        """Use the facts of a kind and the server's description of the object, where there is one."""
        self.kind = kind
        self.shape = shape

    def compare(self, stated: Json, actual: Json) -> Comparison:
        """Compare a body that a file states with the object on the server."""
        result = Comparison()
        self.walk(stated, actual, self.shape, (), result)
        return result

    def is_same(self, value: Json, other: Json, path: Path = ()) -> bool:
        """Return whether two values at a path mean the same."""
        result = Comparison()
        shape = self.shape
        for step in path:
            shape = shape.field(step) if shape else None
        self.walk(value, other, shape, path, result)
        return not result.differences

    def walk(self, stated: Json, actual: Json, shape: Shape | None, path: Path, result: Comparison) -> None:
        """Compare one value and all below it."""
        if actual is ABSENT:
            self.compare_absent(stated, shape, path, result)
        elif stated is None:
            self.compare_unset(actual, shape, path, result)
        elif isinstance(stated, dict) and isinstance(actual, dict):
            for name, value in stated.items():
                below = shape.field(name) if shape else None
                self.walk(value, actual.get(name, ABSENT), below, (*path, name), result)
        elif isinstance(stated, list) and isinstance(actual, list) and len(stated) == len(actual):
            for index, (value, other) in enumerate(zip(stated, actual, strict=True)):
                self.walk(value, other, shape.field(index) if shape else None, (*path, index), result)
        else:
            self.compare_scalar(stated, actual, shape, path, result)

    def compare_scalar(
        self, stated: Json, actual: Json, shape: Shape | None, path: Path, result: Comparison
    ) -> None:
        """Compare two values that are not both objects; a mask on the server's side cannot be compared."""
        if stated == MASK:
            return
        if actual == MASK or is_missing(stated):
            result.hidden.append(path)
            return
        type_name = shape.type_name if shape else ""
        field_name = next((str(step) for step in reversed(path) if isinstance(step, str)), "")
        equal = same_value(stated, actual, type_name, field_name) or same_certificate(stated, actual)
        if not equal and not (is_empty(stated) and is_empty(actual)):
            result.differences.append(self.difference(path, actual, stated, shape))

    def compare_absent(self, stated: Json, shape: Shape | None, path: Path, result: Comparison) -> None:
        """Compare a value with a field that the server does not have: the default counts, absent is empty."""
        default = self.default_at(path, shape)
        if is_empty(stated) and not is_missing(stated):
            return
        if default is not ABSENT:
            inner = Comparison()
            self.walk(stated, default, shape, path, inner)
            if not inner.differences:
                return
        result.differences.append(self.difference(path, ABSENT, stated, shape))

    def compare_unset(self, actual: Json, shape: Shape | None, path: Path, result: Comparison) -> None:
        """Compare a null, which means the server's default; without a known default it is equal."""
        default = self.default_at(path, shape)
        if default is not ABSENT and not is_empty(actual) and not self.is_same(default, actual, path):
            result.differences.append(self.difference(path, actual, None, shape))

    def default_at(self, path: Path, shape: Shape | None) -> Json:
        """Return the default of a field: the server's, else that of our table, else ABSENT."""
        if shape and shape.default is not MISSING:
            return shape.default
        default: Json = self.kind.defaults or {}
        for step in path:
            if not isinstance(default, Mapping) or step not in default:
                return ABSENT
            default = default[step]
        return default if path else ABSENT

    def difference(self, path: Path, before: Json, after: Json, shape: Shape | None) -> Difference:
        """Build a difference; it is secret where either side or the server's schema says so."""
        secret = bool(shape and shape.is_secret) or any(
            is_secret_position(path, value, self.kind.secrets)
            for value in (before, after)
            if value is not ABSENT
        )
        return Difference(path, before, after, secret)


def is_missing(value: Json) -> bool:
    """Return whether a value is a variable that is not set."""
    return isinstance(value, Variable) and value.missing


def own_fields(kind: Kind, actual: Mapping[str, Json], shape: Shape | None) -> dict[str, Json]:
    """Return an object without what the server adds: the fields of its schema, else all but our table's."""
    if kind.normalize:
        actual = kind.normalize(dict(actual))
    if shape and shape.fields and kind.schema[0] != "hotconf":
        return {
            name: value for name, value in actual.items() if name in shape.fields and name not in kind.key
        }
    return {name: value for name, value in actual.items() if name not in kind.added and name not in kind.key}


def merge(actual: Json, stated: Json, comparer: Comparer, path: Path = ()) -> Json:
    """Put what a file states on top of an object; a null takes a field out, lists are the file's."""
    if isinstance(stated, dict) and isinstance(actual, dict):
        merged = {
            name: value for name, value in actual.items() if name not in stated or stated[name] is not None
        }
        for name, value in stated.items():
            if value is not None:
                merged[name] = merge(actual.get(name), value, comparer, (*path, name))
        return merged
    if isinstance(stated, list) and isinstance(actual, list):
        return merge_list(actual, stated, comparer, path)
    if actual == MASK or isinstance(stated, Variable | dict | list):
        return without_nulls(stated)
    return actual if actual is not None and comparer.is_same(stated, actual, path) else stated


def merge_list(actual: list[Json], stated: list[Json], comparer: Comparer, path: Path) -> list[Json]:
    """Merge lists: an equal element is the server's, whole; an element changed in its place is merged."""
    free = list(range(len(actual)))
    matched: dict[int, int] = {}
    for index, value in enumerate(stated):
        same = [at for at in free if comparer.is_same(value, actual[at], (*path, 0))]
        if same:
            matched[index] = index if index in same else same[0]
            free.remove(matched[index])
    result = []
    for index, value in enumerate(stated):
        at = matched.get(index, index if index in free and len(stated) == len(actual) else None)
        result.append(without_nulls(value) if at is None else merge(actual[at], value, comparer, (*path, 0)))
    return result


def without_nulls(value: Json) -> Json:
    """Return a value without the fields that are null: they are left to the server's default."""
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def remove_paths(body: Json, paths: Iterable[Path]) -> Json:
    """Return a copy of a body without the fields at these paths."""
    for path in paths:
        body = remove_path(body, path)
    return body


def remove_path(body: Json, path: Path) -> Json:
    """Return a copy of a body without one field."""
    if not path or not isinstance(body, dict) or path[0] not in body:
        return body
    if len(path) == 1:
        return {name: value for name, value in body.items() if name != path[0]}
    return {**body, path[0]: remove_path(body[path[0]], path[1:])}
