"""`emqxctl streams` against responses made up."""

import pytest

from tests.conftest import Run
from tests.support.replay import make_exchange, replay

UNKNOWN = {"code": "NOT_FOUND", "message": "Request Path Not Found"}


def status(version: str) -> dict[str, str]:
    """Make up what a broker of this version says of itself."""
    return {"node_name": "n1", "rel_vsn": version, "app_status": "running", "broker_status": "started"}


def test_a_stream_cannot_change_its_topics(run: Run) -> None:
    stream = {"name": "s", "topic_filter": "t/#", "is_lastvalue": True, "data_retention_period": 604800000}
    arguments = ("streams", "create", "s", "--topic-filter", "t/#", "--lastvalue")
    replayed = replay(run, [make_exchange("POST /streams", 200, stream)], *arguments)
    assert replayed.bodies == [{"name": "s", "topic_filter": "t/#", "is_lastvalue": True}]
    script = [make_exchange("GET /stream/s", 200, stream), make_exchange("PUT /stream/s", 200, stream)]
    replayed = replay(run, script, "streams", "update", "s", "--retention", "30d")
    assert replayed.bodies == [{"is_lastvalue": True, "data_retention_period": "30d"}]
    assert replay(run, script, "streams", "update", "s", "--topic-filter", "x").result.code == 2
    page = {"data": [stream], "meta": {"hasnext": False}}
    replayed = replay(run, [make_exchange("GET /streams", 200, page)], "streams", "list")
    assert replayed.result.out.splitlines()[1].split()[-2:] == ["value", "7d"]


@pytest.mark.parametrize(("group", "path"), [("message-queues", "/queues"), ("streams", "/streams")])
def test_how_they_are_kept_is_sent_whole(run: Run, group: str, path: str) -> None:
    before = {"enable": True, "gc_interval": "1h"}
    script = [make_exchange(f"GET {path}/config", 200, before), make_exchange(f"PUT {path}/config", 204)]
    replayed = replay(run, script, group, "config", "update", "--gc-interval", "2h", "--json")
    assert replayed.bodies == [{"enable": True, "gc_interval": "2h"}]
    assert replayed.result.json == {"enable": True, "gc_interval": "2h"}


def test_what_is_still_to_come_says_since_when(run: Run) -> None:
    script = [
        make_exchange("GET /streams", 404, UNKNOWN),
        make_exchange("GET /status", 200, status("v5.8.9")),
    ]
    replayed = replay(run, script, "streams", "list", "--json")
    assert (replayed.result.code, replayed.result.stdout) == (13, b"")
    assert "requires EMQX 6.1" in replayed.result.error["message"]


@pytest.mark.parametrize("topic_filter", ["a/#/b", "a#", "a/+b", "#/a"])
def test_a_filter_that_would_break_the_list_is_not_sent(run: Run, topic_filter: str) -> None:
    for group in ("streams", "message-queues"):
        words = (group, "create", "x", "--topic-filter", topic_filter, "--no-lastvalue")
        replayed = replay(run, [], *words)
        assert (replayed.result.code, replayed.calls) == (2, [])
        assert f"invalid topic filter {topic_filter!r}" in replayed.result.err
