"""`emqxctl sandbox`: a sandbox that keeps running, and the one of a single command."""

from collections.abc import Iterator

import pytest

from tests.conftest import Run


@pytest.fixture
def started(run: Run) -> Iterator[dict[str, object]]:
    """Keep a sandbox running for one test."""
    result = run("sandbox", "start", "-o", "json")
    assert result.code == 0, result.err
    yield result.json
    assert run("sandbox", "stop").code == 0


def test_a_running_sandbox_is_found_and_keeps_its_state(run: Run, started: dict[str, object]) -> None:
    assert run("sandbox", "status", "-o", "json").json["url"] == started["url"]
    assert run("-p", "sandbox", "banned", "add", "clientid", "kept").code == 0
    assert "kept" in {row["who"] for row in run("-p", "sandbox", "banned", "list", "-o", "json").json}
    second_start = run("sandbox", "start", "-o", "json")
    assert second_start.json["url"] == started["url"]


def test_without_a_running_sandbox_one_is_made_for_the_command(run: Run) -> None:
    result = run("-p", "sandbox", "nodes", "list", "-o", "json")
    assert len(result.json) == 3
    assert "simulated" in result.err
    assert run("sandbox", "status").code == 8
    assert run("-p", "sandbox", "nodes", "list", "-q").err == ""
