"""`emqxctl traces tail`: a client's publish is shown at once, and no trace is left, however it ends."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from emqxctl.commands.traces import _cleanup
from emqxctl.commands.traces._follower import LogPosition
from emqxctl.commands.traces._lines import format_line, parse_json_line, parse_line, parse_text_line
from emqxctl.sandbox.server import Sandbox
from emqxctl.sandbox.state.records import Message
from emqxctl.sandbox.state.traces import Trace
from tests.conftest import Run
from tests.support.recordings import Exchange, find_exchange
from tests.support.replay import make_exchange, replay
from tests.support.sandboxes import EMQXCTL, sandbox_env

SOON = 20.0  # seconds; only how long a broken build takes to fail


def wait_until(condition: Callable[[], Any], description: str) -> None:
    """Wait for something that must come."""
    deadline = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < deadline, f"{description} did not come"
        time.sleep(0.01)


def publish(sandbox: Sandbox, topic: str = "a/b", payload: bytes = b"hello") -> None:
    """Let a client publish; the traces that watch it write it down."""
    cluster = sandbox.cluster
    cluster.publish(Message(topic=topic, payload=payload, from_clientid="dev-1", published=cluster.now()))


@contextmanager
def tailing(
    sandbox: Sandbox, *arguments: str, stdout: int = subprocess.PIPE
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `traces tail` as a user does, and wait until its trace is there."""
    env = {**os.environ, **sandbox_env(sandbox)}
    with subprocess.Popen(
        [EMQXCTL, "traces", "tail", *arguments], stdout=stdout, stderr=subprocess.PIPE, env=env
    ) as process:
        try:
            wait_until(lambda: list_own_traces(sandbox) or process.poll() is not None, "the trace")
            yield process
        finally:
            process.kill()


def list_own_traces(sandbox: Sandbox) -> list[Trace]:
    """List the traces of ours that are there."""
    traces = list(sandbox.cluster.features.traces.values())
    return [item for item in traces if item.name.startswith(_cleanup.PREFIX)]


def measure_delay(sandbox: Sandbox, process: subprocess.Popen[bytes]) -> float:
    """Publish a message, and return the seconds until it is shown."""
    start = time.monotonic()
    publish(sandbox)
    assert process.stdout is not None
    line = process.stdout.readline().decode()
    assert "a/b" in line
    assert "hello" in line
    return time.monotonic() - start


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("output_format", ["table", "jsonl"])
def test_a_publish_is_shown_within_two_seconds_and_signals_leave_nothing(
    sandbox: Sandbox, signal_number: int, output_format: str
) -> None:
    with tailing(sandbox, "--topic", "a/#", "-o", output_format) as process:
        # A busy machine may delay one of them.
        assert any(measure_delay(sandbox, process) < 2 for _ in range(5))
        process.send_signal(signal_number)
        assert process.wait(SOON) == 128 + signal_number
        assert b"Traceback" not in process.stderr.read()  # type: ignore[union-attr]
    assert list_own_traces(sandbox) == []


def test_two_signals_leave_nothing_either(sandbox: Sandbox) -> None:
    with tailing(sandbox, "--client", "dev-1") as process:
        for _ in range(5):
            process.send_signal(signal.SIGINT)
        assert process.wait(SOON) == 130
    assert list_own_traces(sandbox) == []


def test_a_reader_that_goes_ends_it_before_the_next_line(sandbox: Sandbox) -> None:
    with tailing(sandbox, "--topic", "#") as process:
        assert process.stdout is not None
        publish(sandbox)
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(SOON) == 0
    assert list_own_traces(sandbox) == []


def test_an_error_leaves_nothing(sandbox: Sandbox) -> None:
    with tailing(sandbox, "--topic", "#", "--timeout", "5s", "--retries", "0") as process:
        sandbox.cluster.features.traces.clear()
        assert process.wait(SOON) == 6
        assert b"another user or process deleted it" in process.stderr.read()  # type: ignore[union-attr]
    assert list_own_traces(sandbox) == []


def test_it_ends_by_itself_and_json_is_whole(cluster: Sandbox, run: Run) -> None:
    result = run("traces", "tail", "--client", "dev-1", "--for", "1s", "--json")
    assert (result.code, result.json) == (0, [])
    requests = [(item.method, item.status) for item in cluster.requests]
    assert requests[:2] == [("GET", 200), ("POST", 200)]
    assert requests[-1] == ("DELETE", 204)
    assert list_own_traces(cluster) == []
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
    (stale,) = list_own_traces(sandbox)
    assert stale.name.startswith("emqxctl-tail-")
    assert 30 < stale.end - time.time() < 100
    with tailing(sandbox, "--client", "dev-2") as process:
        wait_until(lambda: [item.target for item in list_own_traces(sandbox)] == ["dev-2"], "the removal")
        process.terminate()
        process.wait(SOON)
    assert list_own_traces(sandbox) == []


