"""Lists over all their pages; the next page is fetched while the last one is used.

What flows is a RowPage: the rows of one response, decoded as far as they are read. At most two are in memory,
the one in use and the one on its way: none is requested for a caller that does not come back.
"""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from emqxctl.api.fetch_ahead import FetchAhead, Query
from emqxctl.api.page_size import PAGE_SIZE, PageSize
from emqxctl.api.response import list_page
from emqxctl.errors import EmqxctlError, ExitCode, ServerError
from emqxctl.resource import Paging
from emqxctl.text.row_page import ListPage, RowPage, RowStream

if TYPE_CHECKING:
    from emqxctl.api.deduplication import Deduplicator

ResponseT = TypeVar("ResponseT")
RowFilter = Callable[[RowPage], RowPage]

MAX_EMPTY_PAGES = 100  # in a row, of a list with cursors


class PageSource(NamedTuple, Generic[ResponseT]):
    """Fetches the response for the query of a page, in another thread too, and decodes it."""

    fetch: Callable[[Query], ResponseT]
    decode: Callable[[ResponseT], ListPage]


def keep_all(page: RowPage) -> RowPage:
    """Return all rows of a page."""
    return page


def iterate_rows(
    fetch: Callable[[Query], Any],
    paging: Paging,
    query: Query,
    limit: int = 0,
    page_filter: "PageFilter | None" = None,
) -> RowStream:
    """Return the rows of a list; as `iterate_pages`, but `fetch` returns the JSON of a page."""
    return RowStream(iterate_pages(PageSource(fetch, list_page), paging, query, limit, page_filter))


def iterate_pages(
    source: PageSource[ResponseT],
    paging: Paging,
    query: Query,
    limit: int = 0,
    page_filter: "PageFilter | None" = None,
) -> Iterator[RowPage]:
    """Yield the pages of a list; with `limit` no more of them are requested than it needs.

    `page_filter` chooses the rows, all if absent. The first page is fetched when it is requested; an error of
    a later page is raised after the pages before it. A page that brings nothing new although more should
    follow ends the list with a ServerError, so that every list ends.
    """
    page_filter = page_filter or PageFilter()
    match paging:
        case Paging.PAGES:
            return iterate_numbered_pages(source, query, limit, page_filter)
        case Paging.CURSOR:
            return iterate_cursor_pages(source, query, limit, page_filter)
        case Paging.NONE | Paging.ENVELOPE:
            return (page_filter(source.decode(source.fetch(query)).rows, is_last=True) for _ in range(1))


class PageFilter:
    """Chooses the rows of each page that are wanted, and notices a page that brings nothing new."""

    def __init__(self, row_key: tuple[str, ...] = (), row_filter: RowFilter = keep_all) -> None:
        """Drop what `row_filter` drops, and rows whose `row_key`, the fields that identify them, was seen."""
        self.row_key, self.row_filter = row_key, row_filter
        self.expected_rows: int | None = None  # in the whole list, as the server says
        self.has_news = True  # the last page brought a row that was not seen before
        self.row_count = 0  # of all pages, after the filter

    def __call__(self, page: RowPage, *, is_last: bool) -> RowPage:
        """Return the wanted rows of a page; after the last page nothing needs to be remembered."""
        if self.row_key:
            page = self.drop_repeats(page)
        elif not is_last:
            self.has_news = bool(self.seen_rows(page))
        kept_rows = self.row_filter(page)
        self.row_count += len(kept_rows)
        return kept_rows

    def drop_repeats(self, page: RowPage) -> RowPage:
        """Return the rows that were not seen before; a row without its key is kept, but is no news twice."""
        new_rows = self.seen_keys(page)
        self.has_news = self.seen_keys.new_keys > 0 or bool(self.seen_rows(new_rows))
        return new_rows

    @cached_property
    def seen_keys(self) -> "Deduplicator":
        """The keys of the rows so far."""
        from emqxctl.api.deduplication import Deduplicator, slots_for

        return Deduplicator(self.row_key, slots_for(self.expected_rows))

    @cached_property
    def seen_rows(self) -> "Deduplicator":
        """The rows so far that have no key, as a whole."""
        from emqxctl.api.deduplication import MIN_SLOTS, Deduplicator

        return Deduplicator((), MIN_SLOTS)


class NumberedPage(NamedTuple):
    """A page with `page` and `limit`; `is_ignored` if the server kept to another size."""

    number: int
    page: ListPage
    is_last: bool
    is_ignored: bool


