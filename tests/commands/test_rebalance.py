"""`emqxctl rebalance`: rebalances, evacuations and availability."""

from tests.conftest import Run
from tests.support.replay import make_exchange, replay


def test_rebalancing_says_what_it_does_before_it_does_it(run: Run) -> None:
    path = "/load_rebalance/n1%40h/start"
    arguments = (
        "rebalance",
        "start",
        "n1@h",
        "--nodes",
        "n1@h",
        "--nodes",
        "n2@h",
        "--conn-evict-rate",
        "50",
    )
    assert replay(run, [], *arguments).result.code == 14
    replayed = replay(
        run, [make_exchange(f"POST {path}", 200, {})], *arguments, "--rel-conn-threshold", "1.2", "--yes"
    )
    assert replayed.result.code == 0, replayed.result.err
    assert replayed.bodies == [{"nodes": ["n1@h", "n2@h"], "conn_evict_rate": 50, "rel_conn_threshold": 1.2}]
    path = "/load_rebalance/n1%40h/evacuation/start"
    script = [make_exchange(f"POST {path}", 200, {})]
    replayed = replay(
        run, script, "rebalance", "evacuation", "start", "n1@h", "--redirect-to", "h2:1883", "-y"
    )
    assert replayed.bodies == [{"redirect_to": "h2:1883"}]
    for verb, path in (("stop", "stop"), ("evacuation stop", "evacuation/stop")):
        script = [make_exchange(f"POST /load_rebalance/n1%40h/{path}", 200, {})]
        assert replay(run, script, "rebalance", *verb.split(), "n1@h").result.code == 0


def test_what_is_under_way_is_one_list(run: Run) -> None:
    stats = {"current_connected": 3, "initial_connected": 9, "current_sessions": 4, "initial_sessions": 9}
    answer = {
        "rebalances": [{"node": "n1", "state": "evicting_conns", "stats": stats}],
        "evacuations": [{"node": "n2", "state": "evicting_conns", "stats": stats}],
    }
    replayed = replay(
        run, [make_exchange("GET /load_rebalance/global_status", 200, answer)], "rebalance", "global-status"
    )
    rows = [line.split() for line in replayed.result.out.splitlines()[1:]]
    assert rows == [
        ["rebalance", "n1", "evicting_conns", "3", "9", "4"],
        ["evacuation", "n2", "evicting_conns", "3", "9", "4"],
    ]


def test_a_node_that_is_evacuated_is_not_available(run: Run) -> None:
    path = "GET /load_rebalance/availability_check"
    away = {"code": "NODE_EVACUATING", "message": "Node Evacuating"}
    replayed = replay(run, [make_exchange(path, 503, away)], "rebalance", "availability", "--json")
    assert (replayed.result.code, replayed.result.json["available"]) == (8, False)
    assert len(replayed.calls) == 1
    assert "authorization" not in replayed.received[0].headers
    replayed = replay(run, [make_exchange(path, 200, {})], "rebalance", "availability", "--json")
    assert (replayed.result.code, replayed.result.json) == (0, {"available": True})


def test_the_status_of_rebalancing_and_eviction(run: Run) -> None:
    off = {"status": "disabled"}
    replayed = replay(
        run, [make_exchange("GET /load_rebalance/status", 200, off)], "rebalance", "status", "--json"
    )
    assert replayed.result.json == off
    on = {"status": "enabled", "stats": {"connections": 3, "sessions": 4}}
    replayed = replay(run, [make_exchange("GET /node_eviction/status", 200, on)], "eviction", "status")
    assert "3" in replayed.result.out
