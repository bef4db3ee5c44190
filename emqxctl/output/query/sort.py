"""`--sort`: rows in the order of their fields, of any type."""

from collections.abc import Callable, Iterable, Sequence
from math import isnan
from typing import Self

from emqxctl.output.formats.json import format_compact
from emqxctl.output.query.fields import FieldReader, make_field_reader
from emqxctl.output.query.where import make_natural_key, parse_number, parse_timestamp
from emqxctl.output.results import Row
from emqxctl.output.view import SortKey

# Types of values in their order; null and missing fields come last in both directions.
NUMBERS, TIMES, TEXTS, OTHERS = range(4)
Rank = tuple[int, float | str]


def rank_value(value: object) -> Rank | None:
    """Return a value's rank: numbers and sizes, times, text (natural order), the rest; None for null."""
    match value:
        case None:
            return None
        case bool() | int() | float():
            return None if isnan(value) else (NUMBERS, value)
        case str():
            parsed_number = parse_number(value)
            if parsed_number is not None:
                return NUMBERS, parsed_number
            timestamp = parse_timestamp(value)
            return (TEXTS, make_natural_key(value)) if timestamp is None else (TIMES, timestamp)
        case _:
            return OTHERS, format_compact(value)


class DescendingRank:
    """A rank that sorts in reverse order."""

    __slots__ = ("rank",)

    def __init__(self, rank: Rank) -> None:
        """Wrap a rank."""
        self.rank = rank

    def __lt__(self, other: Self) -> bool:
        """Return whether the other rank is lower."""
        return other.rank < self.rank

    def __eq__(self, other: object) -> bool:
        """Return whether the ranks are equal, so that the next key decides."""
        return isinstance(other, DescendingRank) and other.rank == self.rank

    def __hash__(self) -> int:
        """Return a hash that agrees with equality."""
        return hash(self.rank)


def sort_rows(rows: Iterable[Row], keys: Sequence[SortKey], limit: int | None = None) -> list[Row]:
    """Return sorted rows, equal ones in their original order; at most `limit` are kept in memory."""
    if limit is None:
        return sort_all_rows(rows, keys)
    from heapq import nsmallest

    key_functions = [make_sort_key(key) for key in keys]
    return nsmallest(limit, rows, key=lambda row: [make_key(row) for make_key in key_functions])


def sort_all_rows(rows: Iterable[Row], keys: Sequence[SortKey]) -> list[Row]:
    """Return all rows sorted, last key first: each pass is stable and compares tuples in C."""
    ordered = list(rows)
    for key in reversed(keys):
        ordered.sort(key=make_pass_key(make_field_reader(key.field), key.descending), reverse=key.descending)
    return ordered


def make_pass_key(read: FieldReader, descending: bool) -> Callable[[Row], tuple[bool, Rank]]:
    """Return the key function of one pass; the first part keeps nulls last in both directions."""

    def make_key(row: Row) -> tuple[bool, Rank]:
        value_rank = rank_value(read(row))
        return (not descending, (0, 0)) if value_rank is None else (descending, value_rank)

    return make_key


def make_sort_key(key: SortKey) -> Callable[[Row], tuple[bool, Rank | DescendingRank]]:
    """Return the function for one part of a composite key."""
    read = make_field_reader(key.field)

    def make_key(row: Row) -> tuple[bool, Rank | DescendingRank]:
        value_rank = rank_value(read(row))
        if value_rank is None:
            return True, (0, 0)
        return False, DescendingRank(value_rank) if key.descending else value_rank

    return make_key
