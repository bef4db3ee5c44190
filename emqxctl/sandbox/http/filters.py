"""The filters of a query over objects: one value, one of several, a part of a text, a range of time."""

from collections.abc import Callable, Iterable, Mapping
from math import inf
from typing import Any, TypeVar

from emqxctl.sandbox.messages import Row

Value = TypeVar("Value")
Readers = Mapping[str, Callable[[Value], Any]]
Filter = Callable[[Value], bool]


def exact_filters(query: Row, readers: Readers[Value]) -> list[Filter[Value]]:
    """Return the filters by one value, or by one of those that a repeated parameter gives."""

    def build(read: Callable[[Value], Any], wanted: Any) -> Filter[Value]:  # noqa: ANN401 - a checked value
        if isinstance(wanted, list):
            return lambda value: read(value) in wanted
        return lambda value: read(value) == wanted

    return [build(read, query[name]) for name, read in readers.items() if query[name] not in (None, [])]


def fuzzy_filters(query: Row, readers: Readers[Value]) -> list[Filter[Value]]:
    """Return the filters by a part of a text, whose parameters begin with `like_`."""

    def build(read: Callable[[Value], Any], part: str) -> Filter[Value]:
        return lambda value: part in (read(value) or "")

    return [build(read, query[f"like_{name}"]) for name, read in readers.items() if query[f"like_{name}"]]


def range_filters(query: Row, readers: Readers[Value]) -> list[Filter[Value]]:
    """Return the filters by a range, whose bounds begin with `gte_` and `lte_`."""

    def build(read: Callable[[Value], Any], low: float | None, high: float | None) -> Filter[Value]:
        first, last = -inf if low is None else low, inf if high is None else high
        return lambda value: first <= read(value) <= last

    bounds = {name: (query[f"gte_{name}"], query[f"lte_{name}"]) for name in readers}
    return [build(readers[name], *pair) for name, pair in bounds.items() if pair != (None, None)]


def select(values: Iterable[Value], filters: list[Filter[Value]]) -> list[Value]:
    """Return the values that pass every filter."""
    return [value for value in values if all(passes(value) for passes in filters)]
