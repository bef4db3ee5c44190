"""`emqxctl slow-subscriptions` against recorded answers."""

from tests.conftest import Run
from tests.support.recorded import exchange
from tests.support.replay import talk

LIST = exchange("GET /slow_subscriptions", "plain")
SETTINGS = exchange("GET /slow_subscriptions/settings", "plain")


def test_latency_and_time_can_be_read(run: Run) -> None:
    told = talk(run, [LIST], "slow-subscriptions", "list")
    assert told.ran.out.splitlines()[1].split() == [
        *("slow-reader-2", "fleet/announce", "1293ms", "emqx3@127.0.0.1", "2026-11-22T23:41:21+00:00"),
    ]
    assert talk(run, [LIST], "slow-subscriptions", "list", "--json").ran.json == LIST.body["data"]
    assert told.calls == ["GET /slow_subscriptions"]


def test_clear_is_confirmed(run: Run) -> None:
    script = [exchange("DELETE /slow_subscriptions", "clear")]
    assert talk(run, script, "slow-subscriptions", "clear").ran.code == 14
    told = talk(run, script, "slow-subscriptions", "clear", "--yes")
    assert (told.ran.code, told.calls) == (0, ["DELETE /slow_subscriptions"])


def test_settings_are_changed_whole(run: Run) -> None:
    script = [SETTINGS, exchange("PUT /slow_subscriptions/settings", "change")]
    told = talk(run, script, "slow-subscriptions", "settings", "update", "--top-k-num", "5", "--json")
    assert told.ran.code == 0, told.ran.err
    assert told.bodies == [{**SETTINGS.body, "top_k_num": 5}]
    assert told.ran.json["top_k_num"] == 5


def test_a_bad_threshold_is_refused_in_words(run: Run) -> None:
    script = [SETTINGS, exchange("PUT /slow_subscriptions/settings", "bad threshold")]
    told = talk(run, script, "slow-subscriptions", "settings", "update", "--threshold", "fast")
    assert told.ran.code == 7
    assert "Not a valid duration" in told.ran.err
    assert "<<" not in told.ran.err


def test_what_is_measured_is_checked_here(run: Run) -> None:
    told = talk(run, [SETTINGS], "slow-subscriptions", "settings", "update", "--stats-type", "guess")
    assert (told.ran.code, told.calls) == (2, [])
    assert "whole, internal, response" in told.ran.err


def test_settings_are_shown(run: Run) -> None:
    told = talk(run, [SETTINGS], "slow-subscriptions", "settings", "get")
    assert "300ms" in told.ran.out
