"""Rows in handfuls: enough of them to be quick, few enough to be prompt."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

# About 64 KB of clients: more is no faster, and the first page (1000 rows and more) begins to show at once.
BATCH = 100
# A table's widths come from this many rows: never more than the first page holds.
SAMPLE = 1000


def batches(values: Iterable[T], first: int = BATCH, size: int = BATCH) -> Iterator[list[T]]:
    """Group values; when the source fails, what came before is handed out first."""
    source = iter(values)
    wanted = first
    while True:
        batch, failure = take(source, wanted)
        if batch:
            yield batch
        if failure:
            raise failure
        if len(batch) < wanted:
            return
        wanted = size


def take(source: Iterator[T], count: int) -> tuple[list[T], BaseException | None]:
    """Take up to `count` values, and the failure that cut them short (Ctrl-C included)."""
    batch: list[T] = []
    try:
        batch.extend(islice(source, count))  # keeps what came when the source raises
    except BaseException as failure:  # noqa: BLE001 - the caller raises it again, after the rows
        return batch, failure
    return batch, None
