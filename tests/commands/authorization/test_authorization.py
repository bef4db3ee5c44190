"""`emqxctl authorization`: settings and caches."""

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recorded import exchange
from tests.support.replay import made, talk

SETTINGS = exchange("GET /authorization/settings", "plain")
CACHE = {"enable": False, "cache_ttl": "1m", "max_count": 1000000, "max_memory": "100MB"}


def test_settings_are_sent_whole(run: Run) -> None:
    script = [SETTINGS, exchange("PUT /authorization/settings", "change")]
    words = ("--no-match", "deny", "--cache-ttl", "5m", "--no-cache-enable")
    told = talk(run, script, "authorization", "settings", "update", *words)
    assert told.ran.code == 0, told.ran.err
    cache = {**SETTINGS.body["cache"], "ttl": "5m", "enable": False}
    assert told.bodies == [{**SETTINGS.body, "no_match": "deny", "cache": cache}]
    dry = talk(run, script, "authorization", "settings", "update", *words, "--dry-run")
    assert '+  "no_match": "deny"' in dry.ran.out
    assert dry.calls == ["GET /authorization/settings"]


def test_a_word_that_is_none_is_not_sent(run: Run) -> None:
    told = talk(run, [SETTINGS], "authorization", "settings", "update", "--no-match", "maybe")
    assert (told.ran.code, told.calls) == (2, [])
    assert "allow, deny" in told.ran.err


def test_what_emqx_refuses_can_be_read(run: Run) -> None:
    script = [SETTINGS, exchange("PUT /authorization/settings", "missing no_match")]
    words = ("settings", "update", "--replace", "--set", "deny_action=ignore")
    told = talk(run, script, "authorization", *words, "--json")
    assert (told.ran.code, told.ran.stdout) == (7, b"")
    assert "cache" in told.ran.error["message"]
    assert told.bodies == [{"deny_action": "ignore"}]


def test_all_caches_are_cleaned(run: Run) -> None:
    script = [exchange("DELETE /authorization/cache", "clear all")]
    told = talk(run, script, "authorization", "cache", "clean")
    assert (told.ran.code, told.calls) == (0, ["DELETE /authorization/cache"])


def test_the_node_cache_of_5_9(run: Run) -> None:
    path = "/authorization/node_cache"
    script = [made(f"GET {path}", 200, CACHE), made(f"PUT {path}", 204), made(f"POST {path}/reset", 204)]
    words = ("authorization", "node-cache")
    told = talk(run, script, *words, "update", "--enable", "--max-count", "5", "--json")
    assert told.bodies == [{**CACHE, "enable": True, "max_count": 5}]
    assert told.ran.json == {**CACHE, "enable": True, "max_count": 5}
    assert talk(run, script, *words, "get", "--json").ran.json == CACHE
    assert talk(run, script, *words, "reset").calls == [f"POST {path}/reset"]
    counted = {"hits": {"value": 7, "rate": {"rate": 1.0}}, "misses": {"value": 3}, "memory": 2048}
    status = {"metrics": counted, "node_metrics": [{"node": "n1", "metrics": counted}, {"node": "n2"}]}
    told = talk(run, [made(f"GET {path}/status", 200, status)], *words, "status")
    assert [line.split() for line in told.ran.out.splitlines()] == [
        ["NODE", "HITS", "MISSES", "INSERTS", "COUNT", "MEMORY"],
        ["n1", "7", "3", "-", "-", "2K"],
        ["n2", "-", "-", "-", "-", "-"],
    ]


@pytest.mark.parametrize("verb", ["get", "status"])
def test_an_older_broker_has_no_node_cache(run: Run, cluster: Sandbox, verb: str) -> None:
    ran = run("authz", "node-cache", verb)
    assert ran.code == 13
    assert "needs EMQX ≥ 5.9.0" in ran.err
    assert cluster.requests
