"""Lists over all their pages: where they end, what they ask for, and that they ask late."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from threading import Event
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emqxctl.api.page_size import PAGE_SIZE
from emqxctl.api.pagination import PageFilter, iterate_rows
from emqxctl.errors import ExitCode, ServerError, UnreachableError
from emqxctl.resource import Paging

LIMIT = PAGE_SIZE


class Server:
    """A list of rows in memory, handed out in pages; notes each query, and can lie or fail."""

    def __init__(self, count: int, *, lies: bool = False, silent: bool = False, fails_at: int = 0) -> None:
        """Hold rows 0 to count; `lies` turns hasnext false always, `silent` leaves it out."""
        self.rows = [{"n": number} for number in range(count)]
        self.lies, self.silent, self.fails_at = lies, silent, fails_at
        self.asked: list[dict[str, object]] = []
        self.called: dict[int, Event] = {}

    def fetch(self, query: Mapping[str, object]) -> Any:
        """Answer one page."""
        self.asked.append(dict(query))
        number = len(self.asked)
        if number == self.fails_at:
            message = "gone"
            raise UnreachableError(message)
        limit = query["limit"]
        assert isinstance(limit, int)
        cursor = query.get("cursor")
        page = query.get("page", 1)
        assert isinstance(page, int)
        start = int(str(cursor)) if cursor else limit * (page - 1)
        rows = self.rows[start : start + limit]
        if "cursor" in query:
            return {"data": rows, "meta": {"cursor": str(start + limit)} if rows else {}}
        has_more = start + limit < len(self.rows)
        meta = {} if self.silent else {"hasnext": has_more and not self.lies}
        return {"data": rows, "meta": {"page": page, **meta}}


@given(
    st.integers(0, 3 * LIMIT + 1) | st.sampled_from([LIMIT - 1, LIMIT, LIMIT + 1, 2 * LIMIT]),
    st.booleans(),
    st.booleans(),
    st.sampled_from([Paging.PAGES, Paging.CURSOR]),
)
def test_every_row_comes_once_whatever_hasnext_says(
    count: int, lies: bool, silent: bool, paging: Paging
) -> None:
    server = Server(count, lies=lies, silent=silent)
    assert [row["n"] for row in iterate_rows(server.fetch, paging, {"a": 1})] == list(range(count))
    assert all(query["a"] == 1 for query in server.asked)
    assert len(server.asked) <= count // LIMIT + 2


@given(st.integers(1, 2500), st.integers(0, 2500), st.sampled_from([Paging.PAGES, Paging.CURSOR]))
def test_no_more_is_asked_for_than_is_enough(enough: int, count: int, paging: Paging) -> None:
    server = Server(count)
    rows = list(iterate_rows(server.fetch, paging, {}, limit=enough))
    assert len(rows) >= min(enough, count)
    assert all(query["limit"] == min(enough, LIMIT) for query in server.asked)
    if count >= enough:
        assert len(server.asked) == -(-enough // LIMIT)


def test_a_short_page_with_hasnext_is_not_the_end() -> None:
    pages = [{"data": [{"n": 1}], "meta": {"hasnext": True}}, {"data": [], "meta": {"hasnext": True}}]
    assert list(iterate_rows(lambda _query: pages.pop(0), Paging.PAGES, {})) == [{"n": 1}]
    assert pages == []


def test_a_server_that_knows_of_no_pages_is_not_asked_for_ever() -> None:
    everything = [{"n": number} for number in range(LIMIT)]
    assert len(list(iterate_rows(lambda _query: everything, Paging.PAGES, {}))) == LIMIT


@pytest.mark.parametrize(
    "cursors", [["a", "a"], ["a", "b", "a"], ["none"], [None], [""], [{"x": 1}, {"x": 1}]]
)
def test_a_cursor_is_followed_once(cursors: list[object]) -> None:
    remaining_cursors = [*cursors]
    fetched = []

    def fetch(_query: Mapping[str, object]) -> Any:
        fetched.append(1)
        return {"data": [{"n": len(fetched)}], "meta": {"cursor": remaining_cursors.pop(0)}}

    assert len(list(iterate_rows(fetch, Paging.CURSOR, {}))) == len(cursors)


def test_an_extra_empty_page_ends_a_cursor() -> None:
    pages = [{"data": [{"n": 1}], "meta": {"cursor": "a"}}, {"data": [], "meta": {"cursor": "b"}},
             {"data": [{"n": 2}], "meta": {}}]  # fmt: skip
    rows = list(iterate_rows(lambda _query: pages.pop(0), Paging.CURSOR, {}))
    assert [row["n"] for row in rows] == [1, 2], "an empty page with a cursor is not the end of a cursor"


def test_an_error_comes_after_the_rows_before_it() -> None:
    for paging in (Paging.PAGES, Paging.CURSOR):
        server = Server(5 * LIMIT, fails_at=3)
        rows: list[dict[str, Any]] = []
        with pytest.raises(UnreachableError):
            rows.extend(iterate_rows(server.fetch, paging, {}))
        assert len(rows) == 2 * LIMIT
        assert len(server.asked) == 3


def test_nothing_is_asked_before_the_first_row_is() -> None:
    server = Server(5 * LIMIT)
    stream = iterate_rows(server.fetch, Paging.PAGES, {})
    assert server.asked == []
    next(stream)
    assert len(server.asked) <= 2


def test_one_page_at_most_is_fetched_ahead() -> None:
    server, second = Server(9 * LIMIT), Event()

    def fetch(query: Mapping[str, object]) -> Any:
        page = server.fetch(query)
        if query["page"] == 2:
            second.set()
        return page

    stream = iterate_rows(fetch, Paging.PAGES, {})
    for _ in range(LIMIT):
        next(stream)
    assert second.wait(5), "the second page is fetched while the first is used"
    assert len(server.asked) == 2
    del stream
    assert len(server.asked) == 2


def test_a_page_under_way_does_not_keep_the_process() -> None:
    code = (
        "import threading\n"
        "from emqxctl.api.pagination import iterate_rows\n"
        "from emqxctl.resource import Paging\n"
        "def fetch(query):\n"
        "    if query['page'] > 1: threading.Event().wait(60)\n"
        "    return {'data': [{'n': 1}] * query['limit'], 'meta': {'hasnext': True}}\n"
        "print(next(iterate_rows(fetch, Paging.PAGES, {})))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True
    )
    assert result.stdout == "{'n': 1}\n"


def full_page(number: int, *, hasnext: bool = True) -> dict[str, Any]:
    return {"data": [{"n": f"{number}-{row}"} for row in range(LIMIT)], "meta": {"hasnext": hasnext}}


REPEATING_SERVERS: dict[str, tuple[Callable[[int], Any], Paging]] = {
    "the same short page": (lambda _: {"data": [{"n": 1}], "meta": {"hasnext": True}}, Paging.PAGES),
    "the same full page": (lambda _: full_page(1), Paging.PAGES),
    "a full page, no next": (lambda _: full_page(1, hasnext=False), Paging.PAGES),
    "two pages in turn": (lambda number: full_page(number % 2), Paging.PAGES),
    "a page larger than its limit": (
        lambda _: {"data": [{"n": row} for row in range(3 * LIMIT)], "meta": {"hasnext": False}},
        Paging.PAGES,
    ),
    "rows without their key": (lambda _: {"data": [{"x": 1}], "meta": {"hasnext": True}}, Paging.PAGES),
    "ever new cursors": (lambda number: {"data": [{"n": 1}], "meta": {"cursor": f"{number}"}}, Paging.CURSOR),
    "ever new cursors of nothing": (
        lambda number: {"data": [], "meta": {"cursor": f"{number}"}},
        Paging.CURSOR,
    ),
}


@pytest.mark.parametrize("name", REPEATING_SERVERS)
@pytest.mark.parametrize("row_key", [(), ("n",), ("n", "x")])
def test_a_page_that_brings_nothing_new_ends_the_list(name: str, row_key: tuple[str, ...]) -> None:
    respond, paging = REPEATING_SERVERS[name]
    requests: list[Mapping[str, object]] = []

    def fetch(query: Mapping[str, object]) -> Any:
        requests.append(query)
        return respond(len(requests))

    rows: list[Any] = []
    with pytest.raises(ServerError) as caught:
        rows.extend(iterate_rows(fetch, paging, {}, page_filter=PageFilter(row_key)))
    assert (caught.value.code, caught.value.exit_code) == ("REPEATED_PAGE", ExitCode.SERVER)
    assert len(rows) == len({str(row) for row in rows}), "no row twice"
    # The page that brings nothing new, and the next one, which is fetched while that one is checked.
    assert len(requests) <= (5 if "of nothing" not in name else 110)


def test_a_last_page_of_rows_that_moved_is_no_error() -> None:
    pages = [full_page(1), {"data": [{"n": "1-5"}], "meta": {"hasnext": False}}]

    def fetch(query: Mapping[str, object]) -> Any:
        page = pages.pop(0)
        page["meta"]["limit"] = query["limit"]
        return page

    assert len(list(iterate_rows(fetch, Paging.PAGES, {}, page_filter=PageFilter(("n",))))) == LIMIT


def test_rows_are_objects() -> None:
    assert list(iterate_rows(lambda _query: [{"a": 1}], Paging.NONE, {})) == [{"a": 1}]
    assert list(iterate_rows(lambda _query: {"data": [{"a": 1}]}, Paging.ENVELOPE, {})) == [{"a": 1}]
