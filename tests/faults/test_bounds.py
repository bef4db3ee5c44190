"""Responses that grow: bounded in bytes after decompression, in memory and in time, redirects unread."""

import os
import resource
import subprocess
import sys
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import pytest

from tests.faults.conftest import KEY, SECRET, Serve
from tests.faults.server import Responder, compress, format_head, respond, respond_large, respond_raw
from tests.support.sandboxes import EMQXCTL
from tests.support.waiting import wait_until

MEGABYTE = 1 << 20
MAX_MEMORY = 200 * MEGABYTE
MAX_SECONDS = 20.0


class MeasuredRun(NamedTuple):
    """The end of a run of the installed command, and its peak memory in bytes."""

    code: int
    err: str
    memory: int
    seconds: float


# A child's peak memory counts that of its parent until it executes the command: a small one in between.
MEASURE = """
import os, resource, subprocess, sys
code = subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL).returncode
os.write(int(sys.argv[1]), str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss).encode())
sys.exit(code)
"""


def run_measured(url: str, *words: str) -> MeasuredRun:
    """Run the installed command against a server and measure it."""
    env = {**os.environ, "EMQXCTL_URL": url, "EMQXCTL_API_KEY": KEY, "EMQXCTL_API_SECRET": SECRET}
    env |= {"EMQXCTL_RETRIES": "0", "EMQXCTL_TIMEOUT": "5"}
    started_at = monotonic()
    reader, writer = os.pipe()
    with os.fdopen(reader) as memory:
        try:
            result = subprocess.run(
                [sys.executable, "-S", "-c", MEASURE, str(writer), EMQXCTL, *words],
                env=env,
                stderr=subprocess.PIPE,
                pass_fds=[writer],
                check=False,
            )
        finally:
            os.close(writer)
        peak = int(memory.read()) * 1024
    return MeasuredRun(result.returncode, result.stderr.decode(), peak, monotonic() - started_at)


def respond_compressed(
    content: bytes, status: int = 200, encoding: str = "gzip", **headers: str
) -> Responder:
    """Respond with a body that is compressed already."""
    return respond(status, content, {"Content-Encoding": encoding, **headers})


LOCATION = {"Location": "http://127.0.0.1:9/x"}
# The response, and the exit codes that are right for it.
BOMBS: dict[str, tuple[Responder, set[int]]] = {
    "redirect, gzip": (respond_compressed(compress(b"\0", 1 << 30), 302, **LOCATION), {11}),
    "redirect, gzip twice": (
        respond_compressed(compress(b"\0", 1 << 30, times=2), 302, "gzip, gzip", **LOCATION),
        {11},
    ),
    "gzip": (respond_compressed(compress(b" ", 1 << 30)), {10}),
    "gzip twice": (respond_compressed(compress(b" ", 1 << 30, times=2), encoding="gzip, gzip"), {10, 11}),
    "gzip in an error": (respond_compressed(compress(b"x", 1 << 30), 500), {10}),
    "empty lists": (respond_compressed(compress(b"[],", 20 << 20, start=b"[", end=b"[]]")), {10}),
    "fewer empty lists": (respond_compressed(compress(b"[],", 7 << 20, start=b"[", end=b"[]]")), {10}),
    "nested lists": (
        respond_compressed(compress(b"[" * 900 + b"]" * 900 + b",", 12_000, start=b"[", end=b"[]]")),
        {10},
    ),
    "objects": (respond_compressed(compress(b'{"a":{}},', 2 << 20, start=b"[", end=b"{}]")), {10}),
    "numbers": (respond_compressed(compress(b"1.5,", 5 << 20, start=b"[", end=b"1]")), {10}),
    "wide text": (
        respond_compressed(compress(b"x", 23 * MEGABYTE, start='["\U0001f600'.encode(), end=b'"]')),
        {10},
    ),
    "one object": (respond_compressed(compress(b'"a":1,', 3 << 20, start=b"{", end=b'"b":1}')), {10}),
    "rows": (
        respond_compressed(compress(b'{"node":"emqx@1","x":[1,2,3]},', 800_000, start=b"[", end=b"{}]")),
        {0, 10},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_no_response_takes_more_memory_or_time_than_is_allowed(serve: Serve, name: str) -> None:
    responder, exit_codes = BOMBS[name]
    for words in (
        ("nodes", "list", "-o", "json"),
        ("clients", "list", "-o", "json"),
        ("api", "GET", "/nodes"),
    ):
        result = run_measured(serve(responder).url, *words)
        assert result.code in exit_codes | ({0} if words[0] == "api" else set()), result
        assert "Traceback" not in result.err
        assert "UNEXPECTED" not in result.err
        assert result.memory < MAX_MEMORY, (words, result.memory / MEGABYTE)
        assert result.seconds < MAX_SECONDS


def test_the_body_of_a_redirect_is_not_read(serve: Serve) -> None:
    server = serve(respond_large(500 * MEGABYTE, chunked=True, status=302, headers=LOCATION))
    result = run_measured(server.url, "publish", "a", "b")
    assert (result.code, result.memory < MAX_MEMORY) == (11, True), result
    wait_until(lambda: server.errors, "the connection is closed before the body is sent")


def test_an_invalid_location_is_a_redirect_like_any_other(serve: Serve) -> None:
    for words in (("nodes", "list"), ("publish", "a", "b")):
        result = run_measured(serve(respond(302, "", {"Location": "http://["})).url, *words)
        assert result.code == 11, result
        assert "REDIRECTED" in result.err


def test_a_download_is_not_decompressed_without_end(serve: Serve, tmp_path: Path) -> None:
    body = compress(b"\0", 1200 * MEGABYTE)
    server = serve(respond_compressed(body))
    result = run_measured(server.url, "traces", "download", "t", "--output-file", str(tmp_path / "t.zip"))
    assert (result.code, "TOO_LARGE" in result.err) == (10, True), result
    assert result.memory < MAX_MEMORY
    assert list(tmp_path.iterdir()) == [tmp_path / "home"]


def test_this_machine_measures_memory() -> None:
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 1000


def test_headers_without_end_are_an_error(serve: Serve) -> None:
    server = serve(respond_raw(format_head(200, {"X-A": "b" * 2_000_000})))
    assert run_measured(server.url, "nodes", "list").code == 11
