"""The installed program with streams of every kind, signals and closed pipes."""

import contextlib
import json
import os
import pty
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.support.sandboxes import EMQXCTL

KINDS = ("terminal", "pipe", "closed", "file")


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """Listen and never respond."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a run."""
    return {**os.environ, "TERM": "xterm", "EMQXCTL_RETRIES": "0", **more}


def open_stream(kind: str, folder: Path, name: str) -> tuple[int, int | None]:
    """Open a stream for a child; return its descriptor and, for a pipe or terminal, that of the parent."""
    if kind == "terminal":
        parent_end, child_end = pty.openpty()
        return child_end, parent_end
    if kind == "pipe":
        parent_end, child_end = os.pipe()
        return (parent_end, child_end) if name == "stdin" else (child_end, parent_end)
    flags = os.O_RDONLY | os.O_CREAT if name == "stdin" else os.O_WRONLY | os.O_CREAT
    return os.open(folder / name, flags), None


def run_with_streams(kinds: tuple[str, str, str], folder: Path, words: list[str]) -> int:
    """Run the program with these streams, some of them closed, and return its exit code."""
    ends = [
        open_stream(kind, folder, name)
        for kind, name in zip(kinds, ("stdin", "stdout", "stderr"), strict=True)
    ]
    redirections = [
        f"{number}{'<' if number == 0 else '>'}&-" for number, kind in enumerate(kinds) if kind == "closed"
    ]
    line = ["/bin/sh", "-c", f'exec "$@" {" ".join(redirections)}', "sh", EMQXCTL, *words]
    with subprocess.Popen(
        line, stdin=ends[0][0], stdout=ends[1][0], stderr=ends[2][0], env=environment()
    ) as child:
        for child_end, _ in ends:
            os.close(child_end)
        code = child.wait(timeout=60)
    for _, parent_end in ends:
        if parent_end is not None:
            os.close(parent_end)
    return code


@pytest.mark.parametrize("kinds", list(product(KINDS, KINDS, KINDS)), ids="-".join)
def test_every_kind_of_stream_ends_well(
    cluster: Sandbox, tmp_path: Path, kinds: tuple[str, str, str]
) -> None:
    code = run_with_streams(kinds, tmp_path, ["nodes", "list", "-o", "json"])
    assert code == (1 if kinds[1] == "closed" else 0)
    if kinds[1] == "file":
        assert len(json.loads((tmp_path / "stdout").read_text())) == 3
    if kinds[2] == "file":
        stderr = (tmp_path / "stderr").read_text()
        assert "Traceback" not in stderr
        assert (stderr == "") == (code == 0)


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


def test_sigterm_ends_at_once_with_one_message(silent: socket.socket) -> None:
    url = f"http://127.0.0.1:{silent.getsockname()[1]}"
    child = start(["nodes", "list"], EMQXCTL_URL=url, EMQXCTL_API_KEY="k", EMQXCTL_API_SECRET="s")
    connection, _ = silent.accept()
    child.send_signal(signal.SIGTERM)
    out, err = child.communicate(timeout=30)
    assert (child.returncode, out) == (128 + signal.SIGTERM, b"")
    assert err.count(b"\n") == 1
    assert err.endswith(b"[INTERRUPTED]\n")
    connection.close()


@pytest.mark.parametrize("format_", ["table", "json", "jsonl", "yaml", "csv", "tsv", "md", "name"])
def test_a_closed_stdout_is_not_an_error(cluster: Sandbox, format_: str) -> None:
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


def test_a_full_disk_is_reported(cluster: Sandbox) -> None:
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(
            [EMQXCTL, "nodes", "list"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
            timeout=60,
        )
    assert result.returncode == 1
    assert b"No space left on device" in result.stderr


def read_to_end(controller: int) -> bytes:
    """Return what was written to a terminal that is closed, which may come in several pieces."""
    content = b""
    with contextlib.suppress(OSError):  # the end
        while piece := os.read(controller, 65536):
            content += piece
    return content


def test_the_same_bytes_on_a_terminal_and_in_a_pipe(cluster: Sandbox) -> None:
    controller, terminal = pty.openpty()
    subprocess.run(
        [EMQXCTL, "cluster", "get", "-o", "json"], stdout=terminal, env=environment(), check=True, timeout=60
    )
    os.close(terminal)
    terminal_bytes = read_to_end(controller).replace(b"\r\n", b"\n")
    os.close(controller)
    pipe_result = subprocess.run(
        [EMQXCTL, "cluster", "get", "-o", "json"],
        capture_output=True,
        env=environment(),
        check=True,
        timeout=60,
    )
    assert terminal_bytes == pipe_result.stdout


def test_a_terminal_prompts_and_no_changes_nothing(cluster: Sandbox) -> None:
    client = next(iter(cluster.cluster.clients))
    controller, terminal = pty.openpty()
    words = [EMQXCTL, "clients", "kick", client]
    with subprocess.Popen(
        words, stdin=terminal, stdout=terminal, stderr=terminal, env=environment()
    ) as child:
        screen = b""
        deadline = time.monotonic() + 30
        while b"[y/N]" not in screen and time.monotonic() < deadline:
            screen += os.read(controller, 1024)
        os.write(controller, b"n\n")
        code = child.wait(timeout=30)
    os.close(terminal)
    os.close(controller)
    assert b"[y/N]" in screen
    assert code == 14
    assert client in cluster.cluster.clients


def test_a_terminal_does_not_prompt_with_no_input_or_in_ci(cluster: Sandbox) -> None:
    client = next(iter(cluster.cluster.clients))
    for options in (["--no-input"], []):
        controller, terminal = pty.openpty()
        env = environment() if options else environment(CI="true")
        words = [EMQXCTL, "clients", "kick", client, *options]
        result = subprocess.run(
            words, stdin=terminal, stdout=terminal, stderr=terminal, env=env, check=False, timeout=60
        )
        os.close(terminal)
        os.close(controller)
        assert result.returncode == 14
    assert client in cluster.cluster.clients
