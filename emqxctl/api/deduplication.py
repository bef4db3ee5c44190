"""Rows of a paged list, each once: while pages are read, rows move between them and would come again."""

from mmap import mmap

from emqxctl.api.pagination import Row

SLOTS = 1 << 21  # of 8 bytes each, a page of memory is taken only when it is written to


class Deduplicator:
    """Keeps the rows of a page whose key did not come before.

    Keys are remembered as 64-bit hashes, 8 bytes each in an open table, so that a million of them take 16 MB
    and a list keeps its memory. That two keys of a million share a hash happens once in 30 million lists;
    the hash is Python's, salted anew in each process, so no client can choose its id to hide another.
    """

    def __init__(self, fields: tuple[str, ...], slots: int = SLOTS) -> None:
        """Remember nothing yet; `fields` together name a row, `slots` is a power of two."""
        self.fields = fields
        self.allocate(slots)

    def allocate(self, slots: int) -> None:
        """Lay out an empty table."""
        self.table = memoryview(mmap(-1, slots * 8)).cast("q")
        self.slots, self.count = slots, 0

    def __call__(self, page: list[Row]) -> list[Row]:
        """Give the rows of a page that are new; a row without its key is always."""
        while (self.count + len(page)) * 3 > self.slots * 2:
            self.grow()
        table, last = self.table, self.slots - 1
        kept = []
        for row, key in zip(page, self.keys(page), strict=True):
            if key is None:
                kept.append(row)
                continue
            # Here and not in a method: it would take half as long again, a million times.
            mark = hash(key) or 1
            at = mark & last
            while there := table[at]:
                if there == mark:
                    break
                at = (at + 1) & last
            else:
                table[at] = mark
                kept.append(row)
        self.count += len(kept)
        return kept

    def keys(self, page: list[Row]) -> list[object]:
        """Give what can be hashed of each row's key; None where it has none."""
        if len(self.fields) == 1:
            found = [row.get(self.fields[0]) for row in page]
            return [key if type(key) is str or key is None else str(key) for key in found]
        return [tuple([str(row.get(field)) for field in self.fields]) for row in page]

    def grow(self) -> None:
        """Move to a table of twice the size."""
        before, count = self.table, self.count
        self.allocate(self.slots * 2)
        last = self.slots - 1
        for mark in before:
            if mark:
                at = mark & last
                while self.table[at]:
                    at = (at + 1) & last
                self.table[at] = mark
        self.count = count
