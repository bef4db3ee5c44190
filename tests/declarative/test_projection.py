"""Comparison by projection, and the body that an update sends."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emqxctl.declarative.documents import Variable, format_path
from emqxctl.declarative.kinds import all_kinds
from emqxctl.declarative.projection import Comparer, merge, own_fields, remove_paths
from emqxctl.declarative.server_schemas import Shape

COMPARER = Comparer(all_kinds()["exhooks"])
KEY = st.sampled_from(["a", "b", "c", "url"])
LEAF = st.booleans() | st.integers(0, 3) | st.sampled_from(["x", "y", "15s"])
BODY = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEY, inner, max_size=3), max_leaves=6
)
OBJECT = st.dictionaries(KEY, BODY, max_size=3)


def paths(stated: Any, actual: Any, comparer: Comparer = COMPARER) -> list[str]:
    """Return the paths of the differences."""
    return [format_path(one.path) for one in comparer.compare(stated, actual).differences]


@pytest.mark.parametrize(
    ("stated", "actual", "differing"),
    [
        ({}, {"a": 1}, []),
        ({"a": 1}, {"a": 1, "b": 2}, []),
        ({"a": 1}, {"a": 2}, ["a"]),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, []),
        ({"a": {"b": 1}}, {"a": {"b": 2, "c": 2}}, ["a.b"]),
        ({"a": {"b": 1}}, {"a": 3}, ["a"]),
        ({"a": [1, 2]}, {"a": [2, 1]}, ["a[0]", "a[1]"]),
        ({"a": [1, 2]}, {"a": [1]}, ["a"]),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1, "c": 2}]}, []),
        ({"a": []}, {}, []),
        ({"a": {}}, {}, []),
        ({"a": ""}, {}, []),
        ({"a": 1}, {}, ["a"]),
        ({"a": False}, {}, ["a"]),
        ({"a": None}, {"a": 1}, []),
        ({"enable": True}, {}, []),
        ({"enable": False}, {}, ["enable"]),
        ({"enable": None}, {"enable": False}, ["enable"]),
        ({"enable": None}, {"enable": True}, []),
        ({"request_timeout": 5000}, {}, []),
    ],
)
def test_comparison(stated: Any, actual: Any, differing: list[str]) -> None:
    assert paths(stated, actual) == differing


def test_a_masked_secret_cannot_be_compared() -> None:
    found = COMPARER.compare(
        {"password": "x", "a": {"token": Variable("A", "y")}},
        {"password": "******", "a": {"token": "******"}},
    )
    assert found.differences == []
    assert found.hidden == [("password",), ("a", "token")]


def test_a_mask_in_the_file_keeps_what_there_is() -> None:
    found = COMPARER.compare({"password": "******"}, {"password": "******"})
    assert (found.differences, found.hidden) == ([], [])
    assert merge({"password": "******"}, {"password": "******"}, COMPARER) == {"password": "******"}


@pytest.mark.parametrize("name", ["password", "secret", "authorization", "private_key"])
def test_a_secret_in_clear_is_compared_and_marked(name: str) -> None:
    found = COMPARER.compare({name: "x"}, {name: "y"}).differences
    assert [one.secret for one in found] == [True]


def test_the_servers_schema_says_what_is_secret_and_what_a_default_is() -> None:
    schema = {
        "properties": {
            "pass": {"type": "string", "format": "password"},
            "wait": {"type": "duration", "default": "15s"},
        }
    }
    comparer = Comparer(all_kinds()["connectors"], Shape(schema, {}))
    assert comparer.compare({"pass": "x"}, {"pass": "y"}).differences[0].secret
    assert paths({"wait": 15000}, {}, comparer) == []
    assert paths({"wait": 15001}, {}, comparer) == ["wait"]


@given(actual=OBJECT)
def test_an_object_differs_from_itself_in_nothing(actual: Any) -> None:
    assert paths(actual, actual) == []
    assert merge(actual, actual, COMPARER) == actual


@given(actual=OBJECT, stated=OBJECT)
def test_after_a_merge_nothing_differs(actual: Any, stated: Any) -> None:
    assert paths(stated, merge(actual, stated, COMPARER)) == []


@given(actual=OBJECT, stated=OBJECT)
def test_a_merge_leaves_what_is_not_stated(actual: Any, stated: Any) -> None:
    merged = merge(actual, stated, COMPARER)
    assert {name: value for name, value in merged.items() if name not in stated} == {
        name: value for name, value in actual.items() if name not in stated
    }


@given(actual=OBJECT, stated=OBJECT)
def test_a_merge_is_the_same_a_second_time(actual: Any, stated: Any) -> None:
    once = merge(actual, stated, COMPARER)
    assert merge(once, stated, COMPARER) == once


@pytest.mark.parametrize(
    ("actual", "stated", "merged"),
    [
        ({"a": 15000}, {"a": "15s"}, {"a": 15000}),
        ({"a": 1, "b": 2}, {"a": None}, {"b": 2}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}, {"a": {"b": 3, "c": 2}}),
        ({"password": "******"}, {"password": "new"}, {"password": "new"}),
        (
            {"a": [{"b": 1, "c": 9}, {"b": 2, "c": 8}]},
            {"a": [{"b": 2}, {"b": 1}]},
            {"a": [{"b": 2, "c": 8}, {"b": 1, "c": 9}]},
        ),
        ({"a": [{"b": 1, "c": 9}]}, {"a": [{"b": 5}]}, {"a": [{"b": 5, "c": 9}]}),
        ({"a": [{"b": 1, "c": 9}]}, {"a": [{"b": 1}, {"b": 2}]}, {"a": [{"b": 1, "c": 9}, {"b": 2}]}),
        ({"a": [1, 2, 3]}, {"a": [3]}, {"a": [3]}),
    ],
)
def test_merges(actual: Any, stated: Any, merged: Any) -> None:
    assert merge(actual, stated, COMPARER) == merged


def test_own_fields_are_what_an_update_takes() -> None:
    row = {"type": "http", "name": "a", "url": "u", "status": "connected", "extra": 1, "node_status": []}
    connectors = all_kinds()["connectors"]
    assert own_fields(connectors, row, None) == {"url": "u", "extra": 1}
    shape = Shape({"properties": {"url": {}, "name": {}}}, {})
    assert own_fields(connectors, row, shape) == {"url": "u"}


def test_paths_are_removed_from_a_copy() -> None:
    body = {"a": {"b": 1, "c": 2}, "d": 3}
    assert remove_paths(body, [("a", "b"), ("d",), ("x", "y")]) == {"a": {"c": 2}}
    assert body == {"a": {"b": 1, "c": 2}, "d": 3}
