"""Writes without a complete answer of EMQX: sent once, their outcome unknown, and how to check it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.faults.conftest import KEY, SECRET, RunAgainst, Serve, ServeTls, assert_failed
from tests.faults.server import (
    FaultServer,
    Peer,
    Responder,
    format_head,
    never_respond,
    respond,
    respond_after_interim,
    respond_raw,
)
from tests.support.every_case import check_every

EMQXCTL = str(Path(sys.executable).with_name("emqxctl"))
CUT_HEADERS = b"HTTP/1.1 200 OK\r\nContent-Ty"
# A write, and the command that shows what became of it.
WRITES: dict[tuple[str, ...], str] = {
    ("rules", "delete", "r1", "--yes"): "emqxctl rules get r1",
    ("banned", "add", "clientid", "x"): "emqxctl banned list",
    ("telemetry", "enable"): "emqxctl telemetry get",
    ("publish", "a", "b"): "",
    ("api", "POST", "/rules", "-F", "id=r1"): "emqxctl rules list",
}
LOST: dict[str, Responder] = {
    "headers cut": respond_raw(CUT_HEADERS),
    "headers cut, reset": respond_raw(CUT_HEADERS, reset=True),
    "status line cut": respond_raw(b"HTTP/1.1 200"),
    "only interim responses": respond_after_interim(103, 102, responder=respond_raw(b"")),
    "interim responses without end": respond_after_interim(*[102] * 200, responder=respond(200, "{}")),
    "body cut": respond_raw(format_head(200, {"Content-Length": "9"}) + b"{"),
    "101": respond_raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
    **{
        str(status): respond(status, "", {"Location": "/x"}) for status in (300, 301, 302, 303, 304, 307, 308)
    },
}


def serve_writes(serve: Serve, responder: Responder) -> FaultServer:
    """Start a server that responds to writes as `responder` does, and to reads with an object."""

    def respond_by_method(peer: Peer) -> bool:
        return (respond(200, "{}") if server.methods[-1] == "GET" else responder)(peer)

    server: FaultServer = serve(respond_by_method)
    return server


@pytest.mark.parametrize("fault", LOST)
def test_the_outcome_is_unknown(serve: Serve, run_against: RunAgainst, fault: str) -> None:
    def check(words: tuple[str, ...]) -> None:
        server = serve_writes(serve, LOST[fault])
        result = run_against(server, *words)
        assert result.code == 11, result.err
        assert "check the current state before you retry" in result.err
        assert WRITES[words] in result.err
        assert len(server.methods) - server.methods.count("GET") == 1
        details = run_against(serve_writes(serve, LOST[fault]), *words, "-o", "json").error
        assert details["unknown"] is True

    check_every(WRITES, check)


@pytest.mark.parametrize("reset", [False, True])
def test_the_outcome_is_unknown_over_tls(
    serve_tls: ServeTls, run_against: RunAgainst, trust_env: dict[str, str], reset: bool
) -> None:
    server = serve_tls("good", respond_raw(CUT_HEADERS, reset=reset))
    result = run_against(server, "publish", "a", "b", env=trust_env)
    assert_failed(result, 11, "OUTCOME_UNKNOWN", "check the current state before you retry")


def test_cut_headers_of_a_read_are_a_lost_connection(serve: Serve, run_against: RunAgainst) -> None:
    assert_failed(run_against(serve(respond_raw(CUT_HEADERS)), "nodes", "list"), 11, "CONNECTION_LOST")


@pytest.mark.parametrize("statuses", [(102,), (103,), (100, 103, 102, 199)])
def test_interim_responses_are_read_past(
    serve: Serve, run_against: RunAgainst, statuses: tuple[int, ...]
) -> None:
    server = serve(respond_after_interim(*statuses, responder=respond(200, "[]")))
    assert run_against(server, "nodes", "list", "-o", "json").out == "[]\n"
    server = serve(respond_after_interim(*statuses, responder=respond(200, '{"id": "1"}')))
    assert run_against(server, "publish", "a", "b").code == 0
    assert len(server.received) == 1


def wait_until(condition: Callable[[], bool], child: "subprocess.Popen[bytes]") -> None:
    """Wait until a condition holds; fail if the process ends before, or after 30 s."""
    deadline = monotonic() + 30
    while not condition():
        assert child.poll() is None, child.communicate()
        assert monotonic() < deadline
        sleep(0.01)


def start(url: str, *words: str) -> "subprocess.Popen[bytes]":
    """Start the installed command against a server."""
    env = {**os.environ, "EMQXCTL_URL": url, "EMQXCTL_API_KEY": KEY, "EMQXCTL_API_SECRET": SECRET}
    return subprocess.Popen(
        [EMQXCTL, *words], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


@pytest.mark.parametrize(
    ("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
@pytest.mark.parametrize("words", WRITES)
def test_a_signal_while_a_write_is_sent(
    serve: Serve, words: tuple[str, ...], number: int, exit_code: int
) -> None:
    server = serve_writes(serve, never_respond())
    with start(server.url, *words) as child:
        wait_until(lambda: bool({*server.methods} - {"GET"}), child)
        child.send_signal(number)
        out, err = child.communicate(timeout=30)
    assert (child.returncode, out) == (exit_code, b""), err
    assert b"the change may have been made: check the current state before you retry" in err
    assert WRITES[words].encode() in err
    assert b"Traceback" not in err


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_in_a_download_leaves_no_partial_file(
    serve: Serve, tmp_path: Path, number: int, exit_code: int
) -> None:
    started = respond_raw(format_head(200, {"Content-Length": "9999999"}) + b"x" * 200_000)

    def stall(peer: Peer) -> bool:
        started(peer)
        peer.stopped.wait(20)
        return False

    server: FaultServer = serve(stall)
    folder = tmp_path / "work"
    folder.mkdir()
    with start(server.url, "traces", "download", "t1", "--output-file", str(folder / "f")) as child:
        wait_until(lambda: any(file.stat().st_size for file in folder.iterdir()), child)
        child.send_signal(number)
        _, err = child.communicate(timeout=30)
    assert (child.returncode, list(folder.iterdir())) == (exit_code, []), err


def test_a_download_is_requested_again(serve: Serve, run_against: RunAgainst, tmp_path: Path) -> None:
    target = tmp_path / "f"
    server = serve(respond(503), respond_raw(b""), respond(200, b"content"))
    result = run_against(server, "traces", "download", "t1", "--output-file", str(target))
    assert (result.code, target.read_bytes(), len(server.received)) == (0, b"content", 3), result.err


def test_a_server_that_resets_kept_connections_costs_one_unknown_write(
    serve: Serve, run_against: RunAgainst, tmp_path: Path
) -> None:
    """After the first loss each write has a connection of its own."""

    def respond_and_reset(peer: Peer) -> bool:
        respond(204)(peer)
        peer.stopped.wait(0.05)
        peer.reset()
        return False

    ids = tmp_path / "ids.txt"
    ids.write_text("".join(f"c{number}\n" for number in range(20)))
    server = serve(respond_and_reset)
    words = ("banned", "delete", "clientid", "--ids", str(ids), "--workers", "1")
    result = run_against(server, *words, "--yes", "-o", "json")
    statuses = [row["status"] for row in result.json]
    assert statuses.count("done") >= 19, result.err
