"""`--sort`, `--limit` and how they go together."""

import pytest

from emqxctl.output.query.select import parse_sort
from emqxctl.output.results import Row
from emqxctl.output.view import View
from tests.support.row_pages import select_rows


def order(values: list[object], text: str = "v", limit: int | None = None) -> list[object]:
    rows: list[Row] = [{"v": value} for value in values]
    return [row["v"] for row in select_rows(rows, View(sort=parse_sort(text), limit=limit))]


def test_each_kind_in_its_own_order() -> None:
    assert order([10, 9.5, 2]) == [2, 9.5, 10]
    assert order(["1.5G", "820.12M", "2.00K", 100]) == [100, "2.00K", "820.12M", "1.5G"]
    assert order(["node10", "node2", "Node1"]) == ["Node1", "node2", "node10"]
    assert order(["5.8.10", "5.8.9", "5.10.0"]) == ["5.8.9", "5.8.10", "5.10.0"]
    times: list[object] = ["2026-11-01T10:00:00+02:00", "2026-11-01T09:00:00Z", "2026-10-31"]
    assert order(times) == [times[2], times[0], times[1]]
    assert order([True, False]) == [False, True]
    assert order([5, "infinity", 7], "-v") == ["infinity", 7, 5]


@pytest.mark.parametrize("limit", [None, 99])
def test_nothing_comes_last_in_both_directions(limit: int | None) -> None:
    assert order([None, 2, None, 1], "v", limit) == [1, 2, None, None]
    assert order([None, 2, None, 1], "-v", limit) == [2, 1, None, None]
    rows: list[Row] = [{}, {"v": 1}]
    assert list(select_rows(rows, View(sort=parse_sort("-v"), limit=limit))) == [{"v": 1}, {}]


@pytest.mark.parametrize("limit", [None, 99])
def test_equal_rows_keep_their_order(limit: int | None) -> None:
    rows: list[Row] = [{"a": n % 2, "b": n % 3, "n": n} for n in range(12)]
    for keys in ("a", "-a", "a,-b", "-b,a"):
        fields = parse_sort(keys)
        expected = list(rows)
        for key in reversed(fields):
            expected.sort(key=lambda row: row[key.field], reverse=key.descending)  # type: ignore[arg-type, return-value]  # ints
        assert list(select_rows(rows, View(sort=fields, limit=limit))) == expected


def test_where_then_sort_then_limit() -> None:
    from emqxctl.output.query.where import parse_condition

    rows: list[Row] = [{"n": n} for n in range(100)]
    view = View(where=(parse_condition("n<50"),), sort=parse_sort("-n"), limit=2)
    assert list(select_rows(rows, view)) == [{"n": 49}, {"n": 48}]
    assert list(select_rows(rows, View(limit=0))) == []
