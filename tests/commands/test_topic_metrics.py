"""`emqxctl topic-metrics` against recorded answers, and its collections (6.3) against made-up ones."""

import pytest

from tests.conftest import Run
from tests.support.recorded import exchange
from tests.support.replay import made, talk

LIST = exchange("GET /mqtt/topic_metrics", "plain")
VIEW = {
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
    lines = talk(run, [LIST], "topic-metrics", "list").ran.out.splitlines()
    assert lines[0].split()[:5] == ["TOPIC", "IN", "IN/S", "OUT", "OUT/S"]
    assert lines[1].split()[:4] == ["telemetry/sensor-001/temp", "947", "3.0618", "0"]


def test_one_is_found_by_its_topic(run: Run) -> None:
    script = [exchange("GET /mqtt/topic_metrics/{topic}", "topic odd/topic with space")]
    told = talk(run, script, "topic-metrics", "get", "odd/topic with space", "--json")
    assert told.calls == ["GET /mqtt/topic_metrics/odd%2Ftopic%20with%20space"]
    assert told.ran.json["metrics"]["messages.out.count"] == 4620
    missing = [exchange("GET /mqtt/topic_metrics/{topic}", "topic not/registered")]
    assert talk(run, missing, "topic-metrics", "get", "not/registered").ran.code == 6


def test_create_begins_to_count(run: Run) -> None:
    told = talk(
        run, [exchange("POST /mqtt/topic_metrics", "create")], "topic-metrics", "create", "rec/metrics"
    )
    assert told.ran.code == 0
    assert told.bodies == [{"topic": "rec/metrics"}]


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("wildcard", "Wildcard topic is not supported"),
        ("table is full", "512"),
    ],
)
def test_why_a_topic_is_not_counted(run: Run, title: str, words: str) -> None:
    told = talk(run, [exchange("POST /mqtt/topic_metrics", title)], "topic-metrics", "create", "x")
    assert told.ran.code == 7
    assert words in told.ran.err


def test_delete_is_confirmed(run: Run) -> None:
    script = [exchange("DELETE /mqtt/topic_metrics/{topic}", "delete")]
    assert talk(run, script, "topic-metrics", "delete", "rec/metrics").ran.code == 14
    told = talk(run, script, "topic-metrics", "delete", "rec/metrics", "--yes")
    assert (told.ran.code, told.calls) == (0, ["DELETE /mqtt/topic_metrics/rec%2Fmetrics"])


def test_reset_takes_topics_or_all_but_never_nothing(run: Run) -> None:
    script = [exchange("PUT /mqtt/topic_metrics", "reset all")]
    nothing = talk(run, script, "topic-metrics", "reset", "--yes")
    assert (nothing.ran.code, nothing.calls) == (2, [])
    both = talk(run, script, "topic-metrics", "reset", "a", "--all", "--yes")
    assert (both.ran.code, both.calls) == (2, [])
    assert talk(run, script, "topic-metrics", "reset", "--all").ran.code == 14
    assert talk(run, script, "topic-metrics", "reset", "--all", "-y").bodies == [{"action": "reset"}]
    assert talk(run, script, "topic-metrics", "reset", "a/b").bodies == [{"action": "reset", "topic": "a/b"}]


def test_reset_of_an_unknown_topic_fails(run: Run) -> None:
    script = [exchange("PUT /mqtt/topic_metrics", "unknown topic")]
    assert talk(run, script, "topic-metrics", "reset", "not/registered").ran.code == 6


def test_collections_are_listed_and_shown(run: Run) -> None:
    told = talk(run, [made("GET /mqtt/topic_metrics2", 200, [VIEW])], "topic-metrics", "collections", "list")
    assert told.ran.out.splitlines()[1].split() == [
        "temperatures",
        "sensors/+/temp",
        "7",
        "3",
        "0",
        "2K",
        "9B",
    ]
    one = [made("GET /mqtt/topic_metrics2/temperatures", 200, VIEW)]
    assert talk(run, one, "topic-metrics", "collections", "get", "temperatures", "--json").ran.json == VIEW


def test_a_collection_is_created_reset_and_deleted(run: Run) -> None:
    script = [
        made("POST /mqtt/topic_metrics2", 201, VIEW),
        made("PUT /mqtt/topic_metrics2/temperatures/reset", 204),
        made("DELETE /mqtt/topic_metrics2/temperatures", 204),
        made("DELETE /mqtt/topic_metrics2", 204),
    ]
    group = ("topic-metrics", "collections")
    new = talk(run, script, *group, "create", "temperatures", "--topic-filter", "sensors/+/temp")
    assert new.ran.code == 0, new.ran.err
    assert new.bodies == [{"name": "temperatures", "topic_filter": "sensors/+/temp"}]
    assert talk(run, script, *group, "reset", "temperatures").calls == [
        "PUT /mqtt/topic_metrics2/temperatures/reset"
    ]
    assert talk(run, script, *group, "delete", "temperatures", "-y").calls == [
        "DELETE /mqtt/topic_metrics2/temperatures"
    ]
    assert talk(run, script, *group, "clear").ran.code == 14
    assert talk(run, script, *group, "clear", "-y").calls == ["DELETE /mqtt/topic_metrics2"]


def test_before_6_3_collections_are_said_to_be_missing(run: Run) -> None:
    script = [
        made("GET /mqtt/topic_metrics2", 404, {"code": "NOT_FOUND", "message": "Request Path Not Found"}),
        made("GET /status", 200, {"node_name": "e@x", "rel_vsn": "v5.8.9", "app_status": "running"}),
    ]
    told = talk(run, script, "topic-metrics", "collections", "list")
    assert told.ran.code == 13
    assert "6.3" in told.ran.err
