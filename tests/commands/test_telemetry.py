"""`emqxctl telemetry`: the switch and the data."""

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay


def test_telemetry_is_switched_only_when_it_is_otherwise(run: Run) -> None:
    off = make_exchange("GET /telemetry/status", 200, {"enable": False})
    script = [off, find_exchange("PUT /telemetry/status", "on")]
    replayed = replay(run, script, "telemetry", "enable", "--json")
    assert replayed.bodies == [{"enable": True}]
    assert replayed.result.json == {"enable": True}
    replayed = replay(run, [off], "telemetry", "disable")
    assert (replayed.result.code, replayed.calls) == (0, ["GET /telemetry/status"])
    assert "already" in replayed.result.err


def test_telemetry_that_is_off_has_no_data(run: Run) -> None:
    replayed = replay(run, [find_exchange("GET /telemetry/data", "plain")], "telemetry", "data")
    assert replayed.result.code == 6
    assert "not enabled" in replayed.result.err
    replayed = replay(run, [find_exchange("GET /telemetry/data", "enabled")], "telemetry", "data", "--json")
    assert replayed.result.json["active_plugins"] == []
    assert replay(
        run, [find_exchange("GET /telemetry/status", "plain")], "telemetry", "get", "--json"
    ).result.json == {"enable": False}
