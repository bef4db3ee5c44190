"""Lists over all their pages as one stream of rows; the next page is fetched while the last one is used."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from queue import SimpleQueue
from threading import Thread
from typing import Any

from emqxctl.api.response import unexpected_shape_error
from emqxctl.errors import ServerError
from emqxctl.resource import Paging

Row = dict[str, Any]
FetchPage = Callable[[Mapping[str, object]], Any]
RowFilter = Callable[[list[Row]], list[Row]]

# Every version allows it; larger pages gain little and show the first row later (api.md §8.13).
PAGE_SIZE = 1000


def keep_all(page: list[Row]) -> list[Row]:
    """Return all rows of a page."""
    return page


def iterate_rows(
    fetch: FetchPage,
    paging: Paging,
    query: Mapping[str, object],
    limit: int = 0,
    row_filter: RowFilter = keep_all,
) -> Iterator[Row]:
    """Yield the rows of a list; with `limit` no more pages are requested than it needs.

    `fetch` takes the query of one page and returns its JSON; `row_filter` drops rows that do not belong. The
    first page is fetched when the first row is requested; an error of a later page is raised after the rows
    before it.
    """
    match paging:
        case Paging.PAGES:
            pages = iterate_numbered_pages(fetch, query, limit, row_filter)
        case Paging.CURSOR:
            pages = iterate_cursor_pages(fetch, query, limit, row_filter)
        case Paging.NONE | Paging.ENVELOPE:
            pages = iter([row_filter(page_rows(fetch(query)))])
    return chain.from_iterable(prefetch(pages))


def page_rows(page: object) -> list[Row]:
    """Return the rows of a page: a bare array, or `data` of an envelope, without what is not an object.

    Raises ServerError for anything else: what is not a list must not pass for an empty one.
    """
    rows = page.get("data") if isinstance(page, dict) else page
    if not isinstance(rows, list):
        raise not_a_list_error(page)
    return [row for row in rows if isinstance(row, dict)]


def not_a_list_error(page: object) -> ServerError:
    """Return the error for JSON that is not a list."""
    return unexpected_shape_error(page, "a list", "NOT_A_LIST")


def page_meta(page: object) -> dict[str, object]:
    """Return the `meta` of a page, empty if there is none."""
    meta = page.get("meta") if isinstance(page, dict) else None
    return meta if isinstance(meta, dict) else {}


def iterate_numbered_pages(
    fetch: FetchPage, query: Mapping[str, object], limit: int, row_filter: RowFilter
) -> Iterator[list[Row]]:
    """Yield the pages of a list with `page` and `limit`.

    The end is an empty page, or `hasnext` false or absent together with a page that is not full: with durable
    sessions `hasnext` turns false too early (api.md §0.3). Without `meta`, a page equal to the one before
    ends it too: such a server does not know pages.
    """
    page_size = min(limit, PAGE_SIZE) if limit else PAGE_SIZE
    number, row_count = 1, 0
    previous_rows: list[Row] = []
    while True:
        page = fetch({**query, "page": number, "limit": page_size})
        rows = page_rows(page)
        if rows and rows == previous_rows and not page_meta(page):
            return
        kept_rows = row_filter(rows)
        yield kept_rows
        previous_rows = rows
        row_count += len(kept_rows)
        has_next = page_meta(page).get("hasnext") is True
        if not rows or (not has_next and len(rows) < page_size) or (limit and row_count >= limit):
            return
        number += 1


def iterate_cursor_pages(
    fetch: FetchPage, query: Mapping[str, object], limit: int, row_filter: RowFilter
) -> Iterator[list[Row]]:
    """Yield the pages of a list with `limit` and `cursor`; the end is no cursor, or one used before."""
    page_size = min(limit, PAGE_SIZE) if limit else PAGE_SIZE
    cursor: object = None
    used_cursors: set[str] = set()
    row_count = 0
    while True:
        page = fetch({**query, "limit": page_size, "cursor": cursor})
        kept_rows = row_filter(page_rows(page))
        yield kept_rows
        row_count += len(kept_rows)
        cursor = str(page_meta(page).get("cursor") or "none")
        if cursor == "none" or cursor in used_cursors or (limit and row_count >= limit):
            return
        used_cursors.add(cursor)


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
