"""Control characters as escapes, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emqxctl.text.escaping import escape_control_characters, unescape_control_characters


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
