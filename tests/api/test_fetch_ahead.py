"""One request ahead: in which thread, how often, and what happens to a response that is not taken."""

from collections.abc import Mapping
from threading import Event, Thread, current_thread, main_thread

import pytest

from emqxctl.api import fetch_ahead
from emqxctl.api.fetch_ahead import FetchAhead, Query
from emqxctl.api.page_size import PAGE_SIZE
from emqxctl.api.pagination import PageFilter, PageSource, iterate_pages
from emqxctl.api.timeouts import Deadline
from emqxctl.errors import UnreachableError
from emqxctl.resource import Paging
from emqxctl.text.row_page import ListPage, page_of


class Source:
    """Returns the number of each query; fails for `failing_number`."""

    def __init__(self, failing_number: int = 0) -> None:
        """Record what is fetched."""
        self.failing_number = failing_number
        self.fetched: list[tuple[object, bool]] = []  # the number, and whether the main thread fetched it

    def fetch(self, query: Query) -> object:
        """Return the number."""
        self.fetched.append((query["n"], current_thread() is main_thread()))
        if query["n"] == self.failing_number:
            message = "gone"
            raise UnreachableError(message)
        return query["n"]


def take_all(source: Source, *requests: tuple[int, ...]) -> list[object]:
    """Request the numbers of each tuple, and take the response of its last one."""
    responses = []
    with FetchAhead(source.fetch) as ahead:
        for numbers in requests:
            for number in numbers[:-1]:
                ahead.request({"n": number})
            responses.append(ahead.take({"n": numbers[-1]}).response)
    return responses


def test_a_thread_fetches_from_the_first_request_in_advance_on() -> None:
    source = Source()
    assert take_all(source, (1,), (2,), (3, 3), (4,)) == [1, 2, 3, 4]
    assert source.fetched == [(1, True), (2, True), (3, False), (4, False)]


def test_the_same_query_is_fetched_once() -> None:
    source = Source()
    assert take_all(source, (1,), (2, 2, 2), (2,)) == [1, 2, 2]
    assert [number for number, _ in source.fetched] == [1, 2, 2]


def test_a_response_that_is_not_wanted_any_more_is_dropped() -> None:
    source = Source(failing_number=9)
    assert take_all(source, (1,), (7, 9, 2), (3,)) == [1, 2, 3]


@pytest.mark.parametrize("failing_number", [1, 2])
def test_an_error_is_raised_where_its_response_is_taken(failing_number: int) -> None:
    source = Source(failing_number)
    with FetchAhead(source.fetch) as ahead:
        for number in range(1, failing_number):
            assert ahead.take({"n": number}).response == number
            ahead.request({"n": number + 1})
        with pytest.raises(UnreachableError):
            ahead.take({"n": failing_number})


def start_request(ahead: FetchAhead[object]) -> Event:
    """Request a response in another thread; the event is set when the request returns."""
    returned = Event()

    def request() -> None:
        ahead.request({"n": 1})
        returned.set()

    Thread(target=request, daemon=True).start()
    return returned


def test_a_request_in_advance_returns_when_it_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch_ahead, "SEND_SECONDS", 3600)
    started, may_send, may_end = Event(), Event(), Event()

    def fetch(query: Query) -> object:
        started.set()
        may_send.wait(10)
        Deadline(10).note_sent()
        may_end.wait(10)
        return query["n"]

    with FetchAhead(fetch) as ahead:
        returned = start_request(ahead)
        assert started.wait(10)
        assert not returned.wait(0.05), "the caller would decode before the request is sent"
        may_send.set()
        assert returned.wait(5), "the caller would wait for the response"
        may_end.set()
        assert ahead.take({"n": 1}).response == 1


def test_a_request_in_advance_returns_if_it_cannot_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch_ahead, "SEND_SECONDS", 3600)
    with FetchAhead(Source(failing_number=1).fetch) as ahead:
        assert start_request(ahead).wait(10)


class Server:
    """Numbered pages of rows; `count` is what it says, `row_count` what it has."""

    def __init__(self, row_count: int, count: int | None, maximum: Mapping[int, int] | None = None) -> None:
        """Hold the rows; `maximum` limits the size of the n-th response, the limit is always repeated."""
        self.row_count, self.count, self.maximum = row_count, count, maximum or {}
        self.requests: list[tuple[int, int]] = []
        self.requested = Event()  # another page

    def fetch(self, query: Query) -> ListPage:
        """Return one page."""
        number, limit = query["page"], query["limit"]
        assert isinstance(number, int)
        assert isinstance(limit, int)
        self.requests.append((number, limit))
        self.requested.set()
        start = limit * (number - 1)
        limit = min(limit, self.maximum.get(len(self.requests), limit))
        ids = range(start, min(start + limit, self.row_count))
        meta = {"limit": limit, "hasnext": start + limit < self.row_count, "count": self.count}
        return page_of({"data": [{"id": str(n)} for n in ids], "meta": meta})


@pytest.mark.parametrize("limit", [0, 2 * PAGE_SIZE + 5])
def test_a_page_that_the_count_announces_is_requested_before_the_last_one_is_decoded(limit: int) -> None:
    server = Server(2 * PAGE_SIZE + 5, count=2 * PAGE_SIZE + 5)
    numbers = iter(range(1, 4))

    def decode(page: ListPage) -> ListPage:
        if next(numbers) == 2:
            assert server.requested.wait(10), "page 3 is requested while page 2 is decoded"
        server.requested.clear()
        return page

    pages = iterate_pages(PageSource(server.fetch, decode), Paging.PAGES, {}, limit)
    next(pages)
    assert server.requested.wait(10), "page 2 is requested while page 1 is used"
    server.requested.clear()
    assert sum(map(len, pages)) == PAGE_SIZE + 5
    assert [number for number, _ in server.requests] == [1, 2, 3]


@pytest.mark.parametrize("count", [None, 0, PAGE_SIZE, 2500, 99_000])
@pytest.mark.parametrize("row_key", [(), ("id",)])
def test_a_wrong_count_neither_cuts_a_list_nor_fails_it(count: int | None, row_key: tuple[str, ...]) -> None:
    server = Server(2500, count)
    pages = iterate_pages(
        PageSource(server.fetch, lambda page: page), Paging.PAGES, {}, page_filter=PageFilter(row_key)
    )
    assert [int(row["id"]) for page in pages for row in page.read_all()] == list(range(2500))


@pytest.mark.parametrize("late_number", range(2, 6))
def test_a_size_that_is_not_kept_to_late_loses_no_row(late_number: int) -> None:
    server = Server(55_000, 55_000, maximum=dict.fromkeys(range(late_number, 99), PAGE_SIZE))
    pages = iterate_pages(
        PageSource(server.fetch, lambda page: page), Paging.PAGES, {}, page_filter=PageFilter(("id",))
    )
    assert [int(row["id"]) for page in pages for row in page.read_all()] == list(range(55_000))
