"""What the fault tests share: a server to order, a run against it, and what every failure must look like."""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.conftest import Ran, Run
from tests.faults.certificates import certificates, secured, trusting
from tests.faults.server import Answer, FaultServer

KEY = "4f33d24d7b8e448d"
SECRET = "Zx9-fault-SECRET-77QyLm"
BASIC = b64encode(f"{KEY}:{SECRET}".encode()).decode()
RETRIES = 2
VOICES = {"plain": (), "verbose": ("-v",), "debug": ("--debug",), "json": ("-o", "json")}

__all__ = ["certificates", "secured", "trusting"]  # fixtures for every module here

Serve = Callable[..., FaultServer]
Ask = Callable[..., Ran]


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note the pauses between attempts instead of making them."""
    noted: list[float] = []
    monkeypatch.setattr("emqxctl.api.transport.sleep", noted.append)
    return noted


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start fault servers for one test: `serve(answer, ..., host=, tls=, at=)`."""
    with ExitStack() as stack:

        def start(*answers: Answer, **options: Any) -> FaultServer:
            given = {"answers": answers, **options} if answers else options
            return stack.enter_context(FaultServer(**given))

        yield start


@pytest.fixture
def ask(run: Run) -> Ask:
    """Run a command against a server or URL, as the key that must never be seen."""

    def ask_it(
        where: FaultServer | str, *words: str, env: dict[str, str] | None = None, stdin: bytes = b""
    ) -> Ran:
        url = where if isinstance(where, str) else where.url
        known = {
            "EMQXCTL_URL": url,
            "EMQXCTL_API_KEY": KEY,
            "EMQXCTL_API_SECRET": SECRET,
            "EMQXCTL_RETRIES": str(RETRIES),
            "EMQXCTL_TIMEOUT": "5",
        }
        ran = run(*words, stdin=stdin, env={**known, **(env or {})})
        assert_no_secret(ran)
        assert "Traceback" not in ran.err
        return ran

    return ask_it


def assert_no_secret(ran: Ran) -> None:
    """Hold a run to showing neither the secret nor the header made of it, whole or in part."""
    for shown in (ran.out, ran.err):
        assert SECRET not in shown
        assert BASIC not in shown
        assert BASIC[30:] not in shown
        assert not re.search(r"Basic (?!\*)", shown)


def assert_failed(ran: Ran, exit_code: int, code: str, *words: str) -> str:
    """Hold a failure to the design: exit code, one message with its code, a hint, nothing on stdout.

    Gives the message and the hint.
    """
    assert (ran.code, ran.out) == (exit_code, ""), ran.err
    told = [line for line in ran.err.splitlines() if line.startswith("emqxctl: ")]
    if told:
        assert len(told) == 1
        assert re.search(rf"\[{code}\]$", told[0]), told[0]
        hints = [line for line in ran.err.splitlines() if line.startswith("hint: ")]
        assert hints
        text = "\n".join([told[0], *hints])
    else:
        error = json.loads(ran.err.splitlines()[-1])["error"]
        assert error["code"] == code
        assert error["exit_code"] == exit_code
        text = f"{error['message']}\n{error['hint']}"
    for word in words:
        assert word in text
    return text
