"""`emqxctl license`: the license, its settings and the history of sessions."""

from pathlib import Path

from tests.conftest import Run
from tests.support.replay import make_exchange, replay


def test_a_license_key_never_stands_in_the_process_list_or_a_dry_run(run: Run, tmp_path: Path) -> None:
    key = tmp_path / "emqx.lic"
    key.write_text("MjIwMTEx.LICENSE-KEY==\n")
    answer = {"customer": "Foo", "expiry_at": "2295-10-27"}
    replayed = replay(
        run, [make_exchange("POST /license", 200, answer)], "license", "update", "--key-file", str(key)
    )
    assert replayed.bodies == [{"key": "MjIwMTEx.LICENSE-KEY=="}]
    assert "until 2295-10-27" in replayed.result.err
    dry = replay(run, [], "license", "update", "--key-file", str(key), "--dry-run", "--debug")
    assert "LICENSE-KEY" not in dry.result.out + dry.result.err
    assert "curl -X POST" in dry.result.out
    assert replay(run, [], "license", "update", "--key-file", "-", stdin=b"\n").result.code == 2


def test_the_license_and_its_settings_are_shown_and_changed(run: Run) -> None:
    license_ = {"customer": "Foo", "expiry": False, "max_connections": 10, "type": "trial"}
    assert (
        replay(run, [make_exchange("GET /license", 200, license_)], "license", "get", "--json").result.json
        == license_
    )
    before = {"connection_high_watermark": "80%", "connection_low_watermark": "75%"}
    script = [
        make_exchange("GET /license/setting", 200, before),
        make_exchange("PUT /license/setting", 200, before),
    ]
    replayed = replay(run, script, "license", "settings", "update", "--high-watermark", "90%")
    assert replayed.bodies == [{**before, "connection_high_watermark": "90%"}]


def test_what_community_lacks_ends_in_13(run: Run) -> None:
    status = {"node_name": "n1", "rel_vsn": "v5.8.9", "app_status": "running", "broker_status": "started"}
    unknown = {"code": "NOT_FOUND", "message": "Request Path Not Found"}
    script = [make_exchange("GET /license", 404, unknown), make_exchange("GET /status", 200, status)]
    replayed = replay(run, script, "license", "get", "--json")
    assert (replayed.result.code, replayed.result.stdout) == (13, b"")
    assert "requires EMQX Enterprise" in replayed.result.error["message"]


def test_the_peaks_of_sessions(run: Run) -> None:
    rows = [{"period": "2026-04", "high_watermark": 25000, "observed_at": "2026-04-18T13:53:05.000Z"}]
    script = [
        make_exchange(
            "GET /license/session_hwm_history", 200, {"period": "monthly", "count": 1, "data": rows}
        )
    ]
    replayed = replay(run, script, "license", "history", "--json")
    assert replayed.calls == ["GET /license/session_hwm_history?period=monthly"]
    assert replayed.result.json == rows
    replayed = replay(run, script, "license", "history", "--period", "daily", "--days", "7")
    assert replayed.calls == ["GET /license/session_hwm_history?period=daily&limit=7"]
