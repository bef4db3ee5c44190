"""The size of numbered pages: small at first, so that rows appear at once, then as large as pays."""

from math import inf

from emqxctl.api.deduplication import SLOT_BYTES, slots_for
from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.text.row_page import ListPage

# Every version allows it.
PAGE_SIZE = 1000
# Allowed since 5.5; earlier versions reject more than 1000 with 400 (api.md §2.1).
MAX_PAGE_SIZE = 10_000
# For two pages, what is made of one of them, and the keys of the rows: with the interpreter and its libraries
# a list of a million rows is to fit into 64 MB.
LIST_BYTES = 24 << 20
# A page that takes longer could time out on a busy cluster where a small page does not.
MAX_PAGE_SECONDS = 5.0
# Deep pages gain most, since EMQX reads each page from the start of the list (25 000 sessions: 5.5 s instead
# of 6.9 s); the second page may take a little longer per row than the first (api.md §8.13).
TOLERATED_SLOWDOWN = 1.5


class PageSize:
    """How many rows the next page is to have; `rows` is the size."""

    def __init__(self, limit: int = 0, *, can_grow: bool = False) -> None:
        """Start with a small page; `can_grow` allows larger ones, unless `limit` rows are enough."""
        self.rows = min(limit, PAGE_SIZE) if limit else PAGE_SIZE
        self.can_grow = can_grow and not limit
        self.seconds_per_row = inf
        self.expected_rows: int | None = None  # in the whole list

    @property
    def is_grown(self) -> bool:
        """Whether pages are larger than every version and server allows."""
        return self.rows > PAGE_SIZE

    @property
    def is_decided(self) -> bool:
        """Whether the size stays as it is, unless the server does not keep to it."""
        return not self.can_grow or (self.is_grown and self.seconds_per_row == inf)

    def shrink(self) -> None:
        """Return to small pages, for the rest of the list."""
        self.rows, self.can_grow = PAGE_SIZE, False

    def is_rejected(self, error: EmqxctlError) -> bool:
        """Return whether the size is the likely reason of an error."""
        return self.is_grown and error.exit_code is ExitCode.REJECTED

    def is_ignored(self, page: ListPage) -> bool:
        """Return whether the server may have sent fewer rows than exist, since it has a limit of its own.

        EMQX repeats the limit that it applied.
        """
        return self.is_grown and len(page.rows) < self.rows and page.meta.get("limit") != self.rows

    def adjust(self, page: ListPage, seconds: float) -> None:
        """Grow after a full small page, or shrink if a larger one took clearly longer per row."""
        if len(page.rows) < self.rows:
            return
        seconds_per_row = seconds / len(page.rows)
        if self.is_grown:
            if seconds_per_row > self.seconds_per_row * TOLERATED_SLOWDOWN:
                self.shrink()
            self.seconds_per_row = inf  # decided once: one slow page later on proves nothing
        elif self.can_grow:
            self.seconds_per_row = seconds_per_row
            self.rows = max(self.rows, self.affordable_rows(page, seconds))

    def affordable_rows(self, page: ListPage, seconds: float) -> int:
        """Return the largest size within the limits of bytes and seconds, in thousands."""
        page_bytes = (LIST_BYTES - slots_for(self.expected_rows) * SLOT_BYTES) // 4
        by_bytes = page_bytes * len(page.rows) / max(page.byte_count, 1)
        by_seconds = MAX_PAGE_SECONDS * len(page.rows) / max(seconds, 1e-9)
        return int(min(MAX_PAGE_SIZE, by_bytes, by_seconds)) // 1000 * 1000
