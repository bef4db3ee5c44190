"""`emqxctl bridges`: the former actions, as long as EMQX has them."""

import pytest

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay


def test_the_help_says_that_they_are_on_the_way_out(run: Run) -> None:
    assert "deprecated; removed in EMQX 6.0" in run("bridges", "--help").out


def test_the_table_shows_what_works(run: Run) -> None:
    outcome = replay(run, [find_exchange("GET /bridges", "plain")], "bridges", "list")
    rows = [line.split() for line in outcome.result.out.splitlines()]
    assert rows[0] == ["ID", "ENABLED", "STATUS", "REASON"]
    assert rows[1] == ["webhook:post-dead", "true", "disconnected", "Connection", "refused"]


def test_the_typed_options_make_the_body(run: Run) -> None:
    answer = find_exchange("POST /bridges", "webhook")
    words = (
        "bridges",
        "create",
        "webhook:rec-wh",
        "--target-url",
        "http://127.0.0.1:19181/x",
        "--method",
        "post",
    )
    outcome = replay(run, [answer], *words)
    assert outcome.result.code == 0, outcome.result.err
    expected_body = {"type": "webhook", "name": "rec-wh", "url": "http://127.0.0.1:19181/x", "method": "post"}
    assert outcome.bodies == [expected_body]


@pytest.mark.parametrize("title", ["already exists", "unknown type"])
def test_what_emqx_refuses_is_exit_7(run: Run, title: str) -> None:
    outcome = replay(
        run, [find_exchange("POST /bridges", title)], "bridges", "create", "webhook:x", "--target-url", "u"
    )
    assert outcome.result.code == 7
    assert '\\"' not in outcome.result.err


@pytest.mark.parametrize("verb", ["stop", "restart"])
def test_stopping_wants_a_yes(run: Run, verb: str) -> None:
    script = {
        f"POST /api/v5/bridges/webhook:x/{verb}": find_exchange(
            "POST /bridges/{id}/{operation}", "operation start"
        )
    }
    outcome = replay(run, script, "bridges", verb, "webhook:x")  # type: ignore[arg-type]  # any script
    assert (outcome.result.code, outcome.calls) == (14, [])
    outcome = replay(run, script, "bridges", verb, "webhook:x", "--yes")  # type: ignore[arg-type]  # any script
    assert (outcome.result.code, outcome.calls) == (0, [f"POST /bridges/webhook%3Ax/{verb}"])


def test_metrics_of_a_bridge(run: Run) -> None:
    script = [
        find_exchange("GET /bridges/{id}/metrics", "id webhook:nope"),
        find_exchange("GET /bridges/{id}", "id webhook:nope"),
    ]
    assert replay(run, script, "bridges", "metrics", "webhook:nope").result.code == 6


def test_the_metrics_of_each_node_instead_of_the_sum(run: Run) -> None:
    nodes = [{"node": f"n{n}", "metrics": {"matched": n, "success": n, "rate": 0.5}} for n in (1, 2)]
    counters = {"metrics": {"matched": 3, "success": 3, "rate": 1.0}, "node_metrics": nodes}
    script = [make_exchange("GET /bridges/webhook%3Aup/metrics", 200, counters)]
    words = ("bridges", "metrics", "webhook:up", "--json")
    assert replay(run, script, *words).result.json == counters["metrics"]
    outcome = replay(run, script, *words, "--per-node")
    assert outcome.result.json == [
        {"node": "n1", "matched": 1, "success": 1, "rate": 0.5},
        {"node": "n2", "matched": 2, "success": 2, "rate": 0.5},
    ]
    table = replay(run, script, *words[:-1], "--per-node").result.out.splitlines()
    assert [line.split()[:3] for line in table] == [
        ["NODE", "MATCHED", "SUCCESS"],
        ["n1", "1", "1"],
        ["n2", "2", "2"],
    ]
