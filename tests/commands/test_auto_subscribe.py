"""`emqxctl auto-subscribe`: the topics are one list, read and replaced whole."""

import json

import pytest

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import replay

NOW = find_exchange("GET /mqtt/auto_subscribe", "plain")
TWO = find_exchange("PUT /mqtt/auto_subscribe", "two")


def test_the_topics_are_listed(run: Run) -> None:
    told = replay(run, [NOW], "auto-subscribe", "get")
    assert told.result.out.splitlines()[1].split() == ["fleet/announce", "1", "0", "0", "1"]
    assert replay(run, [NOW], "auto-subscribe", "get", "--json").result.json == NOW.body


def test_set_replaces_them(run: Run) -> None:
    wanted = "- {topic: 'c/${clientid}', qos: 1}\n- {topic: 'u/${username}', nl: 1, qos: 0, rap: 0, rh: 2}\n"
    told = replay(run, [TWO], "auto-subscribe", "set", "-f", "-", stdin=wanted.encode())
    assert told.result.code == 0, told.result.err
    assert told.bodies == [json.loads(TWO.request_bytes or b"")]
    assert "2 auto-subscriptions" in told.result.err


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("too many", "20"),
        ("bad qos", "qos"),
        ("missing topic", "topic"),
    ],
)
def test_why_topics_are_refused_can_be_read(run: Run, title: str, words: str) -> None:
    script = [find_exchange("PUT /mqtt/auto_subscribe", title)]
    told = replay(run, script, "auto-subscribe", "set", "-f", "-", "--json", stdin=b'[{"qos": 5}]')
    assert told.result.code == 7
    assert words in told.result.error["message"]
    assert '\\"' not in told.result.error["message"]
