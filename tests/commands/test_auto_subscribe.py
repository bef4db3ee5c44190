"""`emqxctl auto-subscribe`: the topics are one list, read and replaced whole."""

import json

import pytest

from tests.conftest import Run
from tests.support.recorded import exchange
from tests.support.replay import talk

NOW = exchange("GET /mqtt/auto_subscribe", "plain")
TWO = exchange("PUT /mqtt/auto_subscribe", "two")


def test_the_topics_are_listed(run: Run) -> None:
    told = talk(run, [NOW], "auto-subscribe", "get")
    assert told.ran.out.splitlines()[1].split() == ["fleet/announce", "1", "0", "0", "1"]
    assert talk(run, [NOW], "auto-subscribe", "get", "--json").ran.json == NOW.body


def test_set_replaces_them(run: Run) -> None:
    wanted = "- {topic: 'c/${clientid}', qos: 1}\n- {topic: 'u/${username}', nl: 1, qos: 0, rap: 0, rh: 2}\n"
    told = talk(run, [TWO], "auto-subscribe", "set", "-f", "-", stdin=wanted.encode())
    assert told.ran.code == 0, told.ran.err
    assert told.bodies == [json.loads(TWO.sent or b"")]
    assert "2 auto-subscriptions" in told.ran.err


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("too many", "20"),
        ("bad qos", "qos"),
        ("missing topic", "topic"),
    ],
)
def test_why_topics_are_refused_can_be_read(run: Run, title: str, words: str) -> None:
    script = [exchange("PUT /mqtt/auto_subscribe", title)]
    told = talk(run, script, "auto-subscribe", "set", "-f", "-", "--json", stdin=b'[{"qos": 5}]')
    assert told.ran.code == 7
    assert words in told.ran.error["message"]
    assert '\\"' not in told.ran.error["message"]