def test_only_what_nobody_follows_is_stale() -> None:
    own_name = _cleanup.new_name()
    dead = own_name.replace(f"-{os.getpid()}-", "-4194399-")  # above any kernel's largest process id
    assert not _cleanup.is_stale({"name": own_name, "status": "running"})
    assert _cleanup.is_stale({"name": own_name, "status": "stopped"})
    assert _cleanup.is_stale({"name": dead, "status": "running"})
    assert not _cleanup.is_stale(
        {"name": dead.replace(_cleanup.process_scope(), "other-0"), "status": "running"}
    )
    assert not _cleanup.is_stale({"name": "slow1", "status": "stopped"})
    assert not _cleanup.is_stale({})


def test_a_line_cut_inside_a_character_is_read_again() -> None:
    log = "eins\nz\u00e4hler\n".encode()
    position = LogPosition()
    assert position.split_piece(log[:7].decode("utf-8", "replace"), 7) == [
        "eins"
    ]  # the last byte is half of an umlaut
    assert position.position == 5
    assert position.split_piece(log[5:].decode(), len(log)) == ["z\u00e4hler"]
    assert position.position == len(log)


def test_bytes_that_are_no_text_lose_no_line() -> None:
    position = LogPosition()
    assert position.split_piece("a\ufffd\ufffdb\nhalf", 9) == ["a\ufffd\ufffdb"]
    assert (position.position, position.rest) == (9, "half")
    assert position.split_piece(" line\nnext\n", 20) == ["half line", "next"]
    assert (position.position, position.rest) == (20, "")


def test_recorded_lines_of_both_formats_become_data() -> None:
    text = find_exchange("GET /trace/{name}/log", "trace-client from the start").body["items"].splitlines()[0]
    row = parse_text_line(text)
    assert row is not None
    assert [row[name] for name in ("time", "tag", "msg", "clientid", "topic")] == [
        "2026-11-22T23:37:46.865582+00:00",
        "MQTT",
        "mqtt_packet_sent",
        "sensor-001",
        "status/gateway-berlin-01",
    ]
    assert "Payload(text)=online" in str(row["meta"])
    line = find_exchange("GET /trace/{name}/log", "trace-topic from the start").body["items"].splitlines()[0]
    row = parse_json_line(line)
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
    printed = format_line(parse_line(line, "n1"), ["n1", "node-2"], color=False)
    assert printed.endswith("\n")
    assert "\x00" not in printed


def test_a_hostile_line_reaches_no_terminal() -> None:
    hostile = "\x1b[2J\u202e\n"
    line = json.dumps(
        {
            "time": hostile,
            "msg": hostile,
            "meta": {"trace_tag": hostile, "clientid": hostile, hostile: hostile, "payload": hostile},
        }
    )
    printed = format_line(parse_line(line, hostile), [hostile], color=False)
    assert "\x1b" not in printed
    assert "\u202e" not in printed
    assert printed.count("\n") == 1
    text = format_line(
        parse_line(f"2026-11-22T23:37:46+00:00 [MQTT] {hostile}@1.1.1.1:1 msg: {hostile}", hostile),
        [hostile],
        color=True,
    )
    assert "\x1b[2J" not in text


def test_lines_of_several_nodes_stand_in_the_order_of_time(cluster: Sandbox, run: Run) -> None:
    with tailing(cluster, "--topic", "#", "--for", "3s") as process:
        (trace,) = list_own_traces(cluster)
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
    "arguments",
    [
        (),
        ("--client", ""),
        ("--client", "a", "--topic", "b"),
        ("--client", "a", "--for", "soon"),
        ("--client", "a", "--for", "0s"),
    ],
)
def test_what_makes_no_sense_is_not_sent(cluster: Sandbox, run: Run, arguments: tuple[str, ...]) -> None:
    assert run("traces", "tail", *arguments).code == 2
    assert cluster.requests == []


def test_a_dry_run_shows_the_trace_it_would_make(cluster: Sandbox, run: Run) -> None:
    result = run("traces", "tail", "--ip", "10.0.0.1", "--dry-run")
    assert result.code == 0
    assert '"ip_address": "10.0.0.1"' in result.out or '"ip_address":"10.0.0.1"' in result.out
    assert list_own_traces(cluster) == []


def test_a_refused_trace_is_not_removed(run: Run) -> None:
    full = find_exchange("POST /trace", "table is full")
    replayed = replay(run, [make_exchange("GET /trace", 200, []), full], "traces", "tail", "--client", "x")
    assert (replayed.result.code, replayed.calls) == (7, ["GET /trace", "POST /trace"])
    assert "maximum" in replayed.result.err


