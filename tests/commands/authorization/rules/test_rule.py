"""One rule as text and as object."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emqxctl.commands.authorization.rules._rule import format_rule, parse_rule
from emqxctl.errors import UsageError

PLAIN = {"permission": "allow", "action": "publish", "topic": "a/#"}


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("allow publish a/#", {}),
        ("  allow  publish  a/#  ", {}),
        ('allow publish "a/#"', {}),
        ("allow publish a/# qos=2,1", {"qos": [1, 2]}),
        ("allow publish a/# retain=true qos=0", {"retain": True, "qos": [0]}),
        ("allow publish a/# retain=all", {"retain": "all"}),
        ("allow publish eq a/#", {"topic": "eq a/#"}),
        ("allow publish eq retain=false", {"topic": "eq", "retain": False}),
        ("allow publish eq", {"topic": "eq"}),
        ('deny all "a b/+" qos=1', {"permission": "deny", "action": "all", "topic": "a b/+", "qos": [1]}),
        ('allow publish "say \\"hi\\""', {"topic": 'say "hi"'}),
        ("allow publish plant/${username}/+", {"topic": "plant/${username}/+"}),
    ],
)
def test_a_text_is_read(text: str, more: dict[str, object]) -> None:
    assert parse_rule(text) == {**PLAIN, **more}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "permission, action and topic required"),
        ("allow publish", "permission, action and topic required"),
        ("permit publish a", "'permit' is not allow or deny"),
        ("allow pub a", "'pub' is not publish, subscribe or all"),
        ("allow publish a b", "'b' is neither qos=... nor retain=..."),
        ("allow publish a qos=3", "invalid qos '3'"),
        ("allow publish a qos=", "qos"),
        ("allow publish a retain=yes", "invalid retain 'yes'"),
        ("allow publish a qos=1 qos=2", "qos is set twice"),
        ("allow publish a/#/b", "# must be the last level"),
        ("allow publish a#", "# must be the last level"),
        ("allow publish a/b+/c", "+ must be a whole level"),
        ('allow publish ""', "the topic is empty"),
        ('allow publish "a', "no closing quote"),
    ],
)
def test_a_bad_text_is_named_with_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_rule(text)
    assert caught.value.message.startswith(f"invalid rule '{text}': ")
    assert words in caught.value.message
    assert caught.value.hint.startswith("allow|deny publish|subscribe|all TOPIC")


def test_an_object_is_checked_and_kept() -> None:
    rule_object = {**PLAIN, "qos": ["1", 0], "retain": "true", "ipaddr": "10.0.0.0/8"}
    assert parse_rule(rule_object) == {**PLAIN, "qos": [0, 1], "retain": True, "ipaddr": "10.0.0.0/8"}
    assert parse_rule({**PLAIN, "topic": "a/#/b"})["topic"] == "a/#/b"  # EMQX takes it, a dump may have it


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({}, "permission and action and topic required"),
        ({"permission": "allow", "action": "all"}, "topic required"),
        ({**PLAIN, "permission": "maybe"}, "'maybe' is not allow or deny"),
        ({**PLAIN, "action": None}, "None is not publish, subscribe or all"),
        ({**PLAIN, "topic": 1}, "1 is not a topic"),
        ({**PLAIN, "qos": 7}, "invalid qos '7'"),
        ({**PLAIN, "qos": []}, "invalid qos '[]'"),
        ({**PLAIN, "retain": 1}, "invalid retain '1'"),
        (7, "neither a text nor an object"),
        (None, "neither a text nor an object"),
    ],
)
def test_a_bad_object_is_named_with_what_is_wrong(value: object, words: str) -> None:
    with pytest.raises(UsageError, match=r"^invalid rule '") as caught:
        parse_rule(value)
    assert words in caught.value.message


def test_what_holds_anyway_is_not_written() -> None:
    assert format_rule({**PLAIN, "qos": [0, 1, 2], "retain": "all"}) == "allow publish a/#"
    assert format_rule({**PLAIN, "qos": [1], "retain": False}) == "allow publish a/# qos=1 retain=false"
    assert format_rule({**PLAIN, "zone": "z"}) == "allow publish a/# zone=z"


@pytest.mark.parametrize("odd", [{}, None, 3, {"qos": 1}, {"topic": None}, {"qos": {}}])
def test_what_no_rule_should_be_is_written_all_the_same(odd: object) -> None:
    assert isinstance(format_rule(odd), str)


@pytest.mark.parametrize("topic", ["eq", "eq ", "eq eq", "eq eq a", "eq qos=1", "qos=1", "eq a b", '"', " "])
def test_odd_topics_survive(topic: str) -> None:
    assert parse_rule(format_rule({**PLAIN, "topic": topic})) == {**PLAIN, "topic": topic}


TOPICS = st.text(st.characters(exclude_characters="#+", exclude_categories=["Cs"]), min_size=1)


@given(
    st.sampled_from(["allow", "deny"]),
    st.sampled_from(["publish", "subscribe", "all"]),
    TOPICS,
    st.sets(st.sampled_from([0, 1, 2]), min_size=1).map(sorted),
    st.sampled_from([True, False, "all"]),
)
def test_what_is_written_is_read_as_the_same(
    permission: str, action: str, topic: str, qos: list[int], retain: object
) -> None:
    rule = {"permission": permission, "action": action, "topic": topic, "qos": qos, "retain": retain}
    assert {"qos": [0, 1, 2], "retain": "all", **parse_rule(format_rule(rule))} == rule
