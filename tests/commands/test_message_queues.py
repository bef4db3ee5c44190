"""`emqxctl message-queues` against responses made up."""

import json

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay

UNKNOWN = {"code": "NOT_FOUND", "message": "Request Path Not Found"}


def status(version: str) -> dict[str, str]:
    """Make up what a broker of this version says of itself."""
    return {"node_name": "n1", "rel_vsn": version, "app_status": "running", "broker_status": "started"}


def test_a_queue_is_created_read_and_changed(run: Run) -> None:
    queue = {"name": "jobs", "topic_filter": "jobs/#", "is_lastvalue": False, "dispatch_strategy": "random"}
    arguments = ("message-queues", "create", "jobs", "--topic-filter", "jobs/#", "--no-lastvalue")
    replayed = replay(run, [make_exchange("POST /queues", 200, queue)], *arguments)
    assert replayed.bodies == [{"name": "jobs", "topic_filter": "jobs/#", "is_lastvalue": False}]
    script = [make_exchange("GET /queue/jobs", 200, queue), make_exchange("PUT /queue/jobs", 200, queue)]
    replayed = replay(run, script, "message-queues", "update", "jobs", "--dispatch-strategy", "round_robin")
    assert replayed.bodies == [{"is_lastvalue": False, "dispatch_strategy": "round_robin"}]
    page = {"data": [queue], "meta": {"hasnext": False}}
    replayed = replay(run, [make_exchange("GET /queues", 200, page)], "message-queues", "list")
    assert replayed.result.out.splitlines()[1].split()[:3] == ["jobs", "jobs/#", "regular"]


def test_the_queues_of_6_0_have_no_names(run: Run) -> None:
    queue = {"topic_filter": "jobs/#", "is_lastvalue": False}
    unknown = {"kind": "validation_error", "reason": "unknown_fields", "unknown": "name"}
    script = [
        make_exchange("POST /queues", 404, UNKNOWN),
        make_exchange("GET /status", 200, status("6.0.1")),
        make_exchange(
            "POST /message_queues/queues", 400, {"code": "BAD_REQUEST", "message": json.dumps(unknown)}
        ),
        make_exchange("POST /message_queues/queues", 200, queue),
    ]
    replayed = replay(run, script, "message-queues", "create", "jobs/#", "--no-lastvalue", "--json")
    assert replayed.result.code == 0, replayed.result.err
    assert replayed.bodies[-1] == queue
    assert replayed.result.json == queue


def test_the_key_expression_of_a_regular_queue_is_not_sent_back(run: Run) -> None:
    queue = find_exchange("GET /queue/{name}", "rec-queue1", "6.2.2").body
    name = queue["name"]
    script = [
        make_exchange(f"GET /queue/{name}", 200, queue),
        make_exchange(f"PUT /queue/{name}", 200, queue),
    ]
    assert queue["is_lastvalue"] is False
    words = ("message-queues", "update", name, "--retention", "2d")
    replayed = replay(run, script, *words, check_requests=False)  # GET shows fields that no document has
    assert replayed.result.code == 0, replayed.result.err
    assert "key_expression" not in replayed.bodies[0]
    assert replayed.bodies[0]["is_lastvalue"] is False
