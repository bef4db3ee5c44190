"""What selects rows before they are printed: --sort, --query, and several --where."""

import pytest

from emqxctl.errors import UsageError
from emqxctl.output.query.select import apply_query, check_query, filter_pages, parse_conditions, parse_sort
from emqxctl.output.view import SortKey
from emqxctl.text.row_page import ParsedPage


def test_reading() -> None:
    assert parse_sort("a,-b, c ,+d") == (
        SortKey("a"),
        SortKey("b", descending=True),
        SortKey("c"),
        SortKey("d"),
    )
    for text in ("", "a,,b", "-", ","):
        with pytest.raises(UsageError, match="--sort"):
            parse_sort(text)


def test_query() -> None:
    assert apply_query([{"a": 1}, {"a": 2}], "[?a > `1`].a") == [2]
    assert check_query("[].a") == "[].a"
    for text, words in (
        ("[?a", "at character 4"),
        ("a b", "at character 3"),
        ("", "empty"),
        ("'", "Unclosed"),
    ):
        with pytest.raises(UsageError, match=words) as caught:
            check_query(text)
        assert repr(text) in caught.value.message
    with pytest.raises(UsageError, match="Unknown function"):
        apply_query({}, "nope(@)")


def test_several_options_must_all_match() -> None:
    where = parse_conditions(["a=1 or a=2", "not b=y"])
    rows = ParsedPage([{"a": 1, "b": "x"}, {"a": 2, "b": "y"}, {"a": 3, "b": "x"}])
    assert [len(page) for page in filter_pages([rows], where, ())] == [1]
