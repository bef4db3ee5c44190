"""Fixtures of the fault tests: servers with faults, commands run against them, checks of every failure."""

import json
import re
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from typing import Any

import pytest

from tests.conftest import Run, RunResult
from tests.faults.certificates import Certificates, build_context, create_certificates
from tests.faults.server import FaultServer, Responder, respond

KEY = "4f33d24d7b8e448d"
SECRET = "Zx9-fault-SECRET-77QyLm"
BASIC = b64encode(f"{KEY}:{SECRET}".encode()).decode()
RETRIES = 2
OUTPUT_MODES = {"plain": (), "verbose": ("-v",), "debug": ("--debug",), "json": ("-o", "json")}

Serve = Callable[..., FaultServer]
ServeTls = Callable[..., FaultServer]
RunAgainst = Callable[..., RunResult]
AdvanceClock = Callable[[float], None]


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Record the pauses between attempts instead of waiting."""
    seconds: list[float] = []
    monkeypatch.setattr("emqxctl.api.transport.sleep", seconds.append)
    for module in ("messages.why._sample", "check._read"):  # between two samples
        monkeypatch.setattr(f"emqxctl.commands.{module}.SLEEP", lambda _seconds: None)
    return seconds


@pytest.fixture
def advance_clock(monkeypatch: pytest.MonkeyPatch) -> AdvanceClock:
    """Return a function that makes the deadlines of requests pass by the number of reads, not by time.

    Their clock advances by so many seconds each time it is read; a busy machine changes nothing.
    """

    def advance(seconds: float) -> None:
        readings = count(0.0, seconds)
        monkeypatch.setattr("emqxctl.api.timeouts.monotonic", lambda: next(readings))

    return advance


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start fault servers for one test: `serve(answer, ..., host=, tls=, by_path=)`."""
    with ExitStack() as stack:

        def start(*answers: Responder, **options: Any) -> FaultServer:
            arguments = {"responders": answers, **options} if answers else options
            return stack.enter_context(FaultServer(**arguments))

        yield start


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Create the certificates once."""
    return create_certificates(tmp_path_factory.mktemp("ca"), tmp_path_factory.mktemp("other"))


@pytest.fixture
def serve_tls(serve: Serve, certificates: Certificates) -> ServeTls:
    """Start a server with TLS and one of the certificates: `serve_tls("good", respond(...))`."""

    def start(
        name: str, *answers: Responder, clients: bool = False, maximum_version: ssl.TLSVersion | None = None
    ) -> FaultServer:
        context = build_context(getattr(certificates, name), clients_of=certificates.ca if clients else None)
        if maximum_version:
            context.maximum_version = maximum_version
        return serve(*(answers or (respond(200, "[]"),)), tls=context)

    return start


@pytest.fixture
def trust_env(certificates: Certificates) -> dict[str, str]:
    """Return the environment that trusts the tests' authority."""
    return {"EMQXCTL_CA_FILE": str(certificates.ca.file)}


@pytest.fixture
def run_against(run: Run) -> RunAgainst:
    """Run a command against a server or URL, as the key that must never be seen."""

    def run_command(
        server: FaultServer | str, *arguments: str, env: dict[str, str] | None = None, stdin: bytes = b""
    ) -> RunResult:
        url = server if isinstance(server, str) else server.url
        connection = {
            "EMQXCTL_URL": url,
            "EMQXCTL_API_KEY": KEY,
            "EMQXCTL_API_SECRET": SECRET,
            "EMQXCTL_RETRIES": str(RETRIES),
            "EMQXCTL_TIMEOUT": "5",
        }
        result = run(*arguments, stdin=stdin, env={**connection, **(env or {})})
        assert_no_secret(result)
        assert "Traceback" not in result.err
        return result

    return run_command


def assert_no_secret(result: RunResult) -> None:
    """Check that a run printed neither the secret nor the header built from it, whole or in part."""
    for text in (result.out, result.err):
        assert SECRET not in text
        assert BASIC not in text
        assert BASIC[30:] not in text
        assert not re.search(r"Basic (?!\*)", text)


def assert_failed(result: RunResult, exit_code: int, code: str, *texts: str) -> str:
    """Check a failure: exit code, one message with its code, a hint, nothing on stdout.

    Return the message and the hint.
    """
    assert (result.code, result.out) == (exit_code, ""), result.err
    messages = [line for line in result.err.splitlines() if line.startswith("emqxctl: ")]
    if messages:
        assert len(messages) == 1
        assert re.search(rf"\[{code}\]$", messages[0]), messages[0]
        hints = [line for line in result.err.splitlines() if line.startswith("hint: ")]
        assert hints
        text = "\n".join([messages[0], *hints])
    else:
        error = json.loads(result.err.splitlines()[-1])["error"]
        assert error["code"] == code
        assert error["exit_code"] == exit_code
        text = f"{error['message']}\n{error['hint']}"
    for expected_text in texts:
        assert expected_text in text
    return text
