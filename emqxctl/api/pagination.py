"""Lists over all their pages; the next page is fetched while the last one is used.

What flows is a RowPage: the rows of one response, decoded as far as they are read. At most two are in memory,
the one in use and the one on its way: none is requested for a caller that does not come back.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from queue import SimpleQueue
from sys import setswitchinterval
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from emqxctl.api.page_size import PAGE_SIZE, PageSize
from emqxctl.api.response import list_page
from emqxctl.errors import EmqxctlError, ExitCode, ServerError
from emqxctl.resource import Paging
from emqxctl.text.json_rows import Row, as_meta
from emqxctl.text.row_page import ListPage, RowPage, RowStream

if TYPE_CHECKING:
    from emqxctl.api.deduplication import Deduplicator

FetchJson = Callable[[Mapping[str, object]], Any]
FetchPage = Callable[[Mapping[str, object]], ListPage]
RowFilter = Callable[[RowPage], RowPage]

Page = TypeVar("Page")
# How long the thread that fetches waits for the one that prints, which is in Python most of the time: with
# Python's 5 ms it would fetch the next page only after this one is printed.
SWITCH_SECONDS = 0.0002
MAX_EMPTY_PAGES = 100  # in a row, of a list with cursors


def keep_all(page: RowPage) -> RowPage:
    """Return all rows of a page."""
    return page


def iterate_rows(
    fetch: FetchJson,
    paging: Paging,
    query: Mapping[str, object],
    limit: int = 0,
    page_filter: "PageFilter | None" = None,
) -> RowStream:
    """Return the rows of a list; as `iterate_pages`, but `fetch` returns the JSON of a page."""

    def fetch_page(page_query: Mapping[str, object]) -> ListPage:
        return list_page(fetch(page_query))

    return RowStream(iterate_pages(fetch_page, paging, query, limit, page_filter))


def iterate_pages(
    fetch: FetchPage,
    paging: Paging,
    query: Mapping[str, object],
    limit: int = 0,
    page_filter: "PageFilter | None" = None,
) -> Iterator[RowPage]:
    """Yield the pages of a list; with `limit` no more of them are requested than it needs.

    `fetch` takes the query of one page; `page_filter` chooses the rows, all if absent. The first page is
    fetched when it is requested; an error of a later page is raised after the pages before it. A page that
    brings nothing new although more should follow ends the list with a ServerError, so that every list ends.
    """
    page_filter = page_filter or PageFilter()
    match paging:
        case Paging.PAGES:
            return iterate_numbered_pages(fetch, query, limit, page_filter)
        case Paging.CURSOR:
            return prefetch(iterate_cursor_pages(fetch, query, limit, page_filter))
        case Paging.NONE | Paging.ENVELOPE:
            return prefetch(page_filter(fetch(query).rows, is_last=True) for _ in range(1))


def page_rows(page: object) -> list[Row]:
    """Return the rows of a page: a bare array, or `data` of an envelope.

    Raises ServerError for anything else, and for rows that are not objects: neither may pass for an empty
    list.
    """
    return list_page(page).rows.read_all()


def page_meta(page: object) -> Mapping[str, object]:
    """Return the `meta` of a page, empty if there is none."""
    return as_meta(page.get("meta") if isinstance(page, dict) else None)


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


class FetchedPage(NamedTuple):
    """A page with `page` and `limit` as it was fetched; `is_ignored` if the server kept to another size."""

    number: int
    page: ListPage
    is_last: bool
    is_ignored: bool


def iterate_numbered_pages(
    fetch: FetchPage, query: Mapping[str, object], limit: int, page_filter: PageFilter
) -> Iterator[RowPage]:
    """Yield the pages of a list with `page` and `limit`, each filtered while the next one is fetched.

    With `limit` a page is filtered first: whether another one is needed depends on it.
    """
    pages = iterate_fetched_pages(fetch, query, limit, page_filter)
    if limit:
        return prefetch(filter_pages(pages, limit, page_filter))
    return filter_pages(prefetch(pages), limit, page_filter)


def filter_pages(pages: Iterator[FetchedPage], limit: int, page_filter: PageFilter) -> Iterator[RowPage]:
    """Yield the rows of pages that the filter keeps, until `limit` of them are yielded.

    Without `meta`, a page without news ends the list too: such a server does not know pages. Otherwise a page
    without news is an error, unless it is the last one: rows move between pages while they are read. After a
    size that the server does not keep to, a page may repeat rows.
    """
    may_repeat = False
    for fetched in pages:
        number, page, is_last, is_ignored = fetched
        kept_rows = page_filter(page.rows, is_last=is_last)
        if not (is_last or is_ignored or may_repeat or page_filter.has_news):
            if not page.meta:
                return
            raise repeated_page_error(number)
        del page, fetched  # the rows are kept by the caller alone, as long as it uses them
        rows_to_use = [kept_rows]
        del kept_rows
        yield rows_to_use.pop()
        if limit and page_filter.row_count >= limit:
            return
        may_repeat = is_ignored


def iterate_fetched_pages(
    fetch: FetchPage, query: Mapping[str, object], limit: int, page_filter: PageFilter
) -> Iterator[FetchedPage]:
    """Fetch and yield the pages of a list with `page` and `limit`.

    The end is an empty page, or `hasnext` false or absent together with a page that is not full: with durable
    sessions `hasnext` turns false too early (api.md §0.3). Where repeated rows are dropped, a larger page may
    begin before the end of the last one; after a size that the server does not keep to, small pages go on
    from there.
    """
    size = PageSize(limit, can_grow=bool(page_filter.row_key))
    position = 0
    while True:
        number, started_at = position // size.rows + 1, monotonic()
        try:
            page = fetch({**query, "page": number, "limit": size.rows})
        except EmqxctlError as error:
            if not size.is_rejected(error):
                raise
            size.shrink()
            continue
        seconds = monotonic() - started_at
        if position == 0:
            size.expected_rows = expected_rows(page)
            page_filter.expected_rows = limit or size.expected_rows
        is_ignored = size.is_ignored(page)
        is_full = len(page.rows) >= size.rows
        is_last = not is_ignored and (not page.rows or not (is_full or page.meta.get("hasnext") is True))
        position = (number - 1) * size.rows + (len(page.rows) if is_ignored else size.rows)
        if is_ignored:
            size.shrink()
        else:
            size.adjust(page, seconds)
        pages_to_use = [FetchedPage(number, page, is_last, is_ignored)]
        del page  # only the next page is in memory while it is fetched
        yield pages_to_use.pop()
        if is_last:
            return


def expected_rows(page: ListPage) -> int | None:
    """Return how many rows the whole list has, None if the server does not say."""
    count = page.meta.get("count")
    return count if type(count) is int else None


def iterate_cursor_pages(
    fetch: FetchPage, query: Mapping[str, object], limit: int, page_filter: PageFilter
) -> Iterator[RowPage]:
    """Yield the pages of a list with `limit` and `cursor`; the end is no cursor, or one used before.

    A page without news is an error unless it is the last one; empty pages may precede others, but not
    without end.
    """
    page_size = min(limit, PAGE_SIZE) if limit else PAGE_SIZE
    cursor: object = None
    used_cursors: set[str] = set()
    number, empty_pages = 1, 0
    while True:
        page = fetch({**query, "limit": page_size, "cursor": cursor})
        cursor = str(page.meta.get("cursor") or "none")
        is_last = cursor == "none" or cursor in used_cursors
        kept_rows = page_filter(page.rows, is_last=is_last)
        empty_pages = 0 if page.rows else empty_pages + 1
        if not is_last and (empty_pages > MAX_EMPTY_PAGES or (page.rows and not page_filter.has_news)):
            raise repeated_page_error(number)
        yield kept_rows
        if is_last or (limit and page_filter.row_count >= limit):
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


def prefetch(pages: Iterator[Page]) -> Iterator[Page]:
    """Yield pages while a thread fetches the next one; the thread never keeps the process alive."""
    page = next(pages, None)
    if page is None:
        return
    requests: SimpleQueue[bool] = SimpleQueue()  # True for one page, False for no more
    fetched: SimpleQueue[Page | BaseException | None] = SimpleQueue()
    setswitchinterval(SWITCH_SECONDS)
    # One thread for all pages: each thread would keep the memory of its pages for itself.
    Thread(target=fetch_pages, args=(pages, requests, fetched), name="next page", daemon=True).start()
    try:
        while page is not None:
            requests.put(True)
            pages_to_use, page = [page], None
            yield pages_to_use.pop()  # kept by the caller alone, as long as it is used
            outcome = fetched.get()
            if isinstance(outcome, BaseException):
                raise outcome
            page = outcome
    finally:
        requests.put(False)


def fetch_pages(
    pages: Iterator[Page],
    requests: "SimpleQueue[bool]",
    fetched: "SimpleQueue[Page | BaseException | None]",
) -> None:
    """Put a page into `fetched` for each request: the page, None after the last one, or an exception."""
    while requests.get():
        try:
            fetched.put(next(pages, None))
        except BaseException as error:  # noqa: BLE001  # it is raised again where the page is used
            fetched.put(error)
