"""Lists over all their pages as one stream of rows; the next page is fetched while the last one is used."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import chain
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

from emqxctl.api.response import unexpected_shape_error
from emqxctl.errors import ExitCode, ServerError
from emqxctl.resource import Paging

if TYPE_CHECKING:
    from emqxctl.api.deduplication import Deduplicator

Row = dict[str, Any]
FetchPage = Callable[[Mapping[str, object]], Any]
RowFilter = Callable[[list[Row]], list[Row]]

# Every version allows it; larger pages gain little and show the first row later (api.md §8.13).
PAGE_SIZE = 1000
MAX_EMPTY_PAGES = 100  # in a row, of a list with cursors


def keep_all(page: list[Row]) -> list[Row]:
    """Return all rows of a page."""
    return page


def iterate_rows(
    fetch: FetchPage,
    paging: Paging,
    query: Mapping[str, object],
    limit: int = 0,
    page_filter: "PageFilter | None" = None,
) -> Iterator[Row]:
    """Yield the rows of a list; with `limit` no more pages are requested than it needs.

    `fetch` takes the query of one page and returns its JSON; `page_filter` chooses the rows, all if absent.
    The first page is fetched when the first row is requested; an error of a later page is raised after the
    rows before it. A page that brings nothing new although more should follow ends the list with a
    ServerError, so that every list ends.
    """
    page_filter = page_filter or PageFilter()
    match paging:
        case Paging.PAGES:
            pages = iterate_numbered_pages(fetch, query, limit, page_filter)
        case Paging.CURSOR:
            pages = iterate_cursor_pages(fetch, query, limit, page_filter)
        case Paging.NONE | Paging.ENVELOPE:
            pages = iter([page_filter(page_rows(fetch(query)), is_last=True)])
    return chain.from_iterable(prefetch(pages))


def page_rows(page: object) -> list[Row]:
    """Return the rows of a page: a bare array, or `data` of an envelope.

    Raises ServerError for anything else, and for rows that are not objects: neither may pass for an empty
    list.
    """
    rows = page.get("data") if isinstance(page, dict) else page
    if not isinstance(rows, list):
        raise not_a_list_error(page)
    for row in rows:
        if not isinstance(row, dict):
            raise unexpected_shape_error(row, "a list of objects", "NOT_AN_OBJECT")
    return rows


def not_a_list_error(page: object) -> ServerError:
    """Return the error for JSON that is not a list."""
    return unexpected_shape_error(page, "a list", "NOT_A_LIST")


def page_meta(page: object) -> dict[str, object]:
    """Return the `meta` of a page, empty if there is none."""
    meta = page.get("meta") if isinstance(page, dict) else None
    return meta if isinstance(meta, dict) else {}


class PageFilter:
    """Chooses the rows of each page that are wanted, and notices a page that brings nothing new."""

    def __init__(self, row_key: tuple[str, ...] = (), row_filter: RowFilter = keep_all) -> None:
        """Drop what `row_filter` drops, and rows whose `row_key`, the fields that identify them, was seen."""
        self.row_key, self.row_filter = row_key, row_filter
        self.has_news = True  # the last page brought a row that was not seen before
        self.row_count = 0  # of all pages, after the filter

    def __call__(self, rows: list[Row], *, is_last: bool) -> list[Row]:
        """Return the wanted rows of a page; after the last page nothing needs to be remembered."""
        if self.row_key:
            rows = self.drop_repeats(rows)
        elif not is_last:
            self.has_news = bool(self.seen_rows(rows))
        kept_rows = self.row_filter(rows)
        self.row_count += len(kept_rows)
        return kept_rows

    def drop_repeats(self, rows: list[Row]) -> list[Row]:
        """Return the rows that were not seen before; a row without its key is kept, but is no news twice."""
        new_rows = self.seen_keys(rows)
        rows_without_key = [row for row in new_rows if row.get(self.row_key[0]) is None]
        self.has_news = len(new_rows) > len(rows_without_key) or bool(self.seen_rows(rows_without_key))
        return new_rows

    @cached_property
    def seen_keys(self) -> "Deduplicator":
        """The keys of the rows so far."""
        from emqxctl.api.deduplication import Deduplicator

        return Deduplicator(self.row_key)

    @cached_property
    def seen_rows(self) -> "Deduplicator":
        """The rows so far that have no key, as a whole."""
        from emqxctl.api.deduplication import Deduplicator

        return Deduplicator(())


def iterate_numbered_pages(
    fetch: FetchPage, query: Mapping[str, object], limit: int, page_filter: PageFilter
) -> Iterator[list[Row]]:
    """Yield the pages of a list with `page` and `limit`.

    The end is an empty page, or `hasnext` false or absent together with a page that is not full: with durable
    sessions `hasnext` turns false too early (api.md §0.3). Without `meta`, a page without news ends it too:
    such a server does not know pages. Otherwise a page without news is an error, unless it is the last one:
    rows move between pages while they are read.
    """
    page_size = min(limit, PAGE_SIZE) if limit else PAGE_SIZE
    number = 1
    while True:
        page = fetch({**query, "page": number, "limit": page_size})
        rows, meta = page_rows(page), page_meta(page)
        is_last = not rows or (meta.get("hasnext") is not True and len(rows) < page_size)
        kept_rows = page_filter(rows, is_last=is_last)
        if not is_last and not page_filter.has_news:
            if not meta:
                return
            raise repeated_page_error(number)
        yield kept_rows
        if is_last or (limit and page_filter.row_count >= limit):
            return
        number += 1


def iterate_cursor_pages(
    fetch: FetchPage, query: Mapping[str, object], limit: int, page_filter: PageFilter
) -> Iterator[list[Row]]:
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
        rows = page_rows(page)
        cursor = str(page_meta(page).get("cursor") or "none")
        is_last = cursor == "none" or cursor in used_cursors
        kept_rows = page_filter(rows, is_last=is_last)
        empty_pages = 0 if rows else empty_pages + 1
        if not is_last and (empty_pages > MAX_EMPTY_PAGES or (rows and not page_filter.has_news)):
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


def prefetch(pages: Iterator[list[Row]]) -> Iterator[list[Row]]:
    """Yield pages while a thread fetches the next one; the thread never keeps the process alive."""
    pending = fetch_page(pages, threaded=False)
    while True:
        page, error = pending.get()
        if error is not None:
            raise error
        if page is None:
            return
        pending = fetch_page(pages, threaded=True)
        yield page


def fetch_page(
    pages: Iterator[list[Row]], *, threaded: bool
) -> "SimpleQueue[tuple[list[Row] | None, BaseException | None]]":
    """Fetch one page into a queue: the page and no error, no page and an error, or neither at the end."""
    result: SimpleQueue[tuple[list[Row] | None, BaseException | None]] = SimpleQueue()

    def fetch() -> None:
        try:
            result.put((next(pages, None), None))
        except BaseException as error:  # noqa: BLE001  # it is raised again where the page is used
            result.put((None, error))

    if threaded:
        Thread(target=fetch, name="next page", daemon=True).start()
    else:
        fetch()
    return result
