"""Ctrl-C at any moment of a run: before a retry, in a download, in a list, at a prompt for a secret."""

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from os import environ
from pathlib import Path

import pytest

from emqxctl.cli import prompts
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.faults.server import FaultServer, drip_forever, format_head, never_respond, respond
from tests.support.sandboxes import EMQXCTL


@contextmanager
def start(url: str, *words: str, **more: str) -> "Iterator[subprocess.Popen[bytes]]":
    """Start the program against a server; it is killed at the end."""
    env = {**environ, "EMQXCTL_URL": url, "EMQXCTL_API_KEY": "k", "EMQXCTL_API_SECRET": "s3cret-of-the-test"}
    with subprocess.Popen(
        [EMQXCTL, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**env, **more},
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def interrupt(child: "subprocess.Popen[bytes]") -> tuple[bytes, bytes]:
    """Press Ctrl-C, check that the program exits with 130 without a traceback, and return its output."""
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=30)
    assert child.returncode == 130, err
    assert b"interrupted" in err
    assert b"Traceback" not in err
    assert b"s3cret" not in err
    return out, err


def read_until(child: "subprocess.Popen[bytes]", text: bytes) -> None:
    """Read stderr until a line contains the text."""
    assert child.stderr is not None
    for line in child.stderr:
        if text in line:
            return
    raise AssertionError(text)


def test_in_the_wait_for_another_attempt() -> None:
    busy = respond(503, '{"code": "SERVICE_UNAVAILABLE", "message": "x"}', {"Retry-After": "20"})
    with FaultServer(responders=[busy]) as server, start(server.url, "nodes", "list", "-v") as child:
        read_until(child, b"retry in")
        out, _ = interrupt(child)
        assert out == b""
        assert len(server.received) == 1


def test_in_a_download_nothing_half_written_stays(tmp_path: Path) -> None:
    target = tmp_path / "trace.zip"
    target.write_bytes(b"old")
    body = drip_forever(format_head(200, {"Content-Length": "99999999"}) + b"x" * 200_000)
    words = ("traces", "download", "t1", "--output-file", str(target))
    with FaultServer(responders=[body]) as server, start(server.url, *words) as child:
        while not [
            file for file in tmp_path.iterdir() if file.name.startswith(".trace") and file.stat().st_size
        ]:
            assert child.poll() is None
        interrupt(child)
    assert target.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["trace.zip"]


@pytest.mark.parametrize("format_", ["jsonl", "csv", "name"])
def test_in_a_list_the_rows_are_whole(format_: str) -> None:
    row = '{"clientid": "client-%04d", "node": "n"}'
    rows = ",".join(row % number for number in range(1000))
    page = respond(200, f'{{"data": [{rows}], "meta": {{"page": 1, "limit": 1000, "hasnext": true}}}}')
    words = ("clients", "list", "-o", format_)
    with FaultServer(responders=[page, never_respond()]) as server, start(server.url, *words) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(1001 if format_ == "csv" else 1000)]
        out, _ = interrupt(child)
    assert out == b""
    assert b"client-0999" in lines[-1]
    assert all(line.endswith(b"\n") for line in lines)


def test_during_a_write_the_program_ends_with_130() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with start(url, "publish", "a", "b") as child:
            connection, _ = silent.accept()
            with connection:
                connection.settimeout(30)
                while b"POST" not in connection.recv(65536):
                    pass
                interrupt(child)


def test_in_the_command_for_a_secret(tmp_path: Path, home: Path) -> None:
    ready = tmp_path / "ready"
    script = tmp_path / "secret"
    script.write_text(f"#!/bin/sh\necho x > {ready}\nexec sleep 60\n")
    script.chmod(0o700)
    (home / "config").mkdir()
    (home / "config" / "config.toml").write_text(
        f'[profiles.p]\nurl = "http://127.0.0.1:9"\napi_key = "k"\nsecret_command = ["{script}"]\n'
    )
    env = {"EMQXCTL_URL": "", "EMQXCTL_API_KEY": "", "EMQXCTL_API_SECRET": ""}
    with start("", "-p", "p", "nodes", "list", **env) as child:
        while not ready.exists():
            assert child.poll() is None, child.communicate()
        interrupt(child)


def test_a_closed_stderr_changes_nothing(sandbox: Sandbox) -> None:
    env = {"EMQXCTL_API_KEY": sandbox.api_key, "EMQXCTL_API_SECRET": sandbox.api_secret}
    with start(sandbox.url, "nodes", "list", "-o", "name", "--debug", **env) as child:
        assert child.stderr is not None
        child.stderr.close()
        assert child.stdout is not None
        assert len(child.stdout.read().splitlines()) == 3
        assert child.wait(timeout=30) == 0


def test_a_full_stderr_changes_nothing(sandbox: Sandbox) -> None:
    env = {"URL": sandbox.url, "API_KEY": sandbox.api_key, "API_SECRET": sandbox.api_secret}
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(
            [EMQXCTL, "nodes", "list", "-o", "name", "-v"],
            stdout=subprocess.PIPE,
            stderr=full,
            env={**environ, **{f"EMQXCTL_{name}": value for name, value in env.items()}},
            check=False,
            timeout=60,
        )
    assert (result.returncode, result.stdout.count(b"\n")) == (0, 3)


@pytest.mark.parametrize("error", [KeyboardInterrupt, EOFError])
def test_an_aborted_prompt_changes_nothing(
    run: Run, cluster: Sandbox, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    def abort_prompt(_question: str) -> str:
        raise error

    monkeypatch.setattr(prompts, "prompt", abort_prompt)
    client = next(iter(cluster.cluster.clients))
    result = run("clients", "kick", client, terminal=True)
    assert result.code in {130, 14, 1}
    assert client in cluster.cluster.clients
    assert "Traceback" not in result.err


def test_a_prompt_shows_no_control_characters(run: Run, cluster: Sandbox) -> None:
    result = run("clients", "kick", "evil\x1b[2J\u202e\r", terminal=True, stdin=b"n\n", env={"NO_COLOR": "1"})
    assert result.code == 14
    assert "\\x1b[2J\\u202e\\r" in result.err
    assert not any(character in result.err for character in "\x1b\u202e\r")
