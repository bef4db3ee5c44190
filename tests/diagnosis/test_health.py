"""Health: nodes, listeners and alarms that are wrong, as EMQX reports them."""

from collections.abc import Sequence

import pytest

from emqxctl.diagnosis.health import (
    Problem,
    compute_memory_share,
    find_alarm_problems,
    find_failing,
    find_node_problems,
    find_problems,
    get_state,
)
from tests.support.recordings import find_exchange

RUNNING = {"node": "emqx@a", "node_status": "running", "version": "5.8.9", "uptime": 60_000, "load1": 0.5}


def list_problems(rows: Sequence[Problem]) -> list[tuple[str, str, str]]:
    """Return problems without their reasons."""
    return [(problem.kind, problem.name, problem.state) for problem in rows]


def test_recorded_nodes_that_stopped_are_found() -> None:
    exchange = find_exchange("GET /nodes", "two nodes stopped")
    assert exchange.response is not None
    problems = find_node_problems(exchange.response["body"])
    assert list_problems(problems) == [
        ("node", "emqx2@127.0.0.1", "stopped"),
        ("node", "emqx3@127.0.0.1", "stopped"),
    ]


def test_a_node_that_the_cluster_does_not_count_in_is_isolated() -> None:
    problems = find_node_problems([RUNNING, {**RUNNING, "node": "emqx@b"}], {"nodes": ["emqx@a"]})
    assert list_problems(problems) == [("node", "emqx@b", "isolated")]


def test_recorded_listeners_that_run_on_some_nodes_only_are_found() -> None:
    exchange = find_exchange("GET /listeners", "one node stopped")
    assert exchange.response is not None
    problems = find_failing("listeners", exchange.response["body"])
    assert ("listener", "tcp:default", "inconsistent") in list_problems(problems)
    assert problems[0].reason == "on emqx2@127.0.0.1"


def test_what_is_switched_off_is_meant_to_be() -> None:
    assert find_failing("connectors", [{"id": "a:b", "enable": False, "status": "disconnected"}]) == []
    assert find_failing("listeners", [{"id": "tcp:x", "enable": False, "status": {"running": False}}]) == []


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ({"status": {"running": True}}, "running"),
        ({"status": {"running": "inconsistent"}}, "inconsistent"),
        ({"running": False}, "stopped"),
        ({}, "unknown"),
    ],
)
def test_the_state_of_a_listener_is_one_word(row: dict[str, object], state: str) -> None:
    assert get_state("listeners", row) == state


def test_recorded_alarms_about_what_is_listed_already_are_left_out() -> None:
    exchange = find_exchange("GET /alarms", "one node stopped")
    assert exchange.response is not None
    rows = exchange.response["body"]["data"]
    known_problems = [Problem("connector", "mqtt:dead-broker", "disconnected")]
    names = [problem.name for problem in find_alarm_problems(rows, known_problems)]
    assert "connector:mqtt:dead-broker" not in names
    assert "connector:http:webhook-dead" in names
    assert len(names) == len(set(names)) == 4


def test_other_alarms_are_wrong_too() -> None:
    rows = [{"name": "high_cpu", "node": f"emqx@{at}", "message": "99% cpu usage. More"} for at in "ab"]
    problems = find_problems({"alarms": rows})
    assert problems == [Problem("alarm", "high_cpu", "active", "99% cpu usage (on emqx@a, emqx@b)")]


@pytest.mark.parametrize(
    ("used", "total", "share"),
    [("1G", "4G", 0.25), ("512.00M", "1.00G", 0.5), (1, 2, 0.5), ("?", "1G", None), (1, 0, None)],
)
def test_the_share_of_memory(used: object, total: object, share: float | None) -> None:
    assert compute_memory_share({"memory_used": used, "memory_total": total}) == share
