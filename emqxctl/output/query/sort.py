"""`--sort`: rows in order of their fields, whatever these hold."""

from collections.abc import Callable, Iterable, Sequence
from math import isnan
from typing import Self

from emqxctl.output.formats.json import compact
from emqxctl.output.query.fields import Read, reader
from emqxctl.output.query.where import natural, number, timestamp
from emqxctl.output.results import Row
from emqxctl.output.view import SortKey

# Kinds of values in their order; null and missing fields come last, whichever the direction.
NUMBERS, TIMES, TEXTS, OTHERS = range(4)
Rank = tuple[int, float | str]


def rank(value: object) -> Rank | None:
    """Place a value among all others: numbers and sizes, times, text (naturally), the rest; None for null."""
    match value:
        case None:
            return None
        case bool() | int() | float():
            return None if isnan(value) else (NUMBERS, value)
        case str():
            counted = number(value)
            if counted is not None:
                return NUMBERS, counted
            moment = timestamp(value)
            return (TEXTS, natural(value)) if moment is None else (TIMES, moment)
        case _:
            return OTHERS, compact(value)


class Descending:
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
        return isinstance(other, Descending) and other.rank == self.rank

    def __hash__(self) -> int:
        """Agree with equality."""
        return hash(self.rank)


def sort_rows(rows: Iterable[Row], keys: Sequence[SortKey], limit: int | None = None) -> list[Row]:
    """Sort rows, equal ones staying in their order; with a limit no more than that many are ever kept."""
    if limit is None:
        return sort_all(rows, keys)
    from heapq import nsmallest

    makers = [key_maker(key) for key in keys]
    return nsmallest(limit, rows, key=lambda row: [make(row) for make in makers])


def sort_all(rows: Iterable[Row], keys: Sequence[SortKey]) -> list[Row]:
    """Sort by the last key first: each pass keeps the order of equals, and compares tuples in C."""
    ordered = list(rows)
    for key in reversed(keys):
        ordered.sort(key=pass_maker(reader(key.field), key.descending), reverse=key.descending)
    return ordered


def pass_maker(read: Read, descending: bool) -> Callable[[Row], tuple[bool, Rank]]:
    """Make the key of one pass; its first part keeps nulls last in both directions."""

    def make(row: Row) -> tuple[bool, Rank]:
        place = rank(read(row))
        return (not descending, (0, 0)) if place is None else (descending, place)

    return make


def key_maker(key: SortKey) -> Callable[[Row], tuple[bool, Rank | Descending]]:
    """Make one part of a whole key."""
    read = reader(key.field)

    def make(row: Row) -> tuple[bool, Rank | Descending]:
        place = rank(read(row))
        if place is None:
            return True, (0, 0)
        return False, Descending(place) if key.descending else place

    return make
