"""Pages that grow: what is asked for, and that each row comes once whatever the server makes of it."""

from collections.abc import Mapping

import pytest

from emqxctl.api import fetch_ahead, page_size
from emqxctl.api.page_size import MAX_PAGE_SIZE, PAGE_SIZE
from emqxctl.api.pagination import PageFilter, PageSource, iterate_pages
from emqxctl.errors import ExitCode, ServerError
from emqxctl.resource import Paging
from emqxctl.text.row_page import ListPage, page_of


class Server:
    """Numbered pages of rows of `row_bytes` bytes; above `maximum` it cuts, or `rejects`."""

    def __init__(
        self,
        count: int,
        *,
        row_bytes: int = 20,
        maximum: int = MAX_PAGE_SIZE,
        rejects: bool = True,
        echoes: bool = True,
    ) -> None:
        """Hold rows 0 to count; `echoes`: the response repeats the limit that was applied."""
        self.count, self.row_bytes = count, row_bytes
        self.maximum, self.rejects, self.echoes = maximum, rejects, echoes
        self.sizes: list[int] = []

    def fetch(self, query: Mapping[str, object]) -> ListPage:
        """Return one page."""
        number, limit = query["page"], query["limit"]
        assert isinstance(number, int)
        assert isinstance(limit, int)
        self.sizes.append(limit)
        if limit > self.maximum and self.rejects:
            message = "limit: out of range"
            raise ServerError(message, code="BAD_REQUEST", exit_code=ExitCode.REJECTED)
        limit = min(limit, self.maximum)
        ids = range(limit * (number - 1), min(limit * number, self.count))
        meta = {"page": number, "count": self.count, "hasnext": limit * number < self.count}
        meta |= {"limit": limit} if self.echoes else {}
        page = page_of({"data": [{"id": str(n)} for n in ids], "meta": meta})
        return page._replace(byte_count=len(ids) * self.row_bytes)


def decoded(page: ListPage) -> ListPage:
    """Return a page of the server, which is decoded already."""
    return page


def list_ids(server: Server, limit: int = 0, row_key: tuple[str, ...] = ("id",)) -> list[int]:
    """Read the list."""
    pages = iterate_pages(PageSource(server.fetch, decoded), Paging.PAGES, {}, limit, PageFilter(row_key))
    return [int(row["id"]) for page in pages for row in page.read_all()]


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Let time pass by the calls of the clock."""
    now = {"time": 0.0, "step": 0.001}

    def monotonic() -> float:
        now["time"] += now["step"]
        return now["time"]

    monkeypatch.setattr(fetch_ahead, "monotonic", monotonic)
    return now


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 9_999, 10_000, 25_300])
@pytest.mark.parametrize("echoes", [True, False])
@pytest.mark.parametrize(
    ("maximum", "rejects"), [(MAX_PAGE_SIZE, True), (1000, True), (1000, False), (3000, False)]
)
def test_each_row_comes_once(count: int, maximum: int, *, rejects: bool, echoes: bool) -> None:
    server = Server(count, maximum=maximum, rejects=rejects, echoes=echoes)
    assert list_ids(server) == list(range(count))


def test_the_first_page_is_small_and_the_others_are_large() -> None:
    server = Server(25_300)
    list_ids(server)
    assert server.sizes == [PAGE_SIZE, MAX_PAGE_SIZE, MAX_PAGE_SIZE, MAX_PAGE_SIZE]


def test_a_version_that_rejects_large_pages_is_asked_once() -> None:
    server = Server(5_500, maximum=1000)
    list_ids(server)
    assert server.sizes == [1000, MAX_PAGE_SIZE, *[1000] * 5]


def test_a_server_with_a_limit_of_its_own_is_asked_once() -> None:
    server = Server(5_500, maximum=1000, rejects=False)
    list_ids(server)
    assert server.sizes.count(MAX_PAGE_SIZE) == 1


def test_another_error_is_not_a_matter_of_size() -> None:
    class Failing(Server):
        def fetch(self, query: Mapping[str, object]) -> ListPage:
            if self.sizes:
                message = "nodedown"
                raise ServerError(message, exit_code=ExitCode.SERVER)
            return super().fetch(query)

    with pytest.raises(ServerError, match="nodedown"):
        list_ids(Failing(5_500))


def test_pages_that_take_longer_for_each_row_are_small_again(
    clock: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(Server):
        def fetch(self, query: Mapping[str, object]) -> ListPage:
            page = super().fetch(query)
            clock["time"] += (len(page.rows) / 1000) ** 2 * 0.01
            return page

    server = Slow(25_300)
    assert list_ids(server) == list(range(25_300))
    assert server.sizes[:2] == [PAGE_SIZE, MAX_PAGE_SIZE]
    assert set(server.sizes[2:]) == {PAGE_SIZE}


def test_a_page_is_no_larger_than_memory_and_time_allow(clock: dict[str, float]) -> None:
    server = Server(999_000, row_bytes=1050)
    pages = iterate_pages(PageSource(server.fetch, decoded), Paging.PAGES, {}, 0, PageFilter(("id",)))
    for _ in range(3):
        next(pages)
    assert server.sizes[1] * 1050 <= page_size.LIST_BYTES // 4
    clock["step"] = 1.0
    slow_server = Server(25_300)
    list_ids(slow_server)
    assert 4000 <= max(slow_server.sizes) <= 5000, "a thousand rows in one second, five seconds at most"


def test_a_limit_keeps_pages_small() -> None:
    server = Server(25_300)
    assert len(list_ids(server, limit=2500)) == 3000
    assert server.sizes == [1000, 1000, 1000]


def test_rows_without_a_key_come_in_small_pages() -> None:
    server = Server(3_500)
    assert list_ids(server, row_key=()) == list(range(3_500)), "where repeated rows could not be dropped"
    assert server.sizes == [1000] * 4
