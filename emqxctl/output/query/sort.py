"""`--sort`: rows in the order of their fields, of any type."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import isnan
from typing import Any, Self, cast

from emqxctl.output.formats.columns import read_columns
from emqxctl.output.formats.json import format_compact
from emqxctl.output.query.fields import make_field_reader
from emqxctl.output.query.where import make_natural_key, parse_number, parse_timestamp
from emqxctl.output.results import Row
from emqxctl.output.view import SortKey
from emqxctl.text.partial_rows import MISSING
from emqxctl.text.row_page import ParsedPage, RowPage

Detach = Callable[[RowPage], ParsedPage]

# Types of values in their order; null and missing fields come last in both directions.
NUMBERS, TIMES, TEXTS, OTHERS = range(4)
Rank = tuple[int, float | str]
RowRank = list[tuple[bool, "Rank | DescendingRank"]]
SORTED_PAGE_ROWS = 1000


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


def sort_pages(
    pages: Iterable[RowPage], keys: Sequence[SortKey], limit: int | None, detach: Detach
) -> Iterator[RowPage]:
    """Yield sorted rows, equal ones in their original order; with `limit` about so many are kept in memory.

    `detach` takes what is kept of rows out of their page.
    """
    if limit is None:
        yield from sort_all_rows(pages, keys, detach)
    elif limit > 0:
        top_rows = TopRows(keys, limit, detach)
        for page in pages:
            top_rows.add(page)
        yield top_rows.finish()


def sort_all_rows(pages: Iterable[RowPage], keys: Sequence[SortKey], detach: Detach) -> Iterator[RowPage]:
    """Yield all rows sorted, last key first: each pass is stable and compares in C."""
    from emqxctl.output.query.row_store import RowStore

    ranks = [PassRanks(key) for key in keys]
    store = RowStore(detach)
    for page in pages:
        rows = page.read([key.field for key in keys])
        for key_ranks in ranks:
            key_ranks.add(rows)
        store.add(page)
    order = list(range(len(store)))
    for key_ranks in reversed(ranks):
        key_ranks.sort(order)
    for start in range(0, len(order), SORTED_PAGE_ROWS):
        yield from store.read(order[start : start + SORTED_PAGE_ROWS])


class PassRanks:
    """What the rows are sorted by in one pass: their numbers while all are whole numbers, else ranks."""

    def __init__(self, key: SortKey) -> None:
        """Prepare; no row is read."""
        self.key = key
        self.numbers = array("q")  # a tenth of the memory of ranks
        self.ranks: list[tuple[bool, Rank]] | None = None

    def add(self, rows: Sequence[Row]) -> None:
        """Read the field of further rows."""
        if not rows:
            return
        values = read_columns(rows, [self.key.field])[0]
        if self.ranks is None:
            numbers = to_numbers(values)
            if numbers is not None:
                self.numbers.extend(numbers)
                return
            self.ranks = [self.make_rank(number) for number in self.numbers]
            self.numbers = array("q")
        self.ranks += map(self.make_rank, values)

    def make_rank(self, value: object) -> tuple[bool, Rank]:
        """Return what a value is compared by; the first part keeps nulls last in both directions."""
        value_rank = None if value is MISSING else rank_value(value)
        return (not self.key.descending, (0, 0)) if value_rank is None else (self.key.descending, value_rank)

    def sort(self, order: list[int]) -> None:
        """Sort the indexes of the rows."""
        ranks: Sequence[Any] = self.numbers if self.ranks is None else self.ranks
        order.sort(key=ranks.__getitem__, reverse=self.key.descending)


def to_numbers(values: Sequence[object]) -> "array[int] | None":
    """Return values if all are whole numbers of at most 64 bits."""
    if set(map(type, values)) != {int}:
        return None
    try:
        return array("q", cast("Sequence[int]", values))
    except OverflowError:
        return None


class TopRows:
    """The first `limit` rows of all pages in order, and a few more that may still be among them."""

    def __init__(self, keys: Sequence[SortKey], limit: int, detach: Detach) -> None:
        """Prepare; no row is read."""
        self.fields = [key.field for key in keys]
        self.descending = keys[0].descending
        self.make_ranks = [make_sort_key(key) for key in keys]
        self.limit, self.detach = limit, detach
        self.rows = ParsedPage([])
        self.ranks: list[RowRank] = []
        self.last_rank: RowRank | None = None  # of the last row that is still among the first

    def add(self, page: RowPage) -> None:
        """Keep the rows of a page that come before the last one so far."""
        rows = page.read(self.fields)
        indexes, ranks = [], []
        for index in self.find_candidates(rows):
            rank = [make_rank(rows[index]) for make_rank in self.make_ranks]
            if self.last_rank is None or rank < self.last_rank:
                indexes.append(index)
                ranks.append(rank)
        if not indexes:
            return
        self.rows = self.rows.extend(self.detach(page.keep(indexes)))
        self.ranks += ranks
        if len(self.ranks) > 2 * self.limit + SORTED_PAGE_ROWS:
            self.prune()

    def find_candidates(self, rows: Sequence[Row]) -> Sequence[int]:
        """Return the indexes of the rows that may come before the last one: quickly for whole numbers."""
        bound = None if self.last_rank is None else number_of(self.last_rank[0])
        if bound is None:
            return range(len(rows))
        sign = -1 if self.descending else 1
        last = sign * bound
        values = map(make_field_reader(self.fields[0]), rows)
        if len(self.fields) == 1:  # an equal row comes later, so after the last one
            return [i for i, value in enumerate(values) if type(value) is not int or sign * value < last]
        return [i for i, value in enumerate(values) if type(value) is not int or sign * value <= last]

    def prune(self) -> None:
        """Forget the rows that are not among the first."""
        order = sorted(range(len(self.ranks)), key=self.ranks.__getitem__)[: self.limit]
        self.rows = self.rows.keep(order)
        self.ranks = [self.ranks[index] for index in order]
        if len(order) == self.limit:
            self.last_rank = self.ranks[-1]

    def finish(self) -> RowPage:
        """Return the first rows in order."""
        self.prune()
        return self.rows


def number_of(rank: tuple[bool, "Rank | DescendingRank"]) -> float | None:
    """Return the number that a rank was made of, None for anything else."""
    is_null, value_rank = rank
    kind, value = value_rank.rank if isinstance(value_rank, DescendingRank) else value_rank
    return value if kind == NUMBERS and not is_null and not isinstance(value, str) else None


def make_sort_key(key: SortKey) -> Callable[[Row], tuple[bool, "Rank | DescendingRank"]]:
    """Return the function for one part of a composite key."""
    read = make_field_reader(key.field)

    def make_key(row: Row) -> tuple[bool, Rank | DescendingRank]:
        value_rank = rank_value(read(row))
        if value_rank is None:
            return True, (0, 0)
        return False, DescendingRank(value_rank) if key.descending else value_rank

    return make_key
