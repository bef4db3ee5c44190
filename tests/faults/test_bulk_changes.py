"""Bulk changes: nothing is sent twice that may have been done, and every ending leaves an account."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from tests.faults.conftest import KEY, RETRIES, SECRET, RunAgainst, Serve
from tests.faults.server import FaultServer, Peer, Responder, never_respond, respond
from tests.faults.test_unknown_outcomes import LOST
from tests.support.every_case import check_every

EMQXCTL = str(Path(sys.executable).with_name("emqxctl"))
MESSAGES = "".join(f'{{"topic": "t/{number}", "payload": "x"}}\n' for number in range(1, 11))
REJECTION = '{"reason_code": 144, "message": "topic_name_invalid"}'
OTHER_SHAPES = ('"hello"', "true", "null", "{}", "[]", "[1, 2]", '[{"id": "1"}]', "<html></html>", "")


@pytest.fixture
def messages(tmp_path: Path) -> str:
    """Write ten messages and return the file."""
    file = tmp_path / "m.jsonl"
    file.write_text(MESSAGES)
    return str(file)


def published(server: FaultServer) -> list[list[str]]:
    """Return the topics of each batch that was sent."""
    posts = [request for request in server.received if request.method == "POST"]
    return [[message["topic"] for message in json.loads(request.body)] for request in posts]


def respond_to_batch(server: Callable[[], FaultServer]) -> Responder:
    """Publish as EMQX does: an id for each message."""

    def publish(peer: Peer) -> bool:
        count = len(json.loads(server().received[-1].body))
        return respond(200, json.dumps([{"id": str(number)} for number in range(count)]))(peer)

    return publish


def serve_publishing(serve: Serve, *first: Responder) -> FaultServer:
    """Start a server that publishes, after some other responses."""
    server: FaultServer = serve(*first, respond_to_batch(lambda: server))
    return server


def statuses(rows: list[dict[str, Any]]) -> list[str]:
    """Return the status of each row."""
    return [row["status"] for row in rows]


@pytest.mark.parametrize("fault", LOST)
def test_a_batch_that_may_have_been_published_is_sent_once(
    serve: Serve, run_against: RunAgainst, messages: str, fault: str
) -> None:
    server = serve(LOST[fault])
    result = run_against(server, "publish-bulk", messages, "--batch", "10", "-o", "json")
    assert (result.code, statuses(result.json)) == (11, ["unknown"] * 10), result.err
    assert len(server.received) == 1


@pytest.mark.parametrize(
    "responder",
    [
        respond(400, "<html>bad gateway</html>"),
        respond(413, "<html>nginx</html>"),
        respond(409, REJECTION),
        respond(415),
    ],
)
def test_only_a_rejection_of_emqx_is_halved(
    serve: Serve, run_against: RunAgainst, messages: str, responder: Responder
) -> None:
    server = serve(responder)
    result = run_against(server, "publish-bulk", messages, "--batch", "10", "-o", "json")
    assert (result.code, statuses(result.json)) == (7, ["failed"] * 10)
    assert len(server.received) == 1


def test_a_rejection_of_emqx_is_halved(serve: Serve, run_against: RunAgainst, messages: str) -> None:
    server = serve_publishing(serve, respond(400, REJECTION), respond(413, "", {"Server": "Cowboy"}))
    result = run_against(server, "publish-bulk", messages, "--batch", "10", "-o", "json")
    assert (result.code, statuses(result.json)) == (0, ["done"] * 10), result.err
    assert [len(batch) for batch in published(server)] == [10, 5, 2, 3, 5]


def test_a_response_of_another_shape_leaves_the_outcome_unknown(
    serve: Serve, run_against: RunAgainst, messages: str
) -> None:
    def check(body: str) -> None:
        server = serve(respond(200, body))
        result = run_against(server, "publish-bulk", messages, "--batch", "10", "-o", "json")
        assert (result.code, statuses(result.json)) == (10, ["unknown"] * 10), result.err
        assert len(server.received) == 1
        if body != "{}":
            result = run_against(serve(respond(200, body)), "publish", "a", "b")
            assert (result.code, result.out) == (10, ""), body

    check_every(OTHER_SHAPES, check)


def test_a_rate_limit_slows_a_batch_down(
    serve: Serve, run_against: RunAgainst, messages: str, tmp_path: Path
) -> None:
    limited = respond(429, "", {"Retry-After": "0"})
    server = serve_publishing(serve, limited, limited)
    result = run_against(server, "publish-bulk", messages, "--batch", "10", "-o", "json")
    assert (result.code, statuses(result.json)) == (0, ["done"] * 10), result.err
    assert [len(batch) for batch in published(server)] == [10, 10, 10]


@pytest.mark.parametrize("command", ["publish-bulk", "kick"])
def test_a_lasting_rate_limit_stops_the_run(
    serve: Serve,
    run_against: RunAgainst,
    messages: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
) -> None:
    monkeypatch.setattr("emqxctl.cli.bulk.workers.backoff", lambda _attempt: 0.01)
    ids = [f"c{number}" for number in range(250)]
    (tmp_path / "ids.txt").write_text("\n".join(ids))

    def respond_by_method(peer: Peer) -> bool:
        request = server.received[-1]
        rows = json.dumps({"data": [{"clientid": one} for one in ids], "meta": {}})
        return (respond(200, rows) if request.method == "GET" else respond(429))(peer)

    server: FaultServer = serve(respond_by_method)
    report = str(tmp_path / "report.jsonl")
    words = {
        "publish-bulk": ("publish-bulk", messages, "--batch", "2"),
        "kick": ("clients", "kick", "--ids", str(tmp_path / "ids.txt"), "--yes"),
    }[command]
    result = run_against(server, *words, "--workers", "1", "--report", report, "-o", "json")
    assert (result.code, set(statuses(result.json))) == (7, {"pending"}), result.err
    assert len(server.methods) - server.methods.count("GET") == 1 + RETRIES
    assert f"continue with: --resume {report}" in result.err


def test_resume_publishes_nothing_twice(
    serve: Serve, run_against: RunAgainst, messages: str, tmp_path: Path
) -> None:
    report = tmp_path / "report.jsonl"
    lost = serve(LOST["body cut"])
    words = ("publish-bulk", messages, "--batch", "5", "-o", "json")
    result = run_against(lost, *words, "--fail-fast", "--report", str(report))
    assert statuses(result.json) == ["unknown"] * 5 + ["pending"] * 5
    server = serve_publishing(serve)
    report.write_text(report.read_text().replace(lost.url, server.url))
    result = run_against(server, *words, "--resume", str(report))
    assert (result.code, statuses(result.json)) == (9, ["done"] * 5 + ["unknown"] * 5)
    assert "published 5 of 10 messages, 5 unknown" in result.err
    assert "--retry-unknown" in result.err
    assert published(server) == [[f"t/{number}" for number in range(6, 11)]]
    again = run_against(server, *words, "--resume", str(report))
    assert (again.code, statuses(again.json), len(server.received)) == (9, ["unknown"] * 5, 1)
    forced = run_against(server, *words, "--resume", str(report), "--retry-unknown")
    assert (forced.code, statuses(forced.json), len(server.received)) == (0, ["done"] * 5, 2)
    last = run_against(server, *words, "--resume", str(report), "--retry-unknown")
    assert (last.code, last.json, len(server.received)) == (0, [], 2)


def test_resume_writes_a_second_report_too(
    serve: Serve, run_against: RunAgainst, messages: str, tmp_path: Path
) -> None:
    server = serve_publishing(serve)
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    first.write_text(json.dumps({"verb": "publish", "url": server.url, "targets": ["1", "2"]}) + "\n")
    words = ("publish-bulk", messages, "--resume", str(first))
    assert run_against(server, *words, "--report", str(second)).code == 0
    for report in (first, second):
        lines = [json.loads(line) for line in report.read_text().splitlines()]
        assert [line["status"] for line in lines if "status" in line] == ["done", "done"]
    assert run_against(server, *words).code == 0
    assert len(server.received) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"verb": "publish", "url": "URL", "targets": ["99"]}', "no message 99"),
        ('{"verb": "publish", "url": "URL", "targets": ["1"]}\n{"number": 1}', "not a report of publish"),
        ('{"verb": "kick", "url": "URL", "targets": ["1"]}', "report of kick"),
        ("[]", "not a report of publish"),
    ],
)
def test_a_report_that_does_not_fit_is_refused(
    serve: Serve, run_against: RunAgainst, messages: str, tmp_path: Path, text: str, message: str
) -> None:
    server = serve()
    (tmp_path / "r.jsonl").write_text(text.replace("URL", server.url))
    result = run_against(server, "publish-bulk", messages, "--resume", str(tmp_path / "r.jsonl"))
    assert (result.code, message in result.err, server.received) == (2, True, []), result.err


def test_retry_unknown_without_a_report_is_refused(run_against: RunAgainst, messages: str) -> None:
    result = run_against("http://127.0.0.1:9", "publish-bulk", messages, "--retry-unknown")
    assert (result.code, "--retry-unknown requires --resume" in result.err) == (2, True)


def start(url: str, *words: str, folder: Path | None = None) -> "subprocess.Popen[bytes]":
    """Start the installed command against a server."""
    env = {**os.environ, "EMQXCTL_URL": url, "EMQXCTL_API_KEY": KEY, "EMQXCTL_API_SECRET": SECRET}
    pipe = subprocess.PIPE
    return subprocess.Popen([EMQXCTL, *words], env=env, stdin=pipe, stdout=pipe, stderr=pipe, cwd=folder)


def wait_for_requests(server: FaultServer, count: int, child: "subprocess.Popen[bytes]") -> None:
    """Wait until a server has received so many requests."""
    deadline = monotonic() + 30
    while len(server.received) < count:
        assert child.poll() is None
        assert monotonic() < deadline
        sleep(0.01)


def test_a_batch_in_flight_at_a_kill_counts_as_unknown(
    serve: Serve, run_against: RunAgainst, messages: str, tmp_path: Path
) -> None:
    report = tmp_path / "report.jsonl"
    server: FaultServer = serve(respond_to_batch(lambda: server), never_respond())
    with start(server.url, "publish-bulk", messages, "--batch", "3", "--report", str(report)) as child:
        wait_for_requests(server, 2, child)
        child.kill()
    resumed = serve_publishing(serve)
    report.write_text(report.read_text().replace(server.url, resumed.url))
    result = run_against(resumed, "publish-bulk", messages, "--resume", str(report), "-o", "json")
    assert published(resumed) == [["t/7", "t/8", "t/9", "t/10"]]
    assert statuses(result.json) == ["done"] * 4 + ["unknown"] * 3
    assert result.code == 9


def test_a_report_is_written_by_one_run_at_a_time(
    serve: Serve, run_against: RunAgainst, messages: str, tmp_path: Path
) -> None:
    report = str(tmp_path / "report.jsonl")
    server = serve(never_respond())
    with start(server.url, "publish-bulk", messages, "--batch", "3", "--report", report) as child:
        wait_for_requests(server, 1, child)
        result = run_against(server, "publish-bulk", messages, "--resume", report)
        assert (result.code, "in use by another run" in result.err) == (2, True), result.err
        assert len(server.received) == 1
        child.kill()


@pytest.mark.parametrize(
    ("numbers", "exit_code"),
    [
        ([signal.SIGINT, signal.SIGINT], 130),
        ([signal.SIGTERM], 143),
        ([signal.SIGHUP], 129),
        ([signal.SIGTERM, signal.SIGTERM], 143),
    ],
)
def test_a_signal_leaves_an_account(
    serve: Serve, run_against: RunAgainst, messages: str, tmp_path: Path, numbers: list[int], exit_code: int
) -> None:
    """The request in flight is given up at the second signal, or some seconds after SIGTERM."""
    server: FaultServer = serve(respond_to_batch(lambda: server), never_respond())
    folder = tmp_path / "work"
    folder.mkdir()
    with start(server.url, "publish-bulk", messages, "--batch", "4", "--json", folder=folder) as child:
        wait_for_requests(server, 2, child)
        for number in numbers:
            child.send_signal(number)
            sleep(0.3)
        out, err = child.communicate(timeout=30)
    assert child.returncode == exit_code, err
    assert statuses(json.loads(out)) == ["done"] * 4 + ["unknown"] * 4 + ["pending"] * 2
    (report,) = folder.iterdir()
    assert f"continue with: --resume {report.name}".encode() in err
    resumed = serve_publishing(serve)
    report.write_text(report.read_text().replace(server.url, resumed.url))
    run_against(resumed, "publish-bulk", messages, "--resume", str(report))
    assert published(resumed) == [["t/9", "t/10"]]


def test_a_signal_between_several_keys_leaves_an_account(serve: Serve) -> None:
    server: FaultServer = serve(respond(204), never_respond())
    with start(server.url, "exhooks", "delete", "a", "b", "c", "--yes", "-o", "json") as child:
        wait_for_requests(server, 2, child)
        child.send_signal(signal.SIGTERM)
        out, err = child.communicate(timeout=30)
    assert child.returncode == 143, err
    assert statuses(json.loads(out)) == ["done", "unknown", "pending"]
    assert b"deleted 1 of 3" in err


def test_a_report_that_cannot_be_written_stops_the_run(serve: Serve, messages: str, tmp_path: Path) -> None:
    server = serve_publishing(serve)
    folder = tmp_path / "work"
    folder.mkdir()
    words = ("publish-bulk", messages, "--batch", "3", "--report", "/dev/full", "--json")
    with start(server.url, *words, folder=folder) as child:
        _, err = child.communicate(timeout=30)
    assert (child.returncode, server.received) == (1, []), err
    assert b"cannot write the report /dev/full" in err
