"""Ten thousand kicks on a cluster that fails now and then: the report says what happened to each."""

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
from tests.commands.clients.test_kick import EMQXCTL, crowd
from tests.conftest import Ran, Run
from tests.support.replay import made, talk

BULK = "/api/v5/clients/kickout/bulk"
ALL = ("clients", "kick", "--where", "clientid~^bulk-", "--yes", "-o", "json")


class Moody:
    """Kicks that now and then are refused for the moment, or lost, before the deed or after it."""

    def __init__(self, sandbox: Sandbox, *, fails: bool = True) -> None:
        """Stand before the sandbox's service."""
        self.done: Counter[str] = Counter()
        self.fails, self.turn, self.lock = fails, 0, Lock()
        self.answered: Callable[[Request], Response] = sandbox._service.respond  # noqa: SLF001  # to fail in its place

    def respond(self, request: Request) -> Response:
        """Answer as the sandbox does, or fail."""
        if request.path != BULK:
            return self.answered(request)
        with self.lock:
            self.turn += 1
            mood = self.turn % 10 if self.fails else 0
        if mood == 3:
            return Response(503, b'{"code":"SERVICE_UNAVAILABLE","message":"busy"}')
        if mood == 5:
            raise OSError
        with self.lock:
            self.done.update(json.loads(request.body))
        answer = self.answered(request)
        if mood == 7:
            raise OSError
        return answer


@pytest.fixture
def moody(cluster: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Moody:
    """Make the cluster one that fails."""
    found = Moody(cluster)
    monkeypatch.setattr(cluster, "_service", found)
    return found


def statuses(ran: Ran) -> dict[str, set[str]]:
    """Give the targets of a report by what became of them; each is there once."""
    found: dict[str, set[str]] = {}
    for row in ran.json:
        found.setdefault(row["status"], set()).add(row["clientid"])
    assert sum(map(len, found.values())) == len(ran.json)
    return found


def test_the_report_is_true_where_kicks_fail_and_answers_are_lost(
    run: Run, cluster: Sandbox, moody: Moody, tmp_path: Path
) -> None:
    ids = crowd(cluster, 10_000)
    report = tmp_path / "report.jsonl"
    ran = run(*ALL, "--workers", "4", "--rate", "20000/s", "--report", str(report))
    assert ran.code == 9, ran.err
    told = statuses(ran)
    assert {name: len(found) for name, found in told.items()} == {
        "done": 8000,
        "failed": 1000,
        "unknown": 1000,
    }
    assert set().union(*told.values()) == set(ids)
    assert "kicked 8000 of 10000 clients" in ran.err
    assert set(cluster.cluster.clients) == told["failed"] | told["unknown"]
    assert moody.done == Counter(told["done"]), "each once"
    moody.fails = False
    again = run("clients", "kick", "--resume", str(report), "--yes", "-o", "json")
    assert statuses(again) == {"done": told["unknown"]}
    assert set(cluster.cluster.clients) == told["failed"]
    assert run(*ALL).code == 0
    assert moody.done == Counter(ids)


def test_the_first_failure_stops_four_workers_and_the_rest_is_resumed(
    run: Run, cluster: Sandbox, moody: Moody, tmp_path: Path
) -> None:
    ids = crowd(cluster, 10_000)
    report = tmp_path / "report.jsonl"
    told = statuses(run(*ALL, "--workers", "4", "--fail-fast", "--report", str(report)))
    assert len(told["failed"]) >= 100
    assert len(told["left"]) >= 5000
    moody.fails = False
    again = statuses(run("clients", "kick", "--resume", str(report), "--yes", "-o", "json"))
    assert again == {"done": told["left"] | told.get("unknown", set())}
    assert set(cluster.cluster.clients) == told["failed"]
    assert moody.done == Counter(set(ids) - told["failed"])


def test_nobody_knows_where_the_look_after_a_lost_answer_fails_too(run: Run) -> None:
    script = [
        made("GET /clients", 200, {"data": [{"clientid": "a"}], "meta": {}}),
        made("GET /clients/b", 404, {"code": "CLIENTID_NOT_FOUND", "message": "x"}),
        made("POST /clients/kickout/bulk", 504, {"message": "x"}),
        made("GET /clients", 401, {"code": "BAD_API_KEY_OR_SECRET", "message": "x"}),
    ]
    ran = talk(run, script, "clients", "kick", "a", "b", "--yes", "-o", "json").ran
    assert {row["clientid"]: row["status"] for row in ran.json} == {"a": "unknown", "b": "failed"}


def test_a_terminal_sees_how_many_how_fast_and_how_long(cluster: Sandbox) -> None:
    crowd(cluster, 600)
    ours, theirs = pty.openpty()
    words = [EMQXCTL, "clients", "kick", "--all", "--yes", "--rate", "400/s", "--batch", "50"]
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    with subprocess.Popen(
        words, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs
    ) as child:
        os.close(theirs)
        seen = b""
        while piece := read(ours):
            seen += piece
        assert child.wait(timeout=30) == 0
    os.close(ours)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen.decode())
    assert re.search(r"kick clients .* \d+/600 \d+/s 0:00:0[01]", text), text
    assert text.replace("\r", "\n").strip().splitlines()[-1].strip() == "kicked 600 of 600 clients"


def read(terminal: int) -> bytes:
    """Read from a terminal; its end is an error on Linux."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""
