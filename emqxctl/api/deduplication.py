"""Rows of a paged list, each once: rows that move between pages while they are read would repeat."""

from mmap import mmap
from typing import Any

Row = dict[str, Any]
SLOTS = 1 << 21  # of 8 bytes each; memory is only used where it is written to


class Deduplicator:
    """Keeps the rows of a page whose key was not seen before.

    Keys are stored as 64-bit hashes, 8 bytes each in an open hash table: a million keys take 16 MB. Two of a
    million keys share a hash once in 30 million lists; the hash is Python's, with a new salt in each process,
    so that no client can choose its id to hide another.
    """

    def __init__(self, fields: tuple[str, ...], slots: int = SLOTS) -> None:
        """Create an empty table; `fields` together identify a row (none: the whole row does).

        `slots` is a power of two.
        """
        self.fields = fields
        self.allocate(slots)

    def allocate(self, slots: int) -> None:
        """Allocate an empty table."""
        self.table = memoryview(mmap(-1, slots * 8)).cast("q")
        self.slots, self.count = slots, 0

    def __call__(self, page: list[Row]) -> list[Row]:
        """Return the new rows of a page; a row without its key counts as new."""
        while (self.count + len(page)) * 3 > self.slots * 2:
            self.grow()
        table, mask = self.table, self.slots - 1
        new_rows = []
        for row, key in zip(page, self.keys(page), strict=True):
            if key is None:
                new_rows.append(row)
                continue
            # Inline, since a method call would take half as long again, a million times.
            key_hash = hash(key) or 1
            slot = key_hash & mask
            while stored_hash := table[slot]:
                if stored_hash == key_hash:
                    break
                slot = (slot + 1) & mask
            else:
                table[slot] = key_hash
                new_rows.append(row)
        self.count += len(new_rows)
        return new_rows

    def keys(self, page: list[Row]) -> list[object]:
        """Return the hashable key of each row, None if it has none."""
        if not self.fields:
            return [getattr(row, "text", None) or repr(row) for row in page]
        if len(self.fields) == 1:
            keys = [row.get(self.fields[0]) for row in page]
            return [key if type(key) is str or key is None else str(key) for key in keys]
        return [tuple([str(row.get(field)) for field in self.fields]) for row in page]

    def grow(self) -> None:
        """Move the hashes to a table of twice the size."""
        old_table, count = self.table, self.count
        self.allocate(self.slots * 2)
        mask = self.slots - 1
        for key_hash in old_table:
            if key_hash:
                slot = key_hash & mask
                while self.table[slot]:
                    slot = (slot + 1) & mask
                self.table[slot] = key_hash
        self.count = count
