"""`emqxctl sandbox node`: the nodes of the sandbox that keeps running."""

from collections.abc import Iterator

import pytest

from tests.conftest import Run


@pytest.fixture
def started(run: Run) -> Iterator[None]:
    """Keep a sandbox running for one test."""
    assert run("sandbox", "start").code == 0
    yield
    assert run("sandbox", "stop").code == 0


@pytest.mark.usefixtures("started")
def test_a_node_is_stopped_and_started(run: Run) -> None:
    stopped = run("sandbox", "node", "stop", "3")
    assert (stopped.code, stopped.out) == (0, "")
    assert "emqx3@sandbox.local is now stopped" in stopped.err
    rows = run("-p", "sandbox", "nodes", "list", "-o", "json").json
    assert [row["node_status"] for row in rows] == ["running", "running", "stopped"]
    assert "is already stopped" in run("sandbox", "node", "stop", "emqx3").err
    table = run("sandbox", "node", "list")
    assert table.out.splitlines()[0].split() == ["NO.", "NODE", "STATUS", "UPTIME", "LIVE"]
    assert table.out.splitlines()[3].split() == ["3", "emqx3@sandbox.local", "stopped", "-", "-"]
    started_node = run("sandbox", "node", "start", "emqx3@sandbox.local", "-o", "json").json
    assert (started_node["number"], started_node["node_status"]) == (3, "running")
    assert started_node["uptime"] < 60_000


@pytest.mark.usefixtures("started")
def test_what_cannot_be_stopped_is_left(run: Run) -> None:
    responding_node = run("sandbox", "node", "stop", "1")
    assert responding_node.code == 2
    assert "emqxctl sandbox stop" in responding_node.err
    assert run("sandbox", "node", "stop", "4").code == 6
    assert "dry run" in run("sandbox", "node", "stop", "2", "--dry-run").err
    rows = run("sandbox", "node", "list", "-o", "json").json
    assert [row["node_status"] for row in rows] == ["running"] * 3


def test_without_a_sandbox_it_says_how_to_start_one(run: Run) -> None:
    result = run("sandbox", "node", "list")
    assert result.code == 8
    assert "emqxctl sandbox start" in result.err


@pytest.mark.parametrize(("options", "still"), [(["--still"], True), ([], False)])
def test_a_sandbox_that_stays_moves_unless_still(run: Run, options: list[str], still: bool) -> None:
    def read_loads() -> list[float]:
        rows = run("-p", "sandbox", "nodes", "list", "-o", "json").json
        return [row["load1"] for row in rows]

    usual_loads = read_loads()
    try:
        assert run("sandbox", "start", *options).code == 0
        assert (read_loads() == usual_loads) is still
    finally:
        assert run("sandbox", "stop").code == 0
