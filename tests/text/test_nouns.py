"""Nouns in sentences: plurals, and counts with their nouns."""

import pytest

from emqxctl.text.nouns import count_noun, pluralize


@pytest.mark.parametrize(
    ("noun", "plural"),
    [
        ("rule", "rules"),
        ("gateway", "gateways"),
        ("external registry", "external registries"),
        ("connected client", "connected clients"),
        ("publish", "publishes"),
        ("topic metrics", "topic metrics"),
        ("collection of topic metrics", "collections of topic metrics"),
    ],
)
def test_the_plural_follows_from_the_noun(noun: str, plural: str) -> None:
    assert pluralize(noun) == plural


def test_a_count_has_its_noun_in_the_right_number() -> None:
    assert [count_noun(count, "entry") for count in (0, 1, 2)] == ["0 entries", "1 entry", "2 entries"]
    assert count_noun(1200.0, "message", form=",.0f") == "1,200 messages"
    assert count_noun(10000, "client") == "10000 clients"
    assert count_noun(2, "index", plural="indices") == "2 indices"
