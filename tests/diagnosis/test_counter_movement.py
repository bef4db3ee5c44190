"""The movement of counters: two samples of rules, actions and sources, by object and node."""

import pytest

from emqxctl.api.client import Client
from emqxctl.api.connection import Connection
from emqxctl.api.parallel import Fetched
from emqxctl.diagnosis.counter_movement import (
    CountedObject,
    CounterMovement,
    compare_counters,
    measure_movement,
    parse_node_counters,
    to_counted_objects,
)
from emqxctl.errors import ServerError
from emqxctl.sandbox.server import Sandbox
from tests.support.recordings import ReplayServer, find_exchange
from tests.support.replay import make_exchange

ACTION = CountedObject("actions", "http:x")


def make_movement(before: dict[str, float], after: dict[str, float], node: str = "a") -> CounterMovement:
    """Return the movement of an action on one node."""
    return CounterMovement(ACTION, {node: before}, {node: after})


def test_counters_grow_and_gauges_change() -> None:
    movement = make_movement(
        {"matched": 10, "success": 8, "queuing": 5, "rate": 1.0},
        {"matched": 30, "success": 8, "queuing": 2, "rate": 9.0},
    )
    assert movement.grown() == {"matched": 20, "queuing": -3}
    assert movement.growth("success") == 0
    assert movement.total("matched") == 30


def test_a_reset_counter_starts_from_0() -> None:
    assert make_movement({"matched": 100}, {"matched": 7}).growth("matched") == 7


def test_only_nodes_of_both_samples_are_compared() -> None:
    movement = CounterMovement(
        ACTION, {"a": {"failed": 1}, "b": {"failed": 1}}, {"b": {"failed": 4}, "c": {"failed": 900}}
    )
    assert movement.growth("failed") == 3
    assert movement.growth_by_node("failed") == {"b": 3}
    assert movement.total("failed") == 904


def test_an_unknown_counter_is_0() -> None:
    movement = make_movement({}, {"matched": 1})
    assert (movement.growth("dropped.other"), movement.total("dropped.other")) == (0, 0)


def test_recorded_metrics_are_read_by_node() -> None:
    exchange = find_exchange("GET /actions/{id}/metrics", "id http:post-dead")
    counters = parse_node_counters(exchange.body)
    assert list(counters) == ["emqx1@127.0.0.1", "emqx2@127.0.0.1", "emqx3@127.0.0.1"]
    assert counters["emqx1@127.0.0.1"]["dropped.expired"] == 773
    assert counters["emqx1@127.0.0.1"]["rate_last5m"] == 2.86


@pytest.mark.parametrize(
    ("response", "counters"),
    [
        ({"node_metrics": [{"node": "a", "matched": 3}]}, {"a": {"matched": 3}}),
        ({"metrics": {"matched": 3, "name": "x"}}, {"": {"matched": 3}}),
        ([], {}),
        (None, {}),
        ({"node_metrics": None, "metrics": None}, {}),
    ],
)
def test_other_shapes_are_read_too(response: object, counters: object) -> None:
    assert parse_node_counters(response) == counters


def test_an_object_without_counters_says_why() -> None:
    error = ServerError("no", code="NOT_FOUND")
    (movement,) = compare_counters({ACTION: Fetched({"a": {}})}, {ACTION: Fetched(error=error)})
    assert movement.error is error
    assert movement.grown() == {}


def test_objects_have_their_namespace() -> None:
    rows = [{"type": "http", "name": "x", "namespace": "acme"}, {"id": "r1", "namespace": None}, "junk"]
    assert to_counted_objects("actions", rows) == [
        CountedObject("actions", "http:x", "acme"),
        CountedObject("actions", "r1"),
    ]


def test_the_counters_of_the_sandbox_move(sandbox: Sandbox) -> None:
    client = Client(Connection(sandbox.url, sandbox.api_key, sandbox.api_secret), print)
    pauses = []
    clock = sandbox.cluster.clock

    def pass_time(seconds: float) -> None:
        pauses.append(seconds)
        sandbox.cluster.clock = lambda: clock() + seconds

    movements = {
        movement.object: movement
        for movement in measure_movement(client, ("rules", "actions", "sources"), 5.0, sleep=pass_time)
    }
    assert pauses == [5.0]
    assert {key.kind for key in movements} == {"rules", "actions", "sources"}
    assert any(movement.growth("matched") > 0 for movement in movements.values())


def test_a_kind_that_this_emqx_lacks_has_no_objects() -> None:
    old = {"node_name": "a", "rel_vsn": "v5.3.0", "broker_status": "started", "app_status": "running"}
    script = [
        make_exchange("GET /rules", 200, {"data": [], "meta": {"hasnext": False}}),
        make_exchange("GET /actions", 404, {"code": "API_NOT_EXIST", "message": "Request Path Not Found"}),
        make_exchange("GET /status", 200, old),
    ]
    with ReplayServer(script) as server:
        client = Client(Connection(server.url, "k", "s"), print)
        assert measure_movement(client, ("rules", "actions"), 60.0) == []
