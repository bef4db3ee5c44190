"""Control characters as escapes, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emqxctl.text.escaping import (
    control_character_pattern,
    escape_control_characters,
    escape_for_json,
    unescape_control_characters,
)


@given(st.text(alphabet=st.characters(blacklist_characters="\\", blacklist_categories=())))
def test_text_without_backslashes_comes_back(text: str) -> None:
    assert unescape_control_characters(escape_control_characters(text)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\\nb", "a\nb"),
        ("\\x1b[31m\\u202e\\U000e0001", "\x1b[31m\u202e\U000e0001"),
        ("\\x41 \\u0041", "\\x41 \\u0041"),  # no control characters: never written as escapes
        ("a\\b\\", "a\\b\\"),
        ("\\U00ffffff \\x1", "\\U00ffffff \\x1"),
    ],
)
def test_only_escapes_of_control_characters_are_read(text: str, expected: str) -> None:
    assert unescape_control_characters(text) == expected


def test_visible() -> None:
    assert escape_control_characters("a\x1b[31m\n\t\x7f\x9b\u202e\ud800\U000e0041中 é🚀") == (
        "a\\x1b[31m\\n\\t\\x7f\\x9b\\u202e\\ud800\\U000e0041中 é🚀"
    )


@given(st.characters())
def test_the_fast_way_round_is_right(character: str) -> None:
    assert not (control_character_pattern().search(character) and character.isprintable())


@given(st.text())
def test_visible_leaves_nothing_hostile(text: str) -> None:
    assert not control_character_pattern().search(escape_control_characters(text))


def test_json_escape() -> None:
    assert (
        control_character_pattern().sub(escape_for_json, "\x7f\u202e\U000e0041")
        == "\\u007f\\u202e\\udb40\\udc41"
    )


def test_every_hostile_character_is_unprintable() -> None:
    assert not [
        number
        for number in range(0x110000)
        if control_character_pattern().match(chr(number)) and chr(number).isprintable()
    ]
