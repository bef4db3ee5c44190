"""`emqxctl traces tail`: a client's publish is shown at once, and no trace is left, however it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from emqxctl.commands.traces import _cleanup
from emqxctl.commands.traces._follower import Place
from emqxctl.commands.traces._lines import from_json, from_text, pretty, read_line
from emqxctl.sandbox.server import Sandbox
from emqxctl.sandbox.state.records import Message
from emqxctl.sandbox.state.traces import Trace
from tests.conftest import Run
from tests.support.recorded import exchange
from tests.support.replay import made, talk

CONSOLE = Path(sys.executable).with_name("emqxctl")
SOON = 20.0  # seconds; only how long a broken build takes to fail


def until(true: Callable[[], Any], what: str) -> None:
    """Wait for something that must come."""
    deadline = time.monotonic() + SOON
    while not true():
        assert time.monotonic() < deadline, f"{what} did not come"
        time.sleep(0.01)


def publish(sandbox: Sandbox, topic: str = "a/b", payload: bytes = b"hello") -> None:
    """Let a client publish; the traces that watch it write it down."""
    cluster = sandbox.cluster
    cluster.publish(Message(topic=topic, payload=payload, from_clientid="dev-1", published=cluster.now()))


@contextmanager
def tailing(
    sandbox: Sandbox, *words: str, stdout: int = subprocess.PIPE
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `traces tail` as a user does, and wait until its trace is there."""
    env = {
        **os.environ,
        "EMQXCTL_URL": sandbox.url,
        "EMQXCTL_API_KEY": sandbox.api_key,
        "EMQXCTL_API_SECRET": sandbox.api_secret,
    }
    with subprocess.Popen(
        [CONSOLE, "traces", "tail", *words], stdout=stdout, stderr=subprocess.PIPE, env=env
    ) as process:
        try:
            until(lambda: own(sandbox) or process.poll() is not None, "the trace")
            yield process
        finally:
            process.kill()