def test_a_read_only_profile_follows_nothing(cluster: Sandbox, run: Run, home: Path) -> None:
    (home / "config").mkdir(mode=0o700)
    (home / "config" / "config.toml").write_text(f'[profiles.p]\nurl = "{cluster.url}"\nreadonly = true\n')
    (home / "config" / "config.toml").chmod(0o600)
    result = run("traces", "tail", "--client", "x", "--for", "2s", "-p", "p")
    assert (result.code, [item.method for item in cluster.requests]) == (14, ["GET"])


@pytest.fixture
def next_name(monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the name that the next trace will have."""
    monkeypatch.setattr(_cleanup, "token_hex", lambda _size: "00ff")
    return _cleanup.new_name()


def test_before_5_0_10_every_node_is_asked_and_its_text_is_read(run: Run, next_name: str) -> None:
    missing = {"code": "API_NOT_EXIST", "message": "Request Path Not Found"}
    text = find_exchange("GET /trace/{name}/log", "trace-client from the start").body["items"]
    script = [
        make_exchange("GET /trace", 200, []),
        make_exchange("POST /trace", 200, {"name": next_name}),
        make_exchange(f"GET /trace/{next_name}/log_detail", 404, missing),
        make_exchange("GET /status", 200, {"node_name": "e@x", "rel_vsn": "v5.0.4", "app_status": "running"}),
        make_exchange("GET /nodes", 200, [{"node": "emqx@n1", "version": "5.0.4", "edition": "Opensource"}]),
        make_exchange(
            f"GET /trace/{next_name}/log", 200, {"items": text, "meta": {"bytes": 9, "position": len(text)}}
        ),
        *[make_exchange(f"GET /trace/{next_name}/log", 200, {"items": "", "meta": {"position": len(text)}})]
        * 9,
        make_exchange(f"DELETE /trace/{next_name}", 204),
    ]
    replayed = replay(run, script, "traces", "tail", "--client", "sensor-001", "--for", "1s")
    assert replayed.calls[-1] == f"DELETE /trace/{next_name}"
    assert any(
        call.startswith(f"GET /trace/{next_name}/log?") and "node=emqx%40n1" in call
        for call in replayed.calls
    )
    assert replayed.calls.count(f"GET /trace/{next_name}/log_detail") == 1
    assert replayed.result.out.startswith("23:37:46.865  MQTT    mqtt_packet_sent  clientid=sensor-001")


def test_a_log_with_cursors_is_followed(run: Run, next_name: str) -> None:
    def piece(text: str, cursor: str, **hint: str) -> Exchange:
        page = {"items": text, "meta": {"bytes": 9, "position": cursor, **hint}}
        return make_exchange(f"GET /trace/{next_name}/log", 200, page)

    def detail(size: int) -> Exchange:
        return make_exchange(f"GET /trace/{next_name}/log_detail", 200, [{"node": "n1", "size": size}])

    script = [
        make_exchange("GET /trace", 200, []),
        make_exchange("POST /trace", 200, {"name": next_name}),
        *(detail(6), detail(6), detail(6), detail(11)),
        piece("one\ntw", "g3-a"),
        piece("", "g3-a", hint="eof"),
        piece("o\nx\n", "g3-b", hint="eof"),
        make_exchange(f"DELETE /trace/{next_name}", 204),
    ]
    replayed = replay(run, script, "traces", "tail", "--client", "c", "--for", "2s", "-o", "jsonl")
    assert [json.loads(line)["line"] for line in replayed.result.out.splitlines()] == ["one", "two", "x"]
    positions = [parse_qs(r.query)["position"] for r in replayed.received if r.path.endswith("/log")]
    assert positions == [["0"], ["g3-a"], ["g3-a"]]


def test_what_could_not_be_removed_is_told(run: Run, next_name: str) -> None:
    script = [
        make_exchange("GET /trace", 200, []),
        make_exchange("POST /trace", 200, {"name": next_name}),
        make_exchange(
            f"GET /trace/{next_name}/log_detail", 500, {"code": "INTERNAL_ERROR", "message": "boom"}
        ),
        *[make_exchange(f"DELETE /trace/{next_name}", 403, {"code": "API_KEY_NOT_ALLOW", "message": "no"})]
        * 2,
    ]
    replayed = replay(run, script, "traces", "tail", "--client", "x")
    assert replayed.result.code == 10
    assert f"warning: cannot delete the trace {next_name!r}" in replayed.result.err
    assert f"emqxctl traces delete {next_name} --yes" in replayed.result.err
