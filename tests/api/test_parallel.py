"""Several things read at once: what came, and why another did not."""

import threading
from pathlib import Path
from typing import Any

import pytest

from emqxctl.api.parallel import fetch_all, fetch_one, run_parallel
from emqxctl.cli.session import Session
from emqxctl.config.profiles import Config
from emqxctl.config.settings import resolve_settings
from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.sandbox.server import Sandbox
from tests.support.sandboxes import sandbox_env


@pytest.fixture
def session(cluster: Sandbox, home: Path) -> Session:
    """Give a session with a simulated cluster."""
    environ = sandbox_env(cluster)
    none = Config(home)
    return Session(resolve_settings({}, environ, none, {}), none, environ)


def test_each_part_comes_by_name(session: Session) -> None:
    """What is not there is None; what fails keeps its error and why, in the order asked for."""

    def refused(_api: Any) -> None:
        message = "no"
        raise EmqxctlError(message, code="FORBIDDEN", exit_code=ExitCode.FORBIDDEN)

    fetched = fetch_all(
        session.client,
        {"a": refused, "b": fetch_one("/nodes"), "c": fetch_one("/clients/{clientid}", "nobody")},
    )
    assert list(fetched) == ["a", "b", "c"]
    assert fetched["a"].missing == "not permitted for this API key"
    assert len(fetched["b"].value) == 3
    assert (fetched["c"].value, fetched["c"].missing) == (None, "")


def test_they_are_read_at_the_same_time(session: Session) -> None:
    """Each waits for the other, so one after the other would never end."""
    meet = threading.Barrier(2, timeout=20)
    fetched = fetch_all(session.client, {"a": lambda _: meet.wait(), "b": lambda _: meet.wait()})
    assert sorted(part.value for part in fetched.values()) == [0, 1]


def test_a_bug_is_not_a_missing_part(session: Session) -> None:
    """It is raised."""
    with pytest.raises(ZeroDivisionError):
        fetch_all(session.client, {"a": lambda _: 1 // 0, "b": lambda _: 1})


def test_nothing_to_read(session: Session) -> None:
    """Is nothing found."""
    assert fetch_all(session.client, {}) == {}


def test_parts_are_read_side_by_side_and_fail_each_for_itself() -> None:
    failed = EmqxctlError("no")

    def fail() -> int:
        raise failed

    assert run_parallel({"a": lambda: 1, "b": fail, "c": lambda: 3}, max_threads=2) == {
        "a": 1,
        "b": failed,
        "c": 3,
    }
    assert run_parallel({}) == {}


def test_a_bug_in_a_part_is_not_swallowed() -> None:
    with pytest.raises(ZeroDivisionError):
        run_parallel({"a": lambda: 1 // 0})
