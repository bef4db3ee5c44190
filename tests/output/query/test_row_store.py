"""Rows that are sorted as a whole: in memory or in a temporary file, they come back as they were."""

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emqxctl.errors import EmqxctlError
from emqxctl.output.query import row_store
from emqxctl.output.query.row_store import RowStore
from emqxctl.output.query.select import detach_rows
from emqxctl.output.query.sort import sort_pages
from emqxctl.output.view import SortKey
from emqxctl.text import row_page
from emqxctl.text.row_page import RowPage, SourcePage, TextPage, parse_page

VALUES = st.sampled_from(
    [None, 1, 2, 10, -5, 2**70, 1.5, True, "a2", "a10", "5.8.9", "1K", "2024-01-01T00:00:00Z", [1], "é"]
)


def make_pages(rows: Sequence[dict[str, Any]], with_msgspec: Sequence[bool]) -> list[RowPage]:
    """Return pages of two rows, each parsed by msgspec or by json."""
    pages = []
    for start, by_msgspec in zip(range(0, len(rows), 2), with_msgspec, strict=False):
        content = json.dumps(rows[start : start + 2], separators=(",", ":"), ensure_ascii=False).encode()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(row_page, "SMALL_BYTES", 0 if by_msgspec else len(content) + 1)
            page = parse_page(content).rows
        assert isinstance(page, SourcePage) is by_msgspec
        pages.append(page)
    return pages


def read_all(pages: Sequence[RowPage], keys: Sequence[SortKey]) -> list[tuple[str, dict[str, Any]]]:
    """Return all rows sorted, each with its text."""
    rows: list[tuple[str, dict[str, Any]]] = []
    for page in sort_pages(pages, keys, None, detach_rows):
        texts = page.texts()
        if isinstance(page, TextPage):
            assert texts is not None
            assert [json.loads(bytes(text)) for text in texts if not isinstance(text, str)] == page.read_all()
            assert [row.get("a") for row in page.read(["a"])] == [row.get("a") for row in page.read_all()]
        rows += [(json.dumps(row), row) for row in page.read_all()]
    return rows


@given(
    values=st.lists(st.tuples(VALUES, VALUES) | st.tuples(st.integers(0, 3), VALUES), max_size=12),
    kinds=st.lists(st.booleans(), min_size=6, max_size=6),
    descending=st.booleans(),
    memory=st.sampled_from([0, 40, 1 << 20]),
)
def test_the_order_does_not_depend_on_where_rows_are_kept(
    values: list[tuple[object, object]], kinds: list[bool], memory: int, *, descending: bool
) -> None:
    rows: list[dict[str, Any]] = [{"n": n, "a": a, "b": b} for n, (a, b) in enumerate(values)]
    for row in rows[::3]:
        del row["b"]
    keys = [SortKey("a", descending=descending), SortKey("b")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_store, "MAX_MEMORY_BYTES", memory)
        expected = read_all(make_pages(rows, [False] * 6), keys)
        assert read_all(make_pages(rows, kinds), keys) == expected
        assert sorted(row["n"] for _, row in expected) == list(range(len(rows)))


def test_whole_numbers_are_compared_with_what_follows_them() -> None:
    rows: list[dict[str, Any]] = [{"a": 3}, {"a": 1}, {"a": "2K"}, {"a": None}, {"a": 2}, {"a": 2**64}]
    pages = make_pages(rows, [True] * 3)
    assert [row["a"] for _, row in read_all(pages, [SortKey("a")])] == [1, 2, 3, "2K", 2**64, None]


def test_many_rows_are_in_a_file_without_a_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(row_store, "MAX_MEMORY_BYTES", 0)
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    store = RowStore(detach_rows)
    for page in make_pages([{"a": n} for n in range(4)], [True, True]):
        store.add(page)
    assert store.file is not None
    assert os.fstat(store.file.fileno()).st_mode & 0o777 == 0o600
    assert list(folder.iterdir()) == []
    assert not store.memory
    assert [page.texts() for page in store.read([3, 0])] == [[b'{"a":3}', b'{"a":0}']]


def test_a_full_disk_is_an_error_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def open_full_device(**_options: object) -> IO[bytes]:
        return Path("/dev/full").open("r+b")

    monkeypatch.setattr(row_store, "MAX_MEMORY_BYTES", 0)
    monkeypatch.setattr(tempfile, "TemporaryFile", open_full_device)
    with pytest.raises(EmqxctlError) as raised:
        RowStore(detach_rows).add(make_pages([{"a": 1}], [True])[0])
    assert "cannot write to a temporary file: No space left on device" in raised.value.message
    assert "TMPDIR" in raised.value.hint
