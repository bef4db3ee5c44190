"""HOCON is parsed as EMQX and the specification parse it, and what EMQX formats is read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emqxctl.emqx.hocon import HoconError, parse_hocon
from emqxctl.emqx.hocon_format import format_hocon
from tests.support.recordings import INDEXES, read_operation

VALUES = (
    ("a = [1, 2.5, true, null, x y]", {"a": [1, 2.5, True, None, "x y"]}),
    ("a = 15s, b = 1MB, c = 80%, d = 007, e = -1.5e3, f = 5m h", {"f": "5m h", "d": 7, "e": -1500.0}),
    ('{"a": {"b": [1, {"c": null}]}}', {"a": {"b": [1, {"c": None}]}}),
    ('a.b."c.d" : {e = "\\"f\\n\\u0041"} // note', {"a": {"b": {"c.d": {"e": '"f\nA'}}}}),
    ("a { b = 1 }\na.b = 2\na { c = 3 }", {"a": {"b": 2, "c": 3}}),
    ("a =\n  b # note\nc = d // note", {"a": "b", "c": "d"}),
    ('a = """\\d+ "q" \\\\""""', {"a": '\\d+ "q" \\\\"'}),
    ('a = """~\n    SELECT\n      *\n\n    FROM "t/#"~"""', {"a": 'SELECT\n  *\n\nFROM "t/#"'}),
    ('a = """~\n  x\n  ~"""', {"a": "x\n"}),
    ('a = x "y z" 1', {"a": "x y z 1"}),
    ("a = {x = 1} {y = 2}, b = [1] [2]\nb += 3", {"a": {"x": 1, "y": 2}, "b": [1, 2, 3]}),
    ('a = "${EMQX_ETC_DIR}/x"', {"a": "${EMQX_ETC_DIR}/x"}),
    ("a = ${b.c}\nb.c = 1\nd = ${b}\ne = x${a}", {"a": 1, "d": {"c": 1}, "e": "x1"}),
    ("a = ${?b}\nc = [${?b}, 1]", {"c": [1]}),
)
BROKEN = (
    *("a", "a = ", "a = [1", "a = {b = ", "{a = 1} b", "a = ${b}", "a = ${a}", 'include "x"', "a = [1] x"),
    *('a = "x', 'a = """x', "a = 1 = 2", "= 1", "a = &", "a = " + "[" * 50_000),
)


def test_values_are_parsed() -> None:
    for text, expected in VALUES:
        parsed = parse_hocon(text)
        assert {name: parsed[name] for name in expected} == expected, text
        if len(parsed) == len(expected):
            assert parsed == expected


def test_what_cannot_be_parsed_is_an_error_at_its_line() -> None:
    for text in BROKEN:
        with pytest.raises(HoconError):
            parse_hocon(text)
    with pytest.raises(HoconError) as broken:
        parse_hocon("a = 1\nb {\n  c = }\n}")
    assert broken.value.line == 3


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(codec="utf-8", exclude_categories=["C"])),
    lambda values: st.lists(values) | st.dictionaries(st.text('abc.$" -', min_size=1), values),
    max_leaves=10,
)


@given(st.dictionaries(st.text("abcxyz_", min_size=1), JSON_VALUES))
def test_what_is_formatted_is_read_back(roots: dict[str, object]) -> None:
    assert parse_hocon(format_hocon(roots)) == roots


def test_recorded_configurations_are_parsed() -> None:
    exchanges = [exchange for version in INDEXES for exchange in read_operation("GET /configs", version)]
    texts = [exchange.response_bytes.decode() for exchange in exchanges if exchange.status == 200]
    for text in texts:
        assert parse_hocon(text)
    assert len(texts) > 10


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a = [1, 2.5, true, null, x y]", {"a": [1, 2.5, True, None, "x y"]}),
        (
            'a.b."c d" : {e = "\\"f\\n"} // note\na { b { g = h } }',
            {"a": {"b": {"c d": {"e": '"f\n'}, "g": "h"}}},
        ),
        ('{a = """x "y" z"""}', {"a": 'x "y" z'}),
    ],
)
def test_hocon_is_read(text: str, value: object) -> None:
    assert parse_hocon(text) == value


@pytest.mark.parametrize("text", ["a", "a = ", "a = [1", "a = {b = ", "{a = 1} b", "a = ${b}"])
def test_broken_hocon_is_refused(text: str) -> None:
    with pytest.raises(HoconError):
        parse_hocon(text)
