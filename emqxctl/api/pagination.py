"""Lists over all their pages, as one stream of rows: the next page is fetched while the last is used."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from queue import SimpleQueue
from threading import Thread
from typing import Any

from emqxctl.errors import ExitCode, ServerError
from emqxctl.resource import Paging

Row = dict[str, Any]
Fetch = Callable[[Mapping[str, object]], Any]
Keep = Callable[[list[Row]], list[Row]]

PAGE_ROWS = (
    1000  # every version allows it; larger pages gain little and show the first row later (api.md §8.13)
)


def whole(page: list[Row]) -> list[Row]:
    """Keep all rows of a page."""
    return page


def rows(
    fetch: Fetch, paging: Paging, query: Mapping[str, object], enough: int = 0, keep: Keep = whole
) -> Iterator[Row]:
    """Give all rows of a list; with `enough` no more are asked for than that needs.

    `fetch` takes the query of one page and gives its JSON; `keep` takes out what does not belong. The first
    page is fetched when the first row is asked for; an error of a later page is raised in its place, after
    the rows before it.
    """
    match paging:
        case Paging.PAGES:
            pages = numbered(fetch, query, enough, keep)
        case Paging.CURSOR:
            pages = with_cursor(fetch, query, enough, keep)
        case Paging.NONE | Paging.ENVELOPE:
            pages = iter([keep(data(fetch(query)))])
    return chain.from_iterable(ahead(pages))


def data(page: object) -> list[Row]:
    """Take the rows out of a page: a bare array, or `data` of an envelope. What is no object is left out.

    Raises ServerError for anything else: what is no list must not pass for an empty one.
    """
    found = page.get("data") if isinstance(page, dict) else page
    if not isinstance(found, list):
        raise no_list(page)
    return [row for row in found if isinstance(row, dict)]


def thing(found: object) -> Row:
    """Take one thing as an object. Raises ServerError for anything else: it is no empty one."""
    if not isinstance(found, dict):
        raise unfit(found, "an object", "NOT_AN_OBJECT")
    return found


def no_list(page: object) -> ServerError:
    """Say what came in place of a list."""
    return unfit(page, "a list", "NOT_A_LIST")


def unfit(found: object, wanted: str, code: str) -> ServerError:
    """Say what came in place of what was asked for."""
    kinds = {dict: "an object without `data`", list: "a list", str: "a text", type(None): "nothing"}
    return ServerError(
        f"{wanted} was asked for and {kinds.get(type(found), 'a single value')} came",
        code=code,
        hint="is this EMQX? emqxctl status tells; --debug shows the answer",
        exit_code=ExitCode.SERVER,
    )


def meta(page: object) -> dict[str, object]:
    """Take the `meta` out of a page, empty where there is none."""
    found = page.get("meta") if isinstance(page, dict) else None
    return found if isinstance(found, dict) else {}


def numbered(fetch: Fetch, query: Mapping[str, object], enough: int, keep: Keep) -> Iterator[list[Row]]:
    """Walk `page` and `limit` to the end.

    The end is an empty page, or `hasnext` false or absent together with a page that is not full: with durable
    sessions `hasnext` turns false too early (api.md §0.3). Without `meta` a page that is the one before ends
    it too: what answers so does not know of pages.
    """
    limit = min(enough, PAGE_ROWS) if enough else PAGE_ROWS
    number, seen = 1, 0
    before: list[Row] = []
    while True:
        page = fetch({**query, "page": number, "limit": limit})
        found = data(page)
        if found and found == before and not meta(page):
            return
        kept = keep(found)
        yield kept
        before = found
        seen += len(kept)
        more = meta(page).get("hasnext") is True
        if not found or (not more and len(found) < limit) or (enough and seen >= enough):
            return
        number += 1


def with_cursor(fetch: Fetch, query: Mapping[str, object], enough: int, keep: Keep) -> Iterator[list[Row]]:
    """Walk `limit` and `cursor` to the end: no cursor, or one that was followed before."""
    limit = min(enough, PAGE_ROWS) if enough else PAGE_ROWS
    cursor: object = None
    followed: set[str] = set()
    seen = 0
    while True:
        page = fetch({**query, "limit": limit, "cursor": cursor})
        kept = keep(data(page))
        yield kept
        seen += len(kept)
        cursor = str(meta(page).get("cursor") or "none")
        if cursor == "none" or cursor in followed or (enough and seen >= enough):
            return
        followed.add(cursor)


def ahead(pages: Iterator[list[Row]]) -> Iterator[list[Row]]:
    """Give pages while the next is being fetched, by a thread that never keeps the process alive."""
    waiting = fetched(pages, threaded=False)
    while True:
        page, error = waiting.get()
        if error is not None:
            raise error
        if page is None:
            return
        waiting = fetched(pages, threaded=True)
        yield page


def fetched(
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
