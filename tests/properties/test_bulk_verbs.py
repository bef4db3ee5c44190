"""Bulk changes of subscriptions, retained messages and alarms."""

import json
from pathlib import Path
from typing import Any

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.replay import make_exchange, replay
from tests.support.sandboxes import replace_clients


def list_topics(run: Run, clientid: str) -> set[tuple[str, int]]:
    """Return the topics and QoS that a client is subscribed to."""
    rows: list[dict[str, Any]] = run("clients", "subscriptions", clientid, "-o", "json").json
    return {(row["topic"], row["qos"]) for row in rows}


def test_clients_that_match_are_subscribed_and_unsubscribed(run: Run, cluster: Sandbox) -> None:
    replace_clients(cluster, ["car-1", "car-2", "bus-1"])
    selection = ("--where", "clientid~^car-", "--yes")
    result = run("clients", "subscribe", "news", "cfg/+", "--qos", "1", *selection, "-o", "json")
    assert [(row["clientid"], row["status"]) for row in result.json] == [("car-1", "done"), ("car-2", "done")]
    assert list_topics(run, "car-2") >= {("news", 1), ("cfg/+", 1)}
    assert ("news", 1) not in list_topics(run, "bus-1")
    assert run("clients", "unsubscribe", "news", *selection).code == 0
    assert list_topics(run, "car-1") & {("news", 1), ("cfg/+", 1)} == {("cfg/+", 1)}


def test_clients_of_a_file_are_subscribed_and_missing_ones_are_reported(
    run: Run, cluster: Sandbox, tmp_path: Path
) -> None:
    replace_clients(cluster, ["car-1"])
    file = tmp_path / "ids"
    file.write_text("car-1\nghost\n")
    result = run("clients", "subscribe", "news", "--ids", str(file), "--yes", "-o", "json")
    assert [row["status"] for row in result.json] == ["done", "failed"]
    assert result.code == 9
    assert ("news", 0) in list_topics(run, "car-1")


def test_a_topic_that_was_refused_fails_its_client(run: Run) -> None:
    refusal = {"failed": [{"data": ["a", "x/y", {}], "reason": "no such thing"}], "success": []}
    script = [
        make_exchange("POST /clients/a/subscribe/bulk", 200, refusal),
        make_exchange("POST /clients/b/subscribe/bulk", 200, []),
    ]
    arguments = ("clients", "subscribe", "x/y", "--ids", "-", "--yes", "-o", "json")
    result = replay(run, script, *arguments, stdin=b"a\nb\n").result
    assert [(row["status"], row["reason"]) for row in result.json] == [
        ("failed", "x/y: no such thing"),
        ("done", ""),
    ]
    assert result.code == 9


@pytest.mark.parametrize("verb", ["subscribe", "unsubscribe"])
def test_a_missing_topic_is_a_usage_error(run: Run, verb: str) -> None:
    replayed = replay(run, [], "clients", verb, "dev-1")
    assert (replayed.result.code, replayed.calls) == (2, [])
    assert "TOPIC is required" in replayed.result.err


def test_many_are_subscribed_only_when_confirmed(run: Run, cluster: Sandbox) -> None:
    replace_clients(cluster, ["car-1", "car-2"])
    result = run("clients", "subscribe", "news", "--all")
    assert result.code == 14
    assert "subscribe 2 clients ('car-1', 'car-2')" in result.err
    assert list_topics(run, "car-1") == set()


def retain(run: Run, *names: str) -> None:
    """Leave retained messages at topics."""
    lines = "".join(json.dumps({"topic": item, "payload": "1", "retain": True}) + "\n" for item in names)
    assert run("publish-bulk", "-", stdin=lines.encode()).code == 0


def test_retained_messages_that_match_are_deleted(run: Run, cluster: Sandbox) -> None:
    before = set(run("retained", "list", "-o", "name").out.split("\n"))
    retain(run, "old/1", "old/2", "new/1")
    result = run("retained", "delete", "--where", "topic~^old/", "--yes", "-o", "json")
    assert [(row["topic"], row["status"]) for row in result.json] == [("old/1", "done"), ("old/2", "done")]
    assert set(run("retained", "list", "-o", "name").out.split("\n")) - before == {"new/1"}
    assert all(item.method in {"GET", "POST", "DELETE"} for item in cluster.requests)


def test_a_missing_retained_message_is_skipped(run: Run) -> None:
    missing = make_exchange(
        "DELETE /mqtt/retainer/message/a",
        404,
        {"code": "NOT_FOUND", "message": "Viewed message doesn't exist"},
    )
    fine = make_exchange("DELETE /mqtt/retainer/message/b", 204)
    result = replay(run, [missing, fine], "retained", "delete", "a", "b", "--yes", "-o", "json").result
    assert [(row["status"], row["reason"]) for row in result.json] == [
        ("skipped", "no retained message"),
        ("done", ""),
    ]
    assert result.code == 0


def test_nothing_is_deleted_without_a_selection(run: Run) -> None:
    replayed = replay(run, [], "retained", "delete", "--yes")
    assert (replayed.result.code, replayed.calls) == (2, [])
    assert "--all" in replayed.result.err


def test_alarms_that_match_are_deactivated_once_each(run: Run) -> None:
    rows = [{"name": "conn_congestion/a", "node": node} for node in ("n1", "n2")]
    rows_listed = make_exchange(
        "GET /alarms", 200, {"data": [*rows, {"name": "high_cpu"}], "meta": {"hasnext": False}}
    )
    over = make_exchange(
        "POST /alarms/force_deactivate",
        400,
        {"code": "NOT_FOUND", "message": "Alarm not found or already deactivated"},
    )
    arguments = ("alarms", "deactivate", "--where", "name~^conn", "--yes", "-o", "json")
    replayed = replay(run, [rows_listed, over], *arguments)
    assert replayed.bodies == [{"name": "conn_congestion/a"}]
    assert [(row["status"], row["reason"]) for row in replayed.result.json] == [
        ("skipped", "not active on this node")
    ]
    assert replayed.result.code == 0
