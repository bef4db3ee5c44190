"""The installed program and the world around it: streams of every kind, signals, closed pipes."""

import json
import os
import pty
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox

EMQXCTL = str(Path(sys.executable).with_name("emqxctl"))
KINDS = ("terminal", "pipe", "closed", "file")


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """Listen and never answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def environment(**more: str) -> dict[str, str]:
    """Give the environment of a run."""
    return {**os.environ, "TERM": "xterm", "EMQXCTL_RETRIES": "0", **more}


def handle(kind: str, folder: Path, name: str) -> tuple[int, int | None]:
    """Open one end for a child: its descriptor and, for a pipe or terminal, ours."""
    if kind == "terminal":
        ours, theirs = pty.openpty()
        return theirs, ours
    if kind == "pipe":
        ours, theirs = os.pipe()
        return (ours, theirs) if name == "stdin" else (theirs, ours)
    flags = os.O_RDONLY | os.O_CREAT if name == "stdin" else os.O_WRONLY | os.O_CREAT
    return os.open(folder / name, flags), None


def launch(kinds: tuple[str, str, str], folder: Path, words: list[str]) -> int:
    """Run the program with the streams wanted, some of them closed, and give its exit code."""
    ends = [
        handle(kind, folder, name) for kind, name in zip(kinds, ("stdin", "stdout", "stderr"), strict=True)
    ]
    closing = [
        f"{number}{'<' if number == 0 else '>'}&-" for number, kind in enumerate(kinds) if kind == "closed"
    ]
    line = ["/bin/sh", "-c", f'exec "$@" {" ".join(closing)}', "sh", EMQXCTL, *words]
    with subprocess.Popen(
        line, stdin=ends[0][0], stdout=ends[1][0], stderr=ends[2][0], env=environment()
    ) as child:
        for theirs, _ in ends:
            os.close(theirs)
        code = child.wait(timeout=60)
    for _, ours in ends:
        if ours is not None:
            os.close(ours)
    return code


@pytest.mark.parametrize("kinds", list(product(KINDS, KINDS, KINDS)), ids="-".join)
def test_every_kind_of_stream_ends_well(
    cluster: Sandbox, tmp_path: Path, kinds: tuple[str, str, str]
) -> None:
    code = launch(kinds, tmp_path, ["nodes", "list", "-o", "json"])
    assert code == (1 if kinds[1] == "closed" else 0)
    if kinds[1] == "file":
        assert len(json.loads((tmp_path / "stdout").read_text())) == 3
    if kinds[2] == "file":
        said = (tmp_path / "stderr").read_text()
        assert "Traceback" not in said
        assert (said == "") == (code == 0)


def start(words: list[str], **env: str) -> "subprocess.Popen[bytes]":
    """Start the program with pipes."""
    return subprocess.Popen(
        [EMQXCTL, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(**env),
    )


def test_ctrl_c_while_waiting_for_an_answer_ends_with_130(silent: socket.socket) -> None:
    url = f"http://127.0.0.1:{silent.getsockname()[1]}"
    child = start(["nodes", "list"], EMQXCTL_URL=url, EMQXCTL_API_KEY="k", EMQXCTL_API_SECRET="s")
    connection, _ = silent.accept()
    assert connection.recv(10)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=30)
    assert child.returncode == 130
    assert out == b""
    assert b"interrupted" in err
    assert b"Traceback" not in err
    connection.close()


def test_sigterm_ends_at_once_and_quietly(silent: socket.socket) -> None:
    url = f"http://127.0.0.1:{silent.getsockname()[1]}"
    child = start(["nodes", "list"], EMQXCTL_URL=url, EMQXCTL_API_KEY="k", EMQXCTL_API_SECRET="s")
    connection, _ = silent.accept()
    child.send_signal(signal.SIGTERM)
    out, err = child.communicate(timeout=30)
    assert (child.returncode, out, err) == (-signal.SIGTERM, b"", b"")
    connection.close()


@pytest.mark.parametrize("format_", ["table", "json", "jsonl", "yaml", "csv", "tsv", "md", "name"])
def test_a_reader_that_is_gone_is_no_failure(cluster: Sandbox, format_: str) -> None:
    with cluster.cluster.lock:
        for number in range(3000):
            cluster.cluster.add_client(f"many-{number:05}")
    child = start(["clients", "list", "-o", format_])
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.readline()
    child.stdout.close()
    assert child.stderr.read() == b""
    assert child.wait(timeout=30) == 0
    child.stderr.close()


def test_a_full_disk_is_told(cluster: Sandbox) -> None:
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [EMQXCTL, "nodes", "list"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
            timeout=60,
        )
    assert ran.returncode == 1
    assert b"No space left on device" in ran.stderr


def test_the_same_bytes_on_a_terminal_and_in_a_pipe(cluster: Sandbox) -> None:
    ours, theirs = pty.openpty()
    subprocess.run(
        [EMQXCTL, "cluster", "get", "-o", "json"], stdout=theirs, env=environment(), check=True, timeout=60
    )
    os.close(theirs)
    shown = os.read(ours, 65536).replace(b"\r\n", b"\n")
    os.close(ours)
    piped = subprocess.run(
        [EMQXCTL, "cluster", "get", "-o", "json"],
        capture_output=True,
        env=environment(),
        check=True,
        timeout=60,
    )
    assert shown == piped.stdout


def test_a_question_is_asked_on_a_terminal_only_and_no_means_no(cluster: Sandbox) -> None:
    client = next(iter(cluster.cluster.clients))
    ours, theirs = pty.openpty()
    words = [EMQXCTL, "clients", "kick", client]
    with subprocess.Popen(words, stdin=theirs, stdout=theirs, stderr=theirs, env=environment()) as child:
        asked = b""
        deadline = time.monotonic() + 30
        while b"[y/N]" not in asked and time.monotonic() < deadline:
            asked += os.read(ours, 1024)
        os.write(ours, b"n\n")
        code = child.wait(timeout=30)
    os.close(theirs)
    os.close(ours)
    assert b"[y/N]" in asked
    assert code == 14
    assert client in cluster.cluster.clients


def test_no_question_with_no_input_even_on_a_terminal(cluster: Sandbox) -> None:
    client = next(iter(cluster.cluster.clients))
    for more in (["--no-input"], []):
        ours, theirs = pty.openpty()
        env = environment() if more else environment(CI="true")
        words = [EMQXCTL, "clients", "kick", client, *more]
        ran = subprocess.run(
            words, stdin=theirs, stdout=theirs, stderr=theirs, env=env, check=False, timeout=60
        )
        os.close(theirs)
        os.close(ours)
        assert ran.returncode == 14
    assert client in cluster.cluster.clients
