"""Rows of a paged list, each once: rows that move between pages while they are read would repeat."""

from array import array
from types import NoneType

from emqxctl.text.partial_rows import MISSING, read_columns
from emqxctl.text.row_page import RowPage

SLOT_BYTES = 8
# By default, enough for 0.9 million keys; and the least and most for a number of rows that the server says.
SLOTS, MIN_SLOTS, MAX_SLOTS = 1 << 20, 1 << 13, 1 << 21


def slots_for(row_count: int | None) -> int:
    """Return how many slots the keys of so many rows need, the default for an unknown number."""
    if row_count is None or row_count < 0:
        return SLOTS
    return min(max(MIN_SLOTS, row_count * 4 // 3), MAX_SLOTS)


class Deduplicator:
    """Keeps the rows of a page whose key was not seen before.

    Keys are stored as 64-bit hashes, 8 bytes each in an open hash table: a million keys take 11 MB. Two of a
    million keys share a hash once in 30 million lists; the hash is Python's, with a new salt in each process,
    so that no client can choose its id to hide another.
    """

    def __init__(self, fields: tuple[str, ...], slots: int = SLOTS) -> None:
        """Create an empty table; `fields` together identify a row (none: the whole row does)."""
        self.fields = fields
        self.new_keys = 0  # of the last page
        self.allocate(slots)

    def allocate(self, slots: int) -> None:
        """Allocate an empty table."""
        self.table = array("q", [0]) * slots
        self.slots, self.count = slots, 0

    def __call__(self, page: RowPage) -> RowPage:
        """Return the new rows of a page; a row without its key counts as new."""
        while (self.count + len(page)) * 8 > self.slots * 7:
            self.grow()
        table, slots = self.table, self.slots
        repeated: list[int] = []
        keyless = 0
        for index, key in enumerate(self.keys(page)):
            if key is None:
                keyless += 1
                continue
            # Inline, since a method call would take half as long again, a million times.
            key_hash = hash(key) or 1
            slot = key_hash % slots
            while stored_hash := table[slot]:
                if stored_hash == key_hash:
                    repeated.append(index)
                    break
                slot = (slot + 1) % slots
            else:
                table[slot] = key_hash
        self.new_keys = len(page) - len(repeated) - keyless
        self.count += self.new_keys
        if not repeated:
            return page
        repeated_indexes = set(repeated)
        return page.keep([index for index in range(len(page)) if index not in repeated_indexes])

    def keys(self, page: RowPage) -> list[object]:
        """Return the hashable key of each row, None if it has none."""
        if not self.fields:
            texts = page.texts()
            if texts is None:
                return [*map(repr, page.read_all())]
            return [text if isinstance(text, str) else bytes(text) for text in texts]
        rows = page.read(self.fields)
        columns = read_columns(rows, self.fields) or [
            [row.get(field) for row in rows] for field in self.fields
        ]
        if len(columns) == 1:
            if set(map(type, columns[0])) <= {str, NoneType}:
                return list(columns[0])
            return [None if key is None or key is MISSING else str(key) for key in columns[0]]
        columns = [[None if value is MISSING else value for value in column] for column in columns]
        return [tuple(map(str, key)) for key in zip(*columns, strict=True)]

    def grow(self) -> None:
        """Move the hashes to a table of twice the size."""
        old_table, count = self.table, self.count
        self.allocate(self.slots * 2)
        slots = self.slots
        for key_hash in old_table:
            if key_hash:
                slot = key_hash % slots
                while self.table[slot]:
                    slot = (slot + 1) % slots
                self.table[slot] = key_hash
        self.count = count
