"""--watch: a display on a terminal, changes as JSON lines elsewhere."""

import json
import os
import signal
import subprocess
from typing import Any

import pytest

from emqxctl.cli.root import build_root, walk_commands
from emqxctl.cli.watch import find_changes, fit_screen
from emqxctl.output.results import Row
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.sandboxes import EMQXCTL, sandbox_env
from tests.support.terminals import on_a_terminal, read_until


def start(sandbox: Sandbox, *words: str) -> subprocess.Popen[str]:
    """Start a watch whose changes are read from its stdout."""
    return subprocess.Popen(
        [EMQXCTL, *words, "--watch", "--interval", "500ms"],
        env={**os.environ, **sandbox_env(sandbox), "EMQXCTL_RETRIES": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def read_change(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    change: dict[str, Any] = json.loads(process.stdout.readline())
    return change


def test_a_pipe_gets_each_change_and_ctrl_c_ends_with_130(sandbox: Sandbox, run: Run) -> None:
    env = sandbox_env(sandbox)
    process = start(sandbox, "rules", "list", "--where", "id~^(hot|new)", "--fields", "id,enable")
    try:
        first = read_change(process)
        assert (first["change"], first["object"]) == ("added", {"id": "hot-sensors", "enable": True})
        run("rules", "disable", "hot-sensors", env=env)
        change = read_change(process)
        assert (change["change"], change["fields"]) == ("changed", ["enable"])
        run("rules", "create", "new", "--sql", 'SELECT * FROM "a"', env=env)
        assert read_change(process)["object"] == {"id": "new", "enable": True}
        run("rules", "delete", "new", "--yes", env=env)
        assert read_change(process)["change"] == "removed"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out, "Traceback" in err) == (130, "", False)
    finally:
        process.kill()


def test_an_object_that_is_deleted_is_removed(sandbox: Sandbox, run: Run) -> None:
    process = start(sandbox, "rules", "get", "hot-sensors", "-o", "jsonl", "--fields", "id")
    try:
        assert read_change(process)["change"] == "added"
        run("rules", "delete", "hot-sensors", "--yes", env=sandbox_env(sandbox))
        assert read_change(process)["change"] == "removed"
    finally:
        process.kill()
        process.communicate()


def test_a_closed_pipe_ends_quietly(sandbox: Sandbox) -> None:
    process = start(sandbox, "nodes", "list", "--fields", "node")
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert (process.wait(timeout=20), process.stderr and process.stderr.read()) == (0, "")


def test_a_terminal_is_redrawn(sandbox: Sandbox, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in sandbox_env(sandbox).items():
        monkeypatch.setenv(name, value)
    words = ("rules", "list", "--watch", "--interval", "500ms", "--fields", "id")
    with on_a_terminal(*words) as (process, terminal):
        output = read_until(terminal, "hot-sensors")
        assert "emqxctl rules list" in output
        assert "every 0.5s" in output
        run("rules", "create", "brand-new", "--sql", 'SELECT * FROM "a"')
        read_until(terminal, "brand-new")
        os.write(terminal, b"q")
        assert process.wait(timeout=20) == 0
    with on_a_terminal(*words) as (process, terminal):
        read_until(terminal, "hot-sensors")
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130


def test_a_failing_cluster_is_reported_and_watched_on(sandbox: Sandbox) -> None:
    process = start(sandbox, "nodes", "list", "--fields", "node", "-o", "jsonl")
    try:
        read_change(process)
        sandbox.stop()
        assert process.stderr is not None
        error = json.loads(process.stderr.readline())["error"]
        assert error["exit_code"] == 11
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("nodes", "list", "--interval", "5s"), 2, "--interval requires --watch"),
        (("nodes", "list", "-w", "--interval", "1ms"), 2, "must be at least 0.5s"),
        (("nodes", "list", "-w", "-o", "csv"), 2, "-o jsonl"),
        (("nodes", "list", "-w", "--query", "[]"), 2, "-o jsonl"),
        (("nodes", "get", "nope", "-w"), 6, "not found"),
        (("--watch", "status"), 2, "--watch is not supported by emqxctl status"),
    ],
)
def test_errors(cluster: Sandbox, run: Run, words: tuple[str, ...], code: int, message: str) -> None:
    del cluster
    result = run(*words)
    assert (result.code, message in result.err) == (code, True), result.err


def test_lists_and_gets_can_be_watched() -> None:
    for path, command in walk_commands(build_root()):
        verb, spec = path.rpartition(" ")[2], command.spec
        is_watched = verb in {"list", "get"} and spec.effect == "read" and not spec.local and not spec.login
        assert not is_watched or "watch" in {parameter.name for parameter in command.params}, path


def test_changes_between_two_reads() -> None:
    before: dict[str, Row] = {"a": {"x": 1}, "b": {"x": 1}}
    after: dict[str, Row] = {"b": {"x": 2}, "c": {"x": 1}}
    changes = [(change["change"], change["object"]) for change in find_changes(before, after)]
    assert changes == [("changed", {"x": 2}), ("added", {"x": 1}), ("removed", {"x": 1})]


def test_rows_that_do_not_fit_are_counted() -> None:
    assert fit_screen("head", "1\n2\n3\n4\n", 80, 5) == ["head", "", "1", "2", "(2 more lines)"]
    assert fit_screen("head", "1\n", 2, 24) == ["he", "", "1"]