def own(sandbox: Sandbox) -> list[Trace]:
    """List the traces of ours that are there."""
    traces = list(sandbox.cluster.features.traces.values())
    return [one for one in traces if one.name.startswith(_cleanup.PREFIX)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("form", ["table", "jsonl"])
def test_a_publish_is_shown_within_two_seconds_and_signals_leave_nothing(
    sandbox: Sandbox, number: int, form: str
) -> None:
    with tailing(sandbox, "--topic", "a/#", "-o", form) as process:
        begun = time.monotonic()
        publish(sandbox)
        assert process.stdout is not None
        line = process.stdout.readline().decode()
        assert time.monotonic() - begun < 2
        assert "a/b" in line
        assert "hello" in line
        process.send_signal(number)
        assert process.wait(SOON) == 130
        assert b"Traceback" not in process.stderr.read()  # type: ignore[union-attr]
    assert own(sandbox) == []


def test_two_signals_leave_nothing_either(sandbox: Sandbox) -> None:
    with tailing(sandbox, "--client", "dev-1") as process:
        for _ in range(5):
            process.send_signal(signal.SIGINT)
        assert process.wait(SOON) == 130
    assert own(sandbox) == []


def test_a_reader_that_goes_ends_it_before_the_next_line(sandbox: Sandbox) -> None:
    with tailing(sandbox, "--topic", "#") as process:
        assert process.stdout is not None
        publish(sandbox)
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(SOON) == 0
    assert own(sandbox) == []


def test_an_error_leaves_nothing(sandbox: Sandbox) -> None:
    with tailing(sandbox, "--topic", "#", "--timeout", "5s", "--retries", "0") as process:
        sandbox.cluster.features.traces.clear()
        assert process.wait(SOON) == 6
        assert b"somebody else removed it" in process.stderr.read()  # type: ignore[union-attr]
    assert own(sandbox) == []


def test_it_ends_by_itself_and_json_is_whole(cluster: Sandbox, run: Run) -> None:
    ran = run("traces", "tail", "--client", "dev-1", "--for", "1s", "--json")
    assert (ran.code, ran.json) == (0, [])
    sent = [(one.method, one.status) for one in cluster.requests]
    assert sent[:2] == [("GET", 200), ("POST", 200)]
    assert sent[-1] == ("DELETE", 204)
    assert own(cluster) == []
    body = json.loads(cluster.requests[1].body)
    assert {name: body[name] for name in ("type", "clientid", "formatter", "payload_encode")} == {
        "type": "clientid",
        "clientid": "dev-1",
        "formatter": "json",
        "payload_encode": "text",
    }


def test_a_killed_process_leaves_a_trace_that_ends_by_itself_and_the_next_removes(
    sandbox: Sandbox, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tailing(sandbox, "--client", "dev-1", "--for", "30s") as process:
        process.kill()
        process.wait(SOON)
    (left,) = own(sandbox)
    assert left.name.startswith("emqxctl-tail-")
    assert 30 < left.end - time.time() < 100
    with tailing(sandbox, "--client", "dev-2") as process:
        until(lambda: [one.target for one in own(sandbox)] == ["dev-2"], "the removal")
        process.terminate()
        process.wait(SOON)
    assert own(sandbox) == []


def test_only_what_nobody_follows_is_stale() -> None:
    ours = _cleanup.new_name()
    dead = ours.replace(f"-{os.getpid()}-", "-4194399-")  # above any kernel's largest process id
    assert not _cleanup.is_stale({"name": ours, "status": "running"})
    assert _cleanup.is_stale({"name": ours, "status": "stopped"})
    assert _cleanup.is_stale({"name": dead, "status": "running"})
    assert not _cleanup.is_stale({"name": dead.replace(_cleanup.place(), "other-0"), "status": "running"})
    assert not _cleanup.is_stale({"name": "slow1", "status": "stopped"})
    assert not _cleanup.is_stale({})


def test_a_line_cut_inside_a_character_is_read_again() -> None:
    log = "eins\nz\u00e4hler\n".encode()
    place = Place()
    assert place.take(log[:7].decode("utf-8", "replace"), 7) == ["eins"]  # the last byte is half of an umlaut
    assert place.position == 5
    assert place.take(log[5:].decode(), len(log)) == ["z\u00e4hler"]
    assert place.position == len(log)


def test_bytes_that_are_no_text_lose_no_line() -> None:
    place = Place()
    assert place.take("a\ufffd\ufffdb\nhalf", 9) == ["a\ufffd\ufffdb"]
    assert (place.position, place.rest) == (9, "half")
    assert place.take(" line\nnext\n", 20) == ["half line", "next"]
    assert (place.position, place.rest) == (20, "")


def test_recorded_lines_of_both_formats_become_data() -> None:
    text = exchange("GET /trace/{name}/log", "trace-client from the start").body["items"].splitlines()[0]
    row = from_text(text)
    assert row is not None
    assert [row[name] for name in ("time", "tag", "msg", "clientid", "topic")] == [
        "2026-11-22T23:37:46.865582+00:00",
        "MQTT",
        "mqtt_packet_sent",
        "sensor-001",
        "status/gateway-berlin-01",
    ]
    assert "Payload(text)=online" in str(row["meta"])
    line = exchange("GET /trace/{name}/log", "trace-topic from the start").body["items"].splitlines()[0]
    row = from_json(line)
    assert row is not None
    assert [row[name] for name in ("tag", "msg", "topic", "payload")] == [
        "PUBLISH",
        "publish_to",
        "telemetry/sensor-001/last",
        '{"id":"sensor-001","t":15.0}',
    ]
    assert row["meta"] == {"trace_tag": "PUBLISH", "payload_encode": "text"}


@pytest.mark.parametrize("line", ["", "{", "{]", "[1]", '{"meta": 3}', "2026 [x] msg", "\x00", '"' * 99])
def test_any_line_can_be_read_and_shown(line: str) -> None:
    shown = pretty(read_line(line, "n1"), ["n1", "node-2"], colour=False)
    assert shown.endswith("\n")
    assert "\x00" not in shown


def test_a_hostile_line_reaches_no_terminal() -> None:
    bad = "\x1b[2J\u202e\n"
    line = json.dumps(
        {"time": bad, "msg": bad, "meta": {"trace_tag": bad, "clientid": bad, bad: bad, "payload": bad}}
    )
    shown = pretty(read_line(line, bad), [bad], colour=False)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert shown.count("\n") == 1
    text = pretty(
        read_line(f"2026-11-22T23:37:46+00:00 [MQTT] {bad}@1.1.1.1:1 msg: {bad}", bad), [bad], colour=True
    )
    assert "\x1b[2J" not in text


def test_lines_of_several_nodes_stand_in_the_order_of_time(cluster: Sandbox, run: Run) -> None:
    with tailing(cluster, "--topic", "#", "--for", "3s") as process:
        (trace,) = own(cluster)
        trace.logs = {
            node: f'{{"time":"2026-11-22T10:00:0{second}+00:00","msg":"m{second}","meta":{{}}}}\n'.encode()
            for node, second in zip(cluster.cluster.running(), (3, 1, 2), strict=True)
        }
        assert process.wait(SOON) == 0
        assert process.stdout is not None
        lines = process.stdout.read().decode().splitlines()
    assert [line.split()[0] for line in lines] == ["10:00:01.000", "10:00:02.000", "10:00:03.000"]
    assert {line.split()[1] for line in lines} == set(cluster.cluster.running())


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--client", ""),
        ("--client", "a", "--topic", "b"),
        ("--client", "a", "--for", "soon"),
        ("--client", "a", "--for", "0s"),
    ],
)
def test_what_makes_no_sense_is_not_sent(cluster: Sandbox, run: Run, words: tuple[str, ...]) -> None:
    assert run("traces", "tail", *words).code == 2
    assert cluster.requests == []


