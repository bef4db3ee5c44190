"""Fixtures of every test: an empty home, the command line run in process, a sandbox as the broker."""

import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from emqxctl.cli.app import main
from emqxctl.cli.group import Deferred
from emqxctl.cli.root import build_root
from emqxctl.output.ansi import COLOR_MODES
from emqxctl.sandbox.server import Sandbox
from tests.support.openapi import find_problems

# No example has a time limit: a busy machine would exceed it.
settings.register_profile("timeless", deadline=None)
settings.load_profile("timeless")


@dataclass(frozen=True)
class RunResult:
    """The exit code and the output of a command line."""

    code: int
    stdout: bytes
    stderr: bytes

    @property
    def out(self) -> str:
        """Stdout as text."""
        return self.stdout.decode("utf-8", "surrogateescape")

    @property
    def err(self) -> str:
        """Stderr as text."""
        return self.stderr.decode("utf-8", "surrogateescape")

    @property
    def json(self) -> Any:
        """Stdout as JSON."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        """The error object on the last line of stderr."""
        error: dict[str, Any] = json.loads(self.err.strip().splitlines()[-1])["error"]
        return error


class MemoryStream(io.TextIOWrapper):
    """A standard stream in memory that may claim to be a terminal."""

    def __init__(self, content: bytes = b"", *, terminal: bool = False) -> None:
        """Start with content to be read."""
        super().__init__(io.BytesIO(content), encoding="utf-8", errors="surrogateescape")
        self.terminal = terminal

    def isatty(self) -> bool:
        """Return what was claimed."""
        return self.terminal

    def content(self) -> bytes:
        """Return what was written."""
        self.flush()
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue()


Run = Callable[..., RunResult]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set an empty home for each test: no profile, no EMQXCTL variable, no proxy, no terminal width.

    The test runs in an empty folder of its own: no report or download of a command lands in the project.
    """
    for name in list(os.environ):
        if name.startswith("EMQXCTL_") or name.upper().endswith("_PROXY") or name in CLEARED_VARIABLES:
            monkeypatch.delenv(name)
    folder = tmp_path / "home"
    folder.mkdir()
    COLOR_MODES[:] = ["auto"]  # not --color of an earlier test
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("EMQXCTL_CONFIG", str(folder / "config"))
    monkeypatch.chdir(tmp_path_factory.mktemp("current"))
    return folder


CLEARED_VARIABLES = frozenset(
    {
        "CI",
        "COLUMNS",
        "LANG",
        "LC_ALL",
        "LC_MESSAGES",
        "NO_COLOR",
        "REQUESTS_CA_BUNDLE",
        "SSL_CERT_FILE",
        "TERM",
    }
)


# A process builds the command tree once, so thousands of runs in one process share it.
build_root_once = cache(build_root)
load_once = cache(Deferred.load)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command line in this process: `run("nodes", "list", stdin=b"", terminal=False, env={})`."""
    monkeypatch.setattr("emqxctl.cli.app.build_root", build_root_once)
    monkeypatch.setattr(Deferred, "load", lambda entry, root=None: load_once(entry, root))

    def run_command(
        *arguments: str, stdin: bytes = b"", terminal: bool = False, env: Mapping[str, str] | None = None
    ) -> RunResult:
        with monkeypatch.context() as patch:
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            streams = (
                MemoryStream(stdin, terminal=terminal),
                MemoryStream(terminal=terminal),
                MemoryStream(terminal=terminal),
            )
            for name, stream in zip(("stdin", "stdout", "stderr"), streams, strict=True):
                patch.setattr(sys, name, stream)
            code = main(list(arguments))
            return RunResult(int(code), streams[1].content(), streams[2].content())

    return run_command


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Start a simulated cluster for one test."""
    with Sandbox() as started:
        yield started


@pytest.fixture
def cluster(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Point the environment at a simulated cluster, so that `run` reaches it.

    Every request that it accepts must fit an OpenAPI document of some EMQX version.
    """
    monkeypatch.setenv("EMQXCTL_URL", sandbox.url)
    monkeypatch.setenv("EMQXCTL_API_KEY", sandbox.api_key)
    monkeypatch.setenv("EMQXCTL_API_SECRET", sandbox.api_secret)
    monkeypatch.setenv("EMQXCTL_RETRIES", "0")
    yield sandbox
    undocumented = {}
    for request in sandbox.requests:
        if request.status < 300:
            problems = find_problems(
                request.method, request.path, request.query, request.headers, request.body
            )
            if problems:
                undocumented[f"{request.method} {request.path}"] = problems
    assert undocumented == {}, "requests that no version of EMQX documents"
