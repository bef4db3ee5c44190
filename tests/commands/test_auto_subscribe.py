"""`emqxctl auto-subscribe`: the topics are one list, read and replaced whole."""

import json

import pytest

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import replay

NOW = find_exchange("GET /mqtt/auto_subscribe", "plain")
TWO = find_exchange("PUT /mqtt/auto_subscribe", "two")


def test_the_topics_are_listed(run: Run) -> None:
    outcome = replay(run, [NOW], "auto-subscribe", "get")
    assert outcome.result.out.splitlines()[1].split() == ["fleet/announce", "1", "0", "0", "1"]
    assert replay(run, [NOW], "auto-subscribe", "get", "--json").result.json == NOW.body


def test_set_replaces_them(run: Run) -> None:
    content = "- {topic: 'c/${clientid}', qos: 1}\n- {topic: 'u/${username}', nl: 1, qos: 0, rap: 0, rh: 2}\n"
    outcome = replay(run, [TWO], "auto-subscribe", "set", "-f", "-", stdin=content.encode())
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [json.loads(TWO.request_bytes or b"")]
    assert "2 auto-subscriptions" in outcome.result.err


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("too many", "20"),
        ("bad qos", "qos"),
        ("missing topic", "topic"),
    ],
)
def test_why_topics_are_refused_can_be_read(run: Run, title: str, text: str) -> None:
    script = [find_exchange("PUT /mqtt/auto_subscribe", title)]
    outcome = replay(run, script, "auto-subscribe", "set", "-f", "-", "--json", stdin=b'[{"qos": 5}]')
    assert outcome.result.code == 7
    assert text in outcome.result.error["message"]
    assert '\\"' not in outcome.result.error["message"]
