"""`emqxctl authorization`: settings and caches."""

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay

SETTINGS = find_exchange("GET /authorization/settings", "plain")
CACHE = {"enable": False, "cache_ttl": "1m", "max_count": 1000000, "max_memory": "100MB"}


def test_settings_are_sent_whole(run: Run) -> None:
    script = [SETTINGS, find_exchange("PUT /authorization/settings", "change")]
    words = ("--no-match", "deny", "--cache-ttl", "5m", "--no-cache-enable")
    outcome = replay(run, script, "authorization", "settings", "update", *words)
    assert outcome.result.code == 0, outcome.result.err
    cache = {**SETTINGS.body["cache"], "ttl": "5m", "enable": False}
    assert outcome.bodies == [{**SETTINGS.body, "no_match": "deny", "cache": cache}]
    dry_run = replay(run, script, "authorization", "settings", "update", *words, "--dry-run")
    assert '+  "no_match": "deny"' in dry_run.result.out
    assert dry_run.calls == ["GET /authorization/settings"]


def test_a_word_that_is_none_is_not_sent(run: Run) -> None:
    outcome = replay(run, [SETTINGS], "authorization", "settings", "update", "--no-match", "maybe")
    assert (outcome.result.code, outcome.calls) == (2, [])
    assert "allow, deny" in outcome.result.err


def test_what_emqx_refuses_can_be_read(run: Run) -> None:
    script = [SETTINGS, find_exchange("PUT /authorization/settings", "missing no_match")]
    words = ("settings", "update", "--replace", "--set", "deny_action=ignore")
    outcome = replay(run, script, "authorization", *words, "--json")
    assert (outcome.result.code, outcome.result.stdout) == (7, b"")
    assert "cache" in outcome.result.error["message"]
    assert outcome.bodies == [{"deny_action": "ignore"}]


def test_all_caches_are_cleaned(run: Run) -> None:
    script = [find_exchange("DELETE /authorization/cache", "clear all")]
    outcome = replay(run, script, "authorization", "cache", "clean")
    assert (outcome.result.code, outcome.calls) == (0, ["DELETE /authorization/cache"])


def test_the_node_cache_of_5_9(run: Run) -> None:
    path = "/authorization/node_cache"
    script = [
        make_exchange(f"GET {path}", 200, CACHE),
        make_exchange(f"PUT {path}", 204),
        make_exchange(f"POST {path}/reset", 204),
    ]
    words = ("authorization", "node-cache")
    outcome = replay(run, script, *words, "update", "--enable", "--max-count", "5", "--json")
    assert outcome.bodies == [{**CACHE, "enable": True, "max_count": 5}]
    assert outcome.result.json == {**CACHE, "enable": True, "max_count": 5}
    assert replay(run, script, *words, "get", "--json").result.json == CACHE
    assert replay(run, script, *words, "reset").calls == [f"POST {path}/reset"]
    counters = {"hits": {"value": 7, "rate": {"rate": 1.0}}, "misses": {"value": 3}, "memory": 2048}
    status = {"metrics": counters, "node_metrics": [{"node": "n1", "metrics": counters}, {"node": "n2"}]}
    outcome = replay(run, [make_exchange(f"GET {path}/status", 200, status)], *words, "status")
    assert [line.split() for line in outcome.result.out.splitlines()] == [
        ["NODE", "HITS", "MISSES", "INSERTS", "COUNT", "MEMORY"],
        ["n1", "7", "3", "-", "-", "2K"],
        ["n2", "-", "-", "-", "-", "-"],
    ]


@pytest.mark.parametrize("verb", ["get", "status"])
def test_an_older_broker_has_no_node_cache(run: Run, cluster: Sandbox, verb: str) -> None:
    result = run("authz", "node-cache", verb)
    assert result.code == 13
    assert "requires EMQX 5.9.0" in result.err
    assert cluster.requests
