"""`emqxctl topic-metrics` against recorded answers, and its collections (6.3) against made-up ones."""

import pytest

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay

LIST = find_exchange("GET /mqtt/topic_metrics", "plain")
COLLECTION = {
    "name": "temperatures",
    "topic_filter": "sensors/+/temp",
    "namespace": None,
    "create_time": "2026-06-02T12:34:56+00:00",
    "metrics": {
        "messages.in.count": 7,
        "messages.out.count": 3,
        "messages.dropped.count": 0,
        "bytes.in": 2048,
        "bytes.out": 9,
    },
}


def test_the_counters_stand_in_columns(run: Run) -> None:
    lines = replay(run, [LIST], "topic-metrics", "list").result.out.splitlines()
    assert lines[0].split()[:5] == ["TOPIC", "IN", "IN/S", "OUT", "OUT/S"]
    assert lines[1].split()[:4] == ["telemetry/sensor-001/temp", "947", "3.0618", "0"]


def test_one_is_found_by_its_topic(run: Run) -> None:
    script = [find_exchange("GET /mqtt/topic_metrics/{topic}", "topic odd/topic with space")]
    replayed = replay(run, script, "topic-metrics", "get", "odd/topic with space", "--json")
    assert replayed.calls == ["GET /mqtt/topic_metrics/odd%2Ftopic%20with%20space"]
    assert replayed.result.json["metrics"]["messages.out.count"] == 4620
    missing = [find_exchange("GET /mqtt/topic_metrics/{topic}", "topic not/registered")]
    assert replay(run, missing, "topic-metrics", "get", "not/registered").result.code == 6


def test_create_begins_to_count(run: Run) -> None:
    replayed = replay(
        run, [find_exchange("POST /mqtt/topic_metrics", "create")], "topic-metrics", "create", "rec/metrics"
    )
    assert replayed.result.code == 0
    assert replayed.bodies == [{"topic": "rec/metrics"}]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("wildcard", "Wildcard topic is not supported"),
        ("table is full", "512"),
    ],
)
def test_why_a_topic_is_not_counted(run: Run, title: str, text: str) -> None:
    replayed = replay(run, [find_exchange("POST /mqtt/topic_metrics", title)], "topic-metrics", "create", "x")
    assert replayed.result.code == 7
    assert text in replayed.result.err


def test_delete_is_confirmed(run: Run) -> None:
    script = [find_exchange("DELETE /mqtt/topic_metrics/{topic}", "delete")]
    assert replay(run, script, "topic-metrics", "delete", "rec/metrics").result.code == 14
    replayed = replay(run, script, "topic-metrics", "delete", "rec/metrics", "--yes")
    assert (replayed.result.code, replayed.calls) == (0, ["DELETE /mqtt/topic_metrics/rec%2Fmetrics"])


def test_reset_takes_topics_or_all_but_never_nothing(run: Run) -> None:
    script = [find_exchange("PUT /mqtt/topic_metrics", "reset all")]
    without_topics = replay(run, script, "topic-metrics", "reset", "--yes")
    assert (without_topics.result.code, without_topics.calls) == (2, [])
    both = replay(run, script, "topic-metrics", "reset", "a", "--all", "--yes")
    assert (both.result.code, both.calls) == (2, [])
    assert replay(run, script, "topic-metrics", "reset", "--all").result.code == 14
    assert replay(run, script, "topic-metrics", "reset", "--all", "-y").bodies == [{"action": "reset"}]
    assert replay(run, script, "topic-metrics", "reset", "a/b").bodies == [
        {"action": "reset", "topic": "a/b"}
    ]


def test_reset_of_an_unknown_topic_fails(run: Run) -> None:
    script = [find_exchange("PUT /mqtt/topic_metrics", "unknown topic")]
    assert replay(run, script, "topic-metrics", "reset", "not/registered").result.code == 6


def test_collections_are_listed_and_shown(run: Run) -> None:
    replayed = replay(
        run,
        [make_exchange("GET /mqtt/topic_metrics2", 200, [COLLECTION])],
        "topic-metrics",
        "collections",
        "list",
    )
    assert replayed.result.out.splitlines()[1].split() == [
        "temperatures",
        "sensors/+/temp",
        "7",
        "3",
        "0",
        "2K",
        "9B",
    ]
    script = [make_exchange("GET /mqtt/topic_metrics2/temperatures", 200, COLLECTION)]
    assert (
        replay(run, script, "topic-metrics", "collections", "get", "temperatures", "--json").result.json
        == COLLECTION
    )


def test_a_collection_is_created_reset_and_deleted(run: Run) -> None:
    script = [
        make_exchange("POST /mqtt/topic_metrics2", 201, COLLECTION),
        make_exchange("PUT /mqtt/topic_metrics2/temperatures/reset", 204),
        make_exchange("DELETE /mqtt/topic_metrics2/temperatures", 204),
        make_exchange("DELETE /mqtt/topic_metrics2", 204),
    ]
    group = ("topic-metrics", "collections")
    created = replay(run, script, *group, "create", "temperatures", "--topic-filter", "sensors/+/temp")
    assert created.result.code == 0, created.result.err
    assert created.bodies == [{"name": "temperatures", "topic_filter": "sensors/+/temp"}]
    assert replay(run, script, *group, "reset", "temperatures").calls == [
        "PUT /mqtt/topic_metrics2/temperatures/reset"
    ]
    assert replay(run, script, *group, "delete", "temperatures", "-y").calls == [
        "DELETE /mqtt/topic_metrics2/temperatures"
    ]
    assert replay(run, script, *group, "clear").result.code == 14
    assert replay(run, script, *group, "clear", "-y").calls == ["DELETE /mqtt/topic_metrics2"]


def test_before_6_3_collections_are_said_to_be_missing(run: Run) -> None:
    script = [
        make_exchange(
            "GET /mqtt/topic_metrics2", 404, {"code": "NOT_FOUND", "message": "Request Path Not Found"}
        ),
        make_exchange("GET /status", 200, {"node_name": "e@x", "rel_vsn": "v5.8.9", "app_status": "running"}),
    ]
    replayed = replay(run, script, "topic-metrics", "collections", "list")
    assert replayed.result.code == 13
    assert "6.3" in replayed.result.err
