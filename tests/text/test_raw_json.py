"""Rows with their texts are the same rows."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emqxctl.text.raw_json import RawRow, parse_page

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)
PAGES = st.fixed_dictionaries({"data": st.lists(JSON, max_size=4), "meta": JSON}) | st.lists(JSON, max_size=4)


@given(page=PAGES, compact=st.booleans(), ensure_ascii=st.booleans())
def test_a_page_is_what_json_says_it_is(page: object, *, compact: bool, ensure_ascii: bool) -> None:
    text = json.dumps(page, separators=(",", ":") if compact else None, ensure_ascii=ensure_ascii)
    assert parse_page(text) == page


@given(rows=st.lists(st.dictionaries(st.text(), JSON, max_size=3), max_size=4))
def test_the_text_of_a_row_is_the_row(rows: list[dict[str, object]]) -> None:
    text = json.dumps({"data": rows, "meta": {"hasnext": True}}, separators=(",", ":"))
    page = parse_page(text)
    assert page["meta"] == {"hasnext": True}
    assert all(isinstance(row, RawRow) and json.loads(row.text) == row for row in page["data"])


@pytest.mark.parametrize(
    "text",
    [
        '{"data":[1',
        '{"data":[{]}',
        "[1,]",
        '{"data":[]',
        "",
        "[",
        '{"data":[{"a":1} {"b":2}]}',
        "nope",
        "[1]x",
    ],
)
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # json's own words
        parse_page(text)


def test_a_row_over_several_lines_has_no_text() -> None:
    assert not [row for row in parse_page('{"data":[{"a":\n1}]}')["data"] if isinstance(row, RawRow)]
