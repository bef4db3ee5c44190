"""Topics and filters: what matches what, judged by another way to say it."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emqxctl.emqx.topics import (
    ParsedSubscription,
    filter_covers,
    find_topic_error,
    has_wildcard,
    parse_delayed_topic,
    parse_subscription,
    rewrite_topic,
    topic_matches,
)

WORDS = st.sampled_from(["", "a", "b", "$SYS", "$", "ä", "a+", " "])
TOPICS = st.lists(WORDS, min_size=1, max_size=5).map("/".join)
FILTERS = st.builds(
    lambda words, tail: "/".join(words + tail),
    st.lists(st.one_of(WORDS, st.just("+")), min_size=1, max_size=5),
    st.sampled_from([[], ["#"]]),
)


def to_expression(topic_filter: str) -> str:
    """Say a filter as a regular expression, the way the standard's text does."""
    expressions = {"#": "(?:/[^/]*)*", "+": "/[^/]*"}
    return "".join(expressions.get(word, "/" + re.escape(word)) for word in topic_filter.split("/"))


@given(TOPICS, FILTERS | st.just("#"))
def test_a_filter_matches_what_its_expression_does(topic: str, topic_filter: str) -> None:
    """Level by level; `#` also matches the level above it; `$` topics match only by their first word."""
    expected = re.fullmatch(to_expression(topic_filter), "/" + topic, re.DOTALL) is not None
    hidden = topic.startswith("$") and topic_filter[0:1] in ("+", "#")
    assert topic_matches(topic, topic_filter) == (expected and not hidden)
    assert filter_covers(topic, topic_filter) == expected


@given(FILTERS, FILTERS, TOPICS)
def test_what_lies_within_a_filter_matches_no_more(inner: str, outer: str, topic: str) -> None:
    """A filter within another reaches no topic that the other does not, but for EMQX's `a/#` in `a/+`."""
    if not inner.endswith("#") and filter_covers(inner, outer) and filter_covers(topic, inner):
        assert filter_covers(topic, outer)


@given(TOPICS)
def test_a_topic_matches_itself(topic: str) -> None:
    """To the letter, and it has no wildcard."""
    assert topic_matches(topic, topic)
    assert not has_wildcard(topic)


def test_examples_of_the_standard() -> None:
    """MQTT 5, 4.7.1 and 4.7.2."""
    assert topic_matches("sport/tennis/player1", "sport/tennis/player1/#")
    assert topic_matches("sport", "sport/#")
    assert topic_matches("/finance", "+/+")
    assert topic_matches("/finance", "/+")
    assert not topic_matches("/finance", "+")
    assert not topic_matches("$SYS/monitor/Clients", "+/monitor/Clients")
    assert topic_matches("$SYS/monitor/Clients", "$SYS/monitor/+")
    assert not topic_matches("$SYS/x", "#")
    assert not topic_matches(
        "x/1/y", "x/#/y"
    )  # EMQX takes such a subscription from its API; it reaches nothing


def test_subscriptions_are_taken_apart() -> None:
    """Shared ones as MQTT 5 and as EMQX spell them, exclusive ones."""
    assert parse_subscription("$share/g/a/#") == ParsedSubscription("g", "a/#")
    assert parse_subscription("$share/g//a") == ParsedSubscription("g", "/a")
    assert parse_subscription("$queue/jobs/all") == ParsedSubscription("$queue", "jobs/all")
    assert parse_subscription("$exclusive/t/1") == ParsedSubscription("", "t/1", exclusive=True)
    assert parse_subscription("$share/g") == ParsedSubscription("", "$share/g")
    assert parse_subscription("share/g/a") == ParsedSubscription("", "share/g/a")


def test_delayed_topics() -> None:
    """The topic a delayed message is for, and the delay."""
    assert parse_delayed_topic("$delayed/90/a/b") == ("a/b", 90.0)
    assert parse_delayed_topic("$delayed/x/a") == ("$delayed/x/a", None)
    assert parse_delayed_topic("a/b") == ("a/b", None)


def test_what_is_no_topic() -> None:
    """Wildcards have a level of their own, # the last one."""
    assert find_topic_error("a/b") == find_topic_error("+/a/#") == ""
    assert "empty" in find_topic_error("")
    assert "last" in find_topic_error("a/#/b")
    assert "whole level" in find_topic_error("a/b+")
    assert "65535" in find_topic_error("ä" * 40000)
    assert "null" in find_topic_error("a\0")


RULES = [
    {"action": "publish", "source_topic": "x/#", "re": "^x/y/(.+)$", "dest_topic": "z/$1"},
    {"action": "all", "source_topic": "x/y/+", "re": "^x/y/([0-9])$", "dest_topic": "n/$1/${clientid}"},
    {"action": "subscribe", "source_topic": "#", "re": "(.+)", "dest_topic": "s/$1"},
]


def test_the_last_rule_whose_source_matches_is_tried_alone() -> None:
    """For x/y/z that is the second; its expression does not match, so nothing is rewritten."""
    assert rewrite_topic("x/y/z/1", RULES, "publish", {}).topic == "z/z/1"
    assert rewrite_topic("x/y/7", RULES, "publish", {"clientid": "dev"}).topic == "n/7/dev"
    assert rewrite_topic("x/y/z", RULES, "publish", {}) == ("x/y/z", None, "")
    assert rewrite_topic("q", RULES, "subscribe", {}).topic == "s/q"
    assert rewrite_topic("q", RULES, "publish", {}).rule is None


def test_a_rewriting_that_cannot_be_told() -> None:
    """Without the client, or with an expression that cannot be read."""
    assert "clientid" in rewrite_topic("x/y/7", RULES, "publish", {"clientid": None}).unknown_reason
    odd = [{"action": "all", "source_topic": "#", "re": "(", "dest_topic": "y"}]
    assert "expression" in rewrite_topic("x", odd, "publish", {}).unknown_reason


@pytest.mark.parametrize(
    ("pattern", "topic", "matches"),
    [
        ("a/+", "a/b", True),
        ("a/+", "a/b/c", False),
        ("a/#", "a", True),
        ("a/#", "a/b/c", True),
        ("#", "a/b", True),
        ("#", "$SYS/x", False),
        ("+/x", "$SYS/x", False),
        ("$SYS/#", "$SYS/x", True),
        ("a/b", "a/b", True),
        ("a/+/c", "a//c", True),
        ("+", "", True),
    ],
)
def test_filters_match_by_the_rules_of_mqtt(pattern: str, topic: str, matches: bool) -> None:
    assert topic_matches(topic, pattern) is matches


LEVELS = st.lists(st.sampled_from(["a", "b", "", "+"]), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(LEVELS, st.integers(0, 4))
def test_a_topic_fits_itself_with_levels_opened(levels: list[str], depth: int) -> None:
    topic = "/".join(levels)
    assert topic_matches(topic, topic)
    assert topic_matches(topic, "/".join([*levels[:depth], "#"]))
    assert topic_matches(topic, "/".join("+" for _ in levels))
    assert not topic_matches(topic, f"{topic}/more")
