"""`--sort`: rows in order of their fields, whatever these hold."""

from collections.abc import Callable, Iterable, Sequence
from math import isnan
from typing import Self

from emqxctl.output.formats.json import format_compact
from emqxctl.output.query.fields import FieldReader, make_field_reader
from emqxctl.output.query.where import make_natural_key, parse_number, parse_timestamp
from emqxctl.output.results import Row
from emqxctl.output.view import SortKey

# Kinds of values in their order; null and missing fields come last, whichever the direction.
NUMBERS, TIMES, TEXTS, OTHERS = range(4)
Rank = tuple[int, float | str]


def rank_value(value: object) -> Rank | None:
    """Place a value among all others: numbers and sizes, times, text (naturally), the rest; None for null."""
    match value:
        case None:
            return None
        case bool() | int() | float():
            return None if isnan(value) else (NUMBERS, value)
        case str():
            counted = parse_number(value)
            if counted is not None:
                return NUMBERS, counted
            moment = parse_timestamp(value)
            return (TEXTS, make_natural_key(value)) if moment is None else (TIMES, moment)
        case _:
            return OTHERS, format_compact(value)


class DescendingRank:
    """A rank that sorts the other way round."""

    __slots__ = ("rank",)

    def __init__(self, rank: Rank) -> None:
        """Wrap a rank."""
        self.rank = rank

    def __lt__(self, other: Self) -> bool:
        """Come first when the rank comes last."""
        return other.rank < self.rank

    def __eq__(self, other: object) -> bool:
        """Be equal when the ranks are, so that the next key decides."""
        return isinstance(other, DescendingRank) and other.rank == self.rank

    def __hash__(self) -> int:
        """Agree with equality."""
        return hash(self.rank)


def sort_rows(rows: Iterable[Row], keys: Sequence[SortKey], limit: int | None = None) -> list[Row]:
    """Sort rows, equal ones staying in their order; with a limit no more than that many are ever kept."""
    if limit is None:
        return sort_all_rows(rows, keys)
    from heapq import nsmallest

    key_functions = [make_sort_key(key) for key in keys]
    return nsmallest(limit, rows, key=lambda row: [make_key(row) for make_key in key_functions])


def sort_all_rows(rows: Iterable[Row], keys: Sequence[SortKey]) -> list[Row]:
    """Sort by the last key first: each pass keeps the order of equals, and compares tuples in C."""
    ordered = list(rows)
    for key in reversed(keys):
        ordered.sort(key=make_pass_key(make_field_reader(key.field), key.descending), reverse=key.descending)
    return ordered


def make_pass_key(read: FieldReader, descending: bool) -> Callable[[Row], tuple[bool, Rank]]:
    """Make the key of one pass; its first part keeps nulls last in both directions."""

    def make_key(row: Row) -> tuple[bool, Rank]:
        value_rank = rank_value(read(row))
        return (not descending, (0, 0)) if value_rank is None else (descending, value_rank)

    return make_key


def make_sort_key(key: SortKey) -> Callable[[Row], tuple[bool, Rank | DescendingRank]]:
    """Make one part of a whole key."""
    read = make_field_reader(key.field)

    def make_key(row: Row) -> tuple[bool, Rank | DescendingRank]:
        value_rank = rank_value(read(row))
        if value_rank is None:
            return True, (0, 0)
        return False, DescendingRank(value_rank) if key.descending else value_rank

    return make_key
