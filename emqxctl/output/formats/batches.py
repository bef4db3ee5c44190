"""Rows in batches, and their text in chunks: large enough to be quick, small enough to appear at once."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

# About 64 KB of clients: more is no faster, and the first page (1000 rows and more) begins to show at once.
BATCH_ROWS = 100
# Of a page of the server, whose rows come together: columns of values are quicker than rows.
CHUNK_ROWS = 500
# A table's widths come from this many rows: never more than the first page has.
FIRST_TABLE_BATCH_ROWS = 1000


def batches(values: Iterable[T], first: int = BATCH_ROWS, size: int = BATCH_ROWS) -> Iterator[list[T]]:
    """Yield lists of `size` values, the first of `first`; a source that fails raises after its rows."""
    source = iter(values)
    batch_size = first
    while True:
        batch, failure = take_batch(source, batch_size)
        if batch:
            yield batch
        if failure:
            raise failure
        if len(batch) < batch_size:
            return
        batch_size = size


def take_batch(source: Iterator[T], count: int) -> tuple[list[T], BaseException | None]:
    """Return up to `count` values, and the exception that cut them short (Ctrl-C included)."""
    batch: list[T] = []
    try:
        batch.extend(islice(source, count))  # keeps what came before the source raised
    except BaseException as failure:  # noqa: BLE001 - the caller raises it again, after the rows
        return batch, failure
    return batch, None


def concatenate(prefix: str, right: str | bytes) -> str | bytes:
    """Put text before text or bytes."""
    return prefix + right if isinstance(right, str) else prefix.encode() + right
