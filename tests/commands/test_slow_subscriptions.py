"""`emqxctl slow-subscriptions` against recorded answers."""

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import replay

LIST = find_exchange("GET /slow_subscriptions", "plain")
SETTINGS = find_exchange("GET /slow_subscriptions/settings", "plain")


def test_latency_and_time_can_be_read(run: Run) -> None:
    replayed = replay(run, [LIST], "slow-subscriptions", "list")
    assert replayed.result.out.splitlines()[1].split() == [
        *("slow-reader-2", "fleet/announce", "1293ms", "emqx3@127.0.0.1", "2026-11-22T23:41:21+00:00"),
    ]
    assert replay(run, [LIST], "slow-subscriptions", "list", "--json").result.json == LIST.body["data"]
    assert replayed.calls == ["GET /slow_subscriptions"]


def test_clear_is_confirmed(run: Run) -> None:
    script = [find_exchange("DELETE /slow_subscriptions", "clear")]
    assert replay(run, script, "slow-subscriptions", "clear").result.code == 14
    replayed = replay(run, script, "slow-subscriptions", "clear", "--yes")
    assert (replayed.result.code, replayed.calls) == (0, ["DELETE /slow_subscriptions"])


def test_settings_are_changed_whole(run: Run) -> None:
    script = [SETTINGS, find_exchange("PUT /slow_subscriptions/settings", "change")]
    replayed = replay(run, script, "slow-subscriptions", "settings", "update", "--top-k-num", "5", "--json")
    assert replayed.result.code == 0, replayed.result.err
    assert replayed.bodies == [{**SETTINGS.body, "top_k_num": 5}]
    assert replayed.result.json["top_k_num"] == 5


def test_a_bad_threshold_is_refused_in_words(run: Run) -> None:
    script = [SETTINGS, find_exchange("PUT /slow_subscriptions/settings", "bad threshold")]
    replayed = replay(run, script, "slow-subscriptions", "settings", "update", "--threshold", "fast")
    assert replayed.result.code == 7
    assert "Not a valid duration" in replayed.result.err
    assert "<<" not in replayed.result.err


def test_what_is_measured_is_checked_here(run: Run) -> None:
    replayed = replay(run, [SETTINGS], "slow-subscriptions", "settings", "update", "--stats-type", "guess")
    assert (replayed.result.code, replayed.calls) == (2, [])
    assert "whole, internal, response" in replayed.result.err


def test_settings_are_shown(run: Run) -> None:
    replayed = replay(run, [SETTINGS], "slow-subscriptions", "settings", "get")
    assert "300ms" in replayed.result.out
