"""Ten thousand kicks on a cluster that sometimes fails: the report has the outcome of each."""

import json
import os
import pty
import re
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from threading import Lock

import pytest

from emqxctl.sandbox.messages import Request, Response
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run, RunResult
from tests.support.replay import make_exchange, replay
from tests.support.sandboxes import EMQXCTL, bulk_ids, replace_clients

BULK = "/api/v5/clients/kickout/bulk"
KICK_ALL = ("clients", "kick", "--where", "clientid~^bulk-", "--yes", "-o", "json")


class UnreliableServer:
    """A sandbox whose kicks are sometimes refused, or lose their connection before or after the kick."""

    def __init__(self, sandbox: Sandbox, *, fails: bool = True) -> None:
        """Wrap the sandbox's dispatcher."""
        self.done: Counter[str] = Counter()
        self.fails, self.request_count, self.lock = fails, 0, Lock()
        self.respond_normally: Callable[[Request], Response] = sandbox._service.respond  # noqa: SLF001  # to fail in its place

    def respond(self, request: Request) -> Response:
        """Answer as the sandbox does, or fail."""
        if request.path != BULK:
            return self.respond_normally(request)
        with self.lock:
            self.request_count += 1
            turn = self.request_count % 10 if self.fails else 0
        if turn == 3:
            return Response(503, b'{"code":"SERVICE_UNAVAILABLE","message":"busy"}')
        if turn == 5:
            raise OSError
        with self.lock:
            self.done.update(json.loads(request.body))
        response = self.respond_normally(request)
        if turn == 7:
            raise OSError
        return response


@pytest.fixture
def unreliable(cluster: Sandbox, monkeypatch: pytest.MonkeyPatch) -> UnreliableServer:
    """Make the cluster fail sometimes."""
    targets = UnreliableServer(cluster)
    monkeypatch.setattr(cluster, "_service", targets)
    return targets


def statuses(result: RunResult) -> dict[str, set[str]]:
    """Return the targets of a report by their status; each is in it once."""
    targets: dict[str, set[str]] = {}
    for row in result.json:
        targets.setdefault(row["status"], set()).add(row["clientid"])
    assert sum(map(len, targets.values())) == len(result.json)
    return targets


def test_the_report_is_correct_if_kicks_fail_and_responses_are_lost(
    run: Run, cluster: Sandbox, unreliable: UnreliableServer, tmp_path: Path
) -> None:
    ids = replace_clients(cluster, bulk_ids(10_000))
    report = tmp_path / "report.jsonl"
    result = run(*KICK_ALL, "--workers", "4", "--rate", "20000/s", "--report", str(report))
    assert result.code == 9, result.err
    by_status = statuses(result)
    assert {name: len(targets) for name, targets in by_status.items()} == {
        "done": 8000,
        "failed": 1000,
        "unknown": 1000,
    }
    assert set().union(*by_status.values()) == set(ids)
    assert "kicked 8000 of 10000 clients" in result.err
    assert set(cluster.cluster.clients) == by_status["failed"] | by_status["unknown"]
    assert unreliable.done == Counter(by_status["done"]), "each once"
    unreliable.fails = False
    resumed = run("clients", "kick", "--resume", str(report), "--yes", "-o", "json")
    assert statuses(resumed) == {"done": by_status["unknown"]}
    assert set(cluster.cluster.clients) == by_status["failed"]
    assert run(*KICK_ALL).code == 0
    assert unreliable.done == Counter(ids)


def test_fail_fast_stops_four_workers_and_resume_does_the_rest(
    run: Run, cluster: Sandbox, unreliable: UnreliableServer, tmp_path: Path
) -> None:
    ids = replace_clients(cluster, bulk_ids(10_000))
    report = tmp_path / "report.jsonl"
    by_status = statuses(run(*KICK_ALL, "--workers", "4", "--fail-fast", "--report", str(report)))
    assert len(by_status["failed"]) >= 100
    assert len(by_status["pending"]) >= 5000
    unreliable.fails = False
    resumed = statuses(run("clients", "kick", "--resume", str(report), "--yes", "-o", "json"))
    assert resumed == {"done": by_status["pending"] | by_status.get("unknown", set())}
    assert set(cluster.cluster.clients) == by_status["failed"]
    assert unreliable.done == Counter(set(ids) - by_status["failed"])


def test_a_target_is_unknown_if_its_state_cannot_be_read(run: Run) -> None:
    script = [
        make_exchange("GET /clients", 200, {"data": [{"clientid": "a"}], "meta": {}}),
        make_exchange("GET /clients/b", 404, {"code": "CLIENTID_NOT_FOUND", "message": "x"}),
        make_exchange("POST /clients/kickout/bulk", 504, {"message": "x"}),
        make_exchange("GET /clients", 401, {"code": "BAD_API_KEY_OR_SECRET", "message": "x"}),
    ]
    result = replay(run, script, "clients", "kick", "a", "b", "--yes", "-o", "json").result
    assert {row["clientid"]: row["status"] for row in result.json} == {"a": "unknown", "b": "failed"}


def test_a_terminal_shows_count_rate_and_time(cluster: Sandbox) -> None:
    replace_clients(cluster, bulk_ids(600))
    controller, terminal = pty.openpty()
    arguments = [EMQXCTL, "clients", "kick", "--all", "--yes", "--rate", "400/s", "--batch", "50"]
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    with subprocess.Popen(
        arguments, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=terminal
    ) as child:
        os.close(terminal)
        output = b""
        while piece := read_terminal(controller):
            output += piece
        assert child.wait(timeout=30) == 0
    os.close(controller)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", output.decode())
    assert re.search(r"kick clients .* \d+/600 \d+/s 0:00:0[01]", text), text
    assert text.replace("\r", "\n").strip().splitlines()[-1].strip() == "kicked 600 of 600 clients"


def read_terminal(terminal: int) -> bytes:
    """Read from a terminal; its end is an error on Linux."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""
