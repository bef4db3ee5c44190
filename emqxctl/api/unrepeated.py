"""Rows of a paged list, each once: while pages are read, rows move between them and would come again."""

from mmap import mmap

from emqxctl.api.pages import Row

SLOTS = 1 << 21  # of 8 bytes each, a page of memory is taken only when it is written to
WORD = (1 << 64) - 1


class Unrepeated:
    """Keeps the rows of a page whose key did not come before.

    Keys are remembered as 64-bit hashes, 8 bytes each in an open table, so that a million of them take 16 MB
    and a list keeps its memory. That two keys of a million share a hash happens once in 30 million lists;
    the hash is Python's, salted anew in each process, so no client can choose its id to hide another.
    """

    def __init__(self, fields: tuple[str, ...], slots: int = SLOTS) -> None:
        """Remember nothing yet; `fields` together name a row, `slots` is a power of two."""
        self.fields = fields
        self.allot(slots)

    def allot(self, slots: int) -> None:
        """Lay out an empty table."""
        self.table = memoryview(mmap(-1, slots * 8)).cast("Q")
        self.slots, self.count = slots, 0

    def __call__(self, page: list[Row]) -> list[Row]:
        """Give the rows of a page that are new; a row without its key is always."""
        fields = self.fields
        if len(fields) == 1:
            field = fields[0]
            return [row for row in page if (key := row.get(field)) is None or self.new(hash(str(key)))]
        return [row for row in page if self.new(hash(tuple(str(row.get(field)) for field in fields)))]

    def new(self, number: int) -> bool:
        """Remember a hash, and tell whether it is the first time."""
        mark = number & WORD or 1
        table, last = self.table, self.slots - 1
        at = mark & last
        while there := table[at]:
            if there == mark:
                return False
            at = (at + 1) & last
        table[at] = mark
        self.count += 1
        if self.count * 3 > self.slots * 2:
            self.grow()
        return True

    def grow(self) -> None:
        """Move to a table of twice the size."""
        before = self.table
        self.allot(self.slots * 2)
        for mark in before:
            if mark:
                self.new(mark)