def test_a_dry_run_shows_the_trace_it_would_make(cluster: Sandbox, run: Run) -> None:
    ran = run("traces", "tail", "--ip", "10.0.0.1", "--dry-run")
    assert ran.code == 0
    assert '"ip_address": "10.0.0.1"' in ran.out or '"ip_address":"10.0.0.1"' in ran.out
    assert own(cluster) == []


def test_a_refused_trace_is_not_removed(run: Run) -> None:
    full = exchange("POST /trace", "table is full")
    told = talk(run, [made("GET /trace", 200, []), full], "traces", "tail", "--client", "x")
    assert (told.ran.code, told.calls) == (7, ["GET /trace", "POST /trace"])
    assert "maximum" in told.ran.err


def test_a_read_only_profile_follows_nothing(cluster: Sandbox, run: Run, home: Path) -> None:
    (home / "config").mkdir(mode=0o700)
    (home / "config" / "config.toml").write_text(f'[profiles.p]\nurl = "{cluster.url}"\nreadonly = true\n')
    (home / "config" / "config.toml").chmod(0o600)
    ran = run("traces", "tail", "--client", "x", "--for", "2s", "-p", "p")
    assert (ran.code, [one.method for one in cluster.requests]) == (14, ["GET"])


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the name that the next trace will have."""
    monkeypatch.setattr(_cleanup, "token_hex", lambda _size: "00ff")
    return _cleanup.new_name()


def test_before_5_0_10_every_node_is_asked_and_its_text_is_read(run: Run, named: str) -> None:
    missing = {"code": "API_NOT_EXIST", "message": "Request Path Not Found"}
    text = exchange("GET /trace/{name}/log", "trace-client from the start").body["items"]
    script = [
        made("GET /trace", 200, []),
        made("POST /trace", 200, {"name": named}),
        made(f"GET /trace/{named}/log_detail", 404, missing),
        made("GET /status", 200, {"node_name": "e@x", "rel_vsn": "v5.0.4", "app_status": "running"}),
        made("GET /nodes", 200, [{"node": "emqx@n1", "version": "5.0.4", "edition": "Opensource"}]),
        made(f"GET /trace/{named}/log", 200, {"items": text, "meta": {"bytes": 9, "position": len(text)}}),
        *[made(f"GET /trace/{named}/log", 200, {"items": "", "meta": {"position": len(text)}})] * 9,
        made(f"DELETE /trace/{named}", 204),
    ]
    told = talk(run, script, "traces", "tail", "--client", "sensor-001", "--for", "1s")
    assert told.calls[-1] == f"DELETE /trace/{named}"
    assert any(
        call.startswith(f"GET /trace/{named}/log?") and "node=emqx%40n1" in call for call in told.calls
    )
    assert told.calls.count(f"GET /trace/{named}/log_detail") == 1
    assert told.ran.out.startswith("23:37:46.865  MQTT    mqtt_packet_sent  clientid=sensor-001")


def test_what_could_not_be_removed_is_told(run: Run, named: str) -> None:
    script = [
        made("GET /trace", 200, []),
        made("POST /trace", 200, {"name": named}),
        made(f"GET /trace/{named}/log_detail", 500, {"code": "INTERNAL_ERROR", "message": "boom"}),
        *[made(f"DELETE /trace/{named}", 403, {"code": "API_KEY_NOT_ALLOW", "message": "no"})] * 2,
    ]
    told = talk(run, script, "traces", "tail", "--client", "x")
    assert told.ran.code == 10
    assert f"warning: the trace {named!r} is still there" in told.ran.err
    assert f"emqxctl traces delete {named} --yes" in told.ran.err