class PageNumbers:
    """Which page with `page` and `limit` is requested next.

    The end is an empty page, or `hasnext` false or absent together with a page that is not full: with durable
    sessions `hasnext` turns false too early (api.md §0.3). Where repeated rows are dropped, a larger page may
    begin before the end of the last one; after a size that the server does not keep to, small pages go on
    from there.
    """

    def __init__(self, query: Query, size: PageSize, limit: int) -> None:
        """Start with the first page; `limit` rows are enough, 0 for all."""
        self.base_query, self.size, self.limit = query, size, limit
        self.position = 0  # of the first row that is not fetched yet

    @property
    def number(self) -> int:
        """The number of the page in which the position is."""
        return self.position // self.size.rows + 1

    @property
    def query(self) -> Query:
        """The query of the page in which the position is."""
        return {**self.base_query, "page": self.number, "limit": self.size.rows}

    @property
    def following_query(self) -> Query | None:
        """The query of the page after it, None if it is known only after this page is decoded."""
        expected_rows = self.size.expected_rows or 0
        needed_rows = min(self.limit, expected_rows) if self.limit else expected_rows
        if not self.size.is_decided or self.number * self.size.rows >= needed_rows:
            return None
        return {**self.base_query, "page": self.number + 1, "limit": self.size.rows}

    def advance(self, page: ListPage, seconds: float) -> NumberedPage:
        """Move the position behind a page that took `seconds`."""
        size, number = self.size, self.number
        is_ignored = size.is_ignored(page)
        is_full = len(page.rows) >= size.rows
        is_last = not is_ignored and (not page.rows or not (is_full or page.meta.get("hasnext") is True))
        self.position = (number - 1) * size.rows + (len(page.rows) if is_ignored else size.rows)
        if is_ignored:
            size.shrink()
        else:
            size.adjust(page, seconds)
        return NumberedPage(number, page, is_last, is_ignored)


def iterate_numbered_pages(
    source: PageSource[ResponseT],
    query: Query,
    limit: int,
    page_filter: PageFilter,
) -> Iterator[RowPage]:
    """Yield the rows of numbered pages that the filter keeps, until `limit` of them are yielded.

    Without `meta`, a page without news ends the list too: such a server does not know pages. Otherwise a page
    without news is an error, unless it is the last one: rows move between pages while they are read. After a
    size that the server does not keep to, a page may repeat rows.
    """
    numbers = PageNumbers(query, PageSize(limit, can_grow=bool(page_filter.row_key)), limit)
    may_repeat = False
    with FetchAhead(source.fetch) as ahead:
        while True:
            number, page, is_last, is_ignored = next_page(ahead, source.decode, numbers, page_filter)
            if not (limit or is_last):
                ahead.request(numbers.query)  # with `limit` it depends on what the filter keeps
            kept_rows = page_filter(page.rows, is_last=is_last)
            if not (is_last or is_ignored or may_repeat or page_filter.has_news):
                if not page.meta:
                    return
                raise repeated_page_error(number)
            is_last = is_last or (limit > 0 and page_filter.row_count >= limit)
            if not is_last:
                ahead.request(numbers.query)
            del page  # the rows are kept by the caller alone, as long as it uses them
            rows_to_use = [kept_rows]
            del kept_rows
            yield rows_to_use.pop()
            if is_last:
                return
            may_repeat = is_ignored


def next_page(
    ahead: FetchAhead[ResponseT],
    decode: Callable[[ResponseT], ListPage],
    numbers: PageNumbers,
    page_filter: PageFilter,
) -> NumberedPage:
    """Return the next page; a size that the server rejects is replaced by the small one.

    If the count of the list says that a page follows, that page is requested before this one is decoded.
    """
    try:
        response, seconds = ahead.take(numbers.query)
    except EmqxctlError as error:
        if not numbers.size.is_rejected(error):
            raise
        numbers.size.shrink()
        return next_page(ahead, decode, numbers, page_filter)
    following_query = numbers.following_query
    if following_query:
        ahead.request(following_query)
    page = decode(response)
    if numbers.position == 0:
        numbers.size.expected_rows = expected_rows(page)
        page_filter.expected_rows = numbers.limit or numbers.size.expected_rows
    return numbers.advance(page, seconds)


def expected_rows(page: ListPage) -> int | None:
    """Return how many rows the whole list has, None if the server does not say."""
    count = page.meta.get("count")
    return count if type(count) is int else None


def iterate_cursor_pages(
    source: PageSource[ResponseT],
    query: Query,
    limit: int,
    page_filter: PageFilter,
) -> Iterator[RowPage]:
    """Yield the pages of a list with `limit` and `cursor`; the end is no cursor, or one used before.

    A page without news is an error unless it is the last one; empty pages may precede others, but not
    without end.
    """
    query = {**query, "limit": min(limit, PAGE_SIZE) if limit else PAGE_SIZE, "cursor": None}
    used_cursors: set[str] = set()
    number, empty_pages = 1, 0
    with FetchAhead(source.fetch) as ahead:
        while True:
            page = source.decode(ahead.take(query).response)
            cursor = str(page.meta.get("cursor") or "none")
            is_last = cursor == "none" or cursor in used_cursors
            kept_rows = page_filter(page.rows, is_last=is_last)
            empty_pages = 0 if page.rows else empty_pages + 1
            if not is_last and (empty_pages > MAX_EMPTY_PAGES or (page.rows and not page_filter.has_news)):
                raise repeated_page_error(number)
            is_last = is_last or (limit > 0 and page_filter.row_count >= limit)
            if not is_last:
                query = {**query, "cursor": cursor}
                ahead.request(query)
            del page
            yield kept_rows
            if is_last:
                return
            used_cursors.add(cursor)
            number += 1


def repeated_page_error(number: int) -> ServerError:
    """Return the error for a page that brings nothing new although the server says that more follows."""
    return ServerError(
        f"page {number} of the list brings no new rows: the list may be incomplete",
        code="REPEATED_PAGE",
        hint="a cache or proxy may drop the query of requests: check the profile's url and --proxy",
        exit_code=ExitCode.SERVER,
    )
