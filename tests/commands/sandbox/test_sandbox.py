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


def test_options_for_a_running_sandbox_are_not_ignored_in_silence(
    run: Run, started: dict[str, object]
) -> None:
    assert "do not change" not in run("sandbox", "start").err
    for options in (("--edition", "enterprise"), ("--port", "18999"), ("--clients", "5"), ("--still",)):
        again = run("sandbox", "start", *options)
        assert (again.code, "the options do not change the running sandbox" in again.err) == (0, True)


def test_the_status_shows_a_dashboard_user_that_can_log_in(run: Run, started: dict[str, object]) -> None:
    status = run("sandbox", "status", "-o", "json").json
    assert status == {"running": True, **started}
    login = {
        "EMQXCTL_USERNAME": status["dashboard_username"],
        "EMQXCTL_PASSWORD": status["dashboard_password"],
    }
    users = run("-p", "sandbox", "users", "list", "-o", "json", env=login)
    assert (users.code, users.json[0]["username"]) == (0, status["dashboard_username"]), users.err


def test_without_a_running_sandbox_one_is_made_for_the_command(run: Run) -> None:
    result = run("-p", "sandbox", "nodes", "list", "-o", "json")
    assert len(result.json) == 3
    assert "simulated" in result.err
    assert run("sandbox", "status").code == 8
    assert run("-p", "sandbox", "nodes", "list", "-q").err == ""
