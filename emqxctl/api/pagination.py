"""Lists over all their pages, as one stream of rows: the next page is fetched while the last is used."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from queue import SimpleQueue
from threading import Thread
from typing import Any

from emqxctl.errors import ExitCode, ServerError
from emqxctl.resource import Paging

Row = dict[str, Any]
FetchPage = Callable[[Mapping[str, object]], Any]
RowFilter = Callable[[list[Row]], list[Row]]

PAGE_SIZE = (
    1000  # every version allows it; larger pages gain little and show the first row later (api.md §8.13)
)


def keep_all(page: list[Row]) -> list[Row]:
    """Keep all rows of a page."""
    return page


def iterate_rows(
    fetch: FetchPage,
    paging: Paging,
    query: Mapping[str, object],
    limit: int = 0,
    row_filter: RowFilter = keep_all,
) -> Iterator[Row]:
    """Give all rows of a list; with `enough` no more are asked for than that needs.

    `fetch` takes the query of one page and gives its JSON; `keep` takes out what does not belong. The first
    page is fetched when the first row is asked for; an error of a later page is raised in its place, after
    the rows before it.
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
    """Take the rows out of a page: a bare array, or `data` of an envelope. What is no object is left out.

    Raises ServerError for anything else: what is no list must not pass for an empty one.
    """
    found = page.get("data") if isinstance(page, dict) else page
    if not isinstance(found, list):
        raise not_a_list_error(page)
    return [row for row in found if isinstance(row, dict)]


def require_object(found: object) -> Row:
    """Take one thing as an object. Raises ServerError for anything else: it is no empty one."""
    if not isinstance(found, dict):
        raise unexpected_shape_error(found, "an object", "NOT_AN_OBJECT")
    return found


def not_a_list_error(page: object) -> ServerError:
    """Say what came in place of a list."""
    return unexpected_shape_error(page, "a list", "NOT_A_LIST")


def unexpected_shape_error(found: object, wanted: str, code: str) -> ServerError:
    """Say what came in place of what was asked for."""
    kinds = {dict: "an object without `data`", list: "a list", str: "a text", type(None): "nothing"}
    return ServerError(
        f"{wanted} was asked for and {kinds.get(type(found), 'a single value')} came",
        code=code,
        hint="is this EMQX? emqxctl status tells; --debug shows the answer",
        exit_code=ExitCode.SERVER,
    )


def page_meta(page: object) -> dict[str, object]:
    """Take the `meta` out of a page, empty where there is none."""
    found = page.get("meta") if isinstance(page, dict) else None
    return found if isinstance(found, dict) else {}


def iterate_numbered_pages(
    fetch: FetchPage, query: Mapping[str, object], limit: int, row_filter: RowFilter
) -> Iterator[list[Row]]:
    """Walk `page` and `limit` to the end.

    The end is an empty page, or `hasnext` false or absent together with a page that is not full: with durable
    sessions `hasnext` turns false too early (api.md §0.3). Without `meta` a page that is the one before ends
    it too: what answers so does not know of pages.
    """
    page_size = min(limit, PAGE_SIZE) if limit else PAGE_SIZE
    number, seen = 1, 0
    before: list[Row] = []
    while True:
        page = fetch({**query, "page": number, "limit": page_size})
        found = page_rows(page)
        if found and found == before and not page_meta(page):
            return
        kept = row_filter(found)
        yield kept
        before = found
        seen += len(kept)
        more = page_meta(page).get("hasnext") is True
        if not found or (not more and len(found) < page_size) or (limit and seen >= limit):
            return
        number += 1


def iterate_cursor_pages(
    fetch: FetchPage, query: Mapping[str, object], limit: int, row_filter: RowFilter
) -> Iterator[list[Row]]:
    """Walk `limit` and `cursor` to the end: no cursor, or one that was followed before."""
    page_size = min(limit, PAGE_SIZE) if limit else PAGE_SIZE
    cursor: object = None
    followed: set[str] = set()
    seen = 0
    while True:
        page = fetch({**query, "limit": page_size, "cursor": cursor})
        kept = row_filter(page_rows(page))
        yield kept
        seen += len(kept)
        cursor = str(page_meta(page).get("cursor") or "none")
        if cursor == "none" or cursor in followed or (limit and seen >= limit):
            return
        followed.add(cursor)


def prefetch(pages: Iterator[list[Row]]) -> Iterator[list[Row]]:
    """Give pages while the next is being fetched, by a thread that never keeps the process alive."""
    waiting = fetch_page(pages, threaded=False)
    while True:
        page, error = waiting.get()
        if error is not None:
            raise error
        if page is None:
            return
        waiting = fetch_page(pages, threaded=True)
        yield page


def fetch_page(
    pages: Iterator[list[Row]], *, threaded: bool
) -> "SimpleQueue[tuple[list[Row] | None, BaseException | None]]":
    """Fetch one page into a queue: the page and no error, no page and an error, or neither at the end."""
    result: SimpleQueue[tuple[list[Row] | None, BaseException | None]] = SimpleQueue()

    def fetch_one() -> None:
        try:
            result.put((next(pages, None), None))
        except BaseException as error:  # noqa: BLE001  # it is raised again where the page is used
            result.put((None, error))

    if threaded:
        Thread(target=fetch_one, name="next page", daemon=True).start()
    else:
        fetch_one()
    return result
