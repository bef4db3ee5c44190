"""Ctrl-C wherever a run may be: waiting to try again, in a download, in a list, asking for a secret."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from os import environ
from pathlib import Path

import pytest

from emqxctl.cli import prompts
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.faults.server import FaultServer, drip_forever, format_head, never_respond, respond

EMQXCTL = str(Path(sys.executable).with_name("emqxctl"))


@contextmanager
def started(url: str, *words: str, **more: str) -> "Iterator[subprocess.Popen[bytes]]":
    """Start the program against a server; it is gone at the end."""
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
    """Press Ctrl-C, hold the program to ending with 130 and no trace, and give what it wrote."""
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=30)
    assert child.returncode == 130, err
    assert b"interrupted" in err
    assert b"Traceback" not in err
    assert b"s3cret" not in err
    return out, err


def read_until(child: "subprocess.Popen[bytes]", words: bytes) -> None:
    """Read stderr until words come."""
    assert child.stderr is not None
    for line in child.stderr:
        if words in line:
            return
    raise AssertionError(words)


def test_in_the_wait_for_another_attempt() -> None:
    busy = respond(503, '{"code": "SERVICE_UNAVAILABLE", "message": "x"}', {"Retry-After": "20"})
    with FaultServer(responders=[busy]) as server, started(server.url, "nodes", "list", "-v") as child:
        read_until(child, b"retry in")
        out, _ = interrupt(child)
        assert out == b""
        assert len(server.received) == 1


def test_in_a_download_nothing_half_written_stays(tmp_path: Path) -> None:
    target = tmp_path / "trace.zip"
    target.write_bytes(b"old")
    body = drip_forever(format_head(200, {"Content-Length": "99999999"}) + b"x" * 200_000)
    words = ("traces", "download", "t1", "--output-file", str(target))
    with FaultServer(responders=[body]) as server, started(server.url, *words) as child:
        while not [one for one in tmp_path.iterdir() if one.name.startswith(".trace") and one.stat().st_size]:
            assert child.poll() is None
        interrupt(child)
    assert target.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["trace.zip"]


@pytest.mark.parametrize("format_", ["jsonl", "csv", "name"])
def test_in_a_list_the_rows_are_whole(format_: str) -> None:
    row = '{"clientid": "client-%04d", "node": "n"}'
    rows = ",".join(row % number for number in range(1000))
    page = respond(200, f'{{"data": [{rows}], "meta": {{"page": 1, "limit": 1000, "hasnext": true}}}}')
    words = ("clients", "list", "-o", format_)
    with FaultServer(responders=[page, never_respond()]) as server, started(server.url, *words) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(1001 if format_ == "csv" else 1000)]
        out, _ = interrupt(child)
    assert out == b""
    assert b"client-0999" in lines[-1]
    assert all(line.endswith(b"\n") for line in lines)


def test_while_a_write_is_out_it_is_said_that_it_may_have_been_made() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with started(url, "publish", "a", "b") as child:
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
    known = {"EMQXCTL_URL": "", "EMQXCTL_API_KEY": "", "EMQXCTL_API_SECRET": ""}
    with started("", "-p", "p", "nodes", "list", **known) as child:
        while not ready.exists():
            assert child.poll() is None, child.communicate()
        interrupt(child)


def test_a_reader_of_stderr_that_is_gone_changes_nothing(sandbox: Sandbox) -> None:
    known = {"EMQXCTL_API_KEY": sandbox.api_key, "EMQXCTL_API_SECRET": sandbox.api_secret}
    with started(sandbox.url, "nodes", "list", "-o", "name", "--debug", **known) as child:
        assert child.stderr is not None
        child.stderr.close()
        assert child.stdout is not None
        assert len(child.stdout.read().splitlines()) == 3
        assert child.wait(timeout=30) == 0


def test_a_full_stderr_changes_nothing(sandbox: Sandbox) -> None:
    env = {"URL": sandbox.url, "API_KEY": sandbox.api_key, "API_SECRET": sandbox.api_secret}
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [EMQXCTL, "nodes", "list", "-o", "name", "-v"],
            stdout=subprocess.PIPE,
            stderr=full,
            env={**environ, **{f"EMQXCTL_{name}": value for name, value in env.items()}},
            check=False,
            timeout=60,
        )
    assert (ran.returncode, ran.stdout.count(b"\n")) == (0, 3)


@pytest.mark.parametrize("error", [KeyboardInterrupt, EOFError])
def test_a_question_that_is_broken_off_does_nothing(
    run: Run, cluster: Sandbox, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    def broken(_question: str) -> str:
        raise error

    monkeypatch.setattr(prompts, "prompt", broken)
    client = next(iter(cluster.cluster.clients))
    ran = run("clients", "kick", client, terminal=True)
    assert ran.code in {130, 14, 1}
    assert client in cluster.cluster.clients
    assert "Traceback" not in ran.err


def test_a_question_shows_no_control_characters(run: Run, cluster: Sandbox) -> None:
    ran = run("clients", "kick", "evil\x1b[2J\u202e\r", terminal=True, stdin=b"n\n")
    assert ran.code == 14
    assert "\\x1b[2J\\u202e\\r" in ran.err
    assert not any(one in ran.err for one in "\x1b\u202e\r")
