"""Rows that move between pages while a list is read come once."""

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from emqxctl.api.deduplication import Deduplicator
from emqxctl.api.page_size import PAGE_SIZE
from emqxctl.api.pagination import PageFilter, iterate_rows
from emqxctl.resource import Paging
from emqxctl.text.json_rows import Row
from emqxctl.text.row_page import ParsedPage, parse_page

IDS = st.text(max_size=4) | st.integers(0, 9).map(str)


def keep_new(keep: Deduplicator, rows: list[Row]) -> list[Row]:
    """Return the rows that were not seen before."""
    return keep(ParsedPage(rows)).read_all()


@given(st.lists(st.lists(IDS, max_size=8), max_size=8), st.sampled_from([8, 64, 1024]))
def test_each_key_is_kept_the_first_time(pages: list[list[str]], slots: int) -> None:
    keep = Deduplicator(("id",), slots)
    kept_ids = [row["id"] for page in pages for row in keep_new(keep, [{"id": row_id} for row_id in page])]
    assert kept_ids == list(dict.fromkeys(row_id for page in pages for row_id in page))


def test_the_table_grows_with_a_list_of_any_length() -> None:
    keep = Deduplicator(("id",), 8)
    assert len(keep_new(keep, [{"id": str(number)} for number in range(10_000)])) == 10_000
    assert keep_new(keep, [{"id": str(number)} for number in range(10_000)]) == []
    assert keep.slots >= 15_000


def test_all_fields_of_a_key_count() -> None:
    page: list[Row] = [{"as": "clientid", "who": "a"}, {"as": "username", "who": "a"}, {"who": "a"}]
    keep = Deduplicator(("as", "who"))
    assert keep_new(keep, page) == page
    assert keep_new(keep, page) == []


def test_a_row_without_its_key_is_always_kept() -> None:
    keep = Deduplicator(("id",))
    assert keep_new(keep, [{"x": 1}, {"id": None}, {"x": 1}]) == [{"x": 1}, {"id": None}, {"x": 1}]


def test_without_a_key_the_whole_row_counts() -> None:
    keep = Deduplicator(())
    rows = [b'{"a":1}', b'{"a":2}']
    assert len(keep(parse_page(b"[%b,%b]" % (*rows,)).rows)) == 2
    assert len(keep(parse_page(b"[%b,%b]" % (*rows,)).rows)) == 0
    assert keep_new(keep, [{"b": 1}, {"b": 1}]) == [{"b": 1}]


@given(st.lists(st.integers(0, 40), min_size=1, max_size=4))
def test_a_list_that_grows_at_its_front_repeats_no_row(arrivals: list[int]) -> None:
    """Each page pushes so many new rows in front, so the next one begins with rows that were seen."""
    everything = list(range(3 * PAGE_SIZE))
    born = iter(range(10_000_000, 20_000_000))
    arrival_counts = iter(arrivals)

    def fetch(query: Mapping[str, Any]) -> object:
        start = query["limit"] * (query["page"] - 1)
        page_ids = everything[start : start + query["limit"]]
        everything[:0] = [next(born) for _ in range(next(arrival_counts, 0))]
        return {"data": [{"id": row_id} for row_id in page_ids], "meta": {"hasnext": bool(page_ids)}}

    keys = [row["id"] for row in iterate_rows(fetch, Paging.PAGES, {}, page_filter=PageFilter(("id",)))]
    assert len(keys) == len(set(keys))
    assert set(keys) >= set(range(3 * PAGE_SIZE))
