"""`emqxctl durable-queues`: creation and pages."""

from tests.conftest import Run
from tests.support.replay import make_exchange, replay


def test_durable_queues_are_declared_and_paged(run: Run) -> None:
    first = {"data": [{"id": "1", "group": "g", "topic": "t"}], "meta": {"hasnext": True, "cursor": "c"}}
    last = {"data": [{"id": "2", "group": "g", "topic": "u"}], "meta": {"hasnext": False}}
    script = [
        make_exchange("GET /durable_queues", 200, first),
        make_exchange("GET /durable_queues", 200, last),
    ]
    replayed = replay(run, script, "durable-queues", "list", "-o", "name")
    assert replayed.result.out.split() == ["1", "2"]
    assert "cursor=c" in replayed.calls[1]
    script = [make_exchange("POST /durable_queues", 201, last["data"][0])]  # type: ignore[index]  # a list
    replayed = replay(
        run, script, "durable-queues", "create", "g", "u", "--start-time", "2026-01-01T00:00:00Z"
    )
    assert replayed.bodies == [{"group": "g", "topic": "u", "start_time": 1767225600000}]
