"""Against a real EMQX: `pytest -m live` with EMQXCTL_URL, EMQXCTL_API_KEY and EMQXCTL_API_SECRET."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping

import pytest

pytestmark = pytest.mark.live

Ask = Callable[..., "subprocess.CompletedProcess[str]"]
REAL = {name: value for name, value in os.environ.items() if name.startswith("EMQXCTL_")}


@pytest.fixture
def ask() -> Ask:
    """Run emqxctl against the real cluster that the environment named when the tests began."""

    def run_it(*words: str, env: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "emqxctl", *words],
            env={**os.environ, **REAL, **(env or {})},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run_it


def test_the_nodes_run(ask: Ask) -> None:
    nodes = json.loads(ask("nodes", "list", "-o", "json").stdout)
    assert {node["node_status"] for node in nodes} == {"running"}


def test_status_needs_no_key(ask: Ask) -> None:
    ran = ask("status", "-o", "json", env={"EMQXCTL_API_KEY": "", "EMQXCTL_API_SECRET": ""})
    assert json.loads(ran.stdout)["status"] == "running"


def test_a_wrong_secret_is_told(ask: Ask) -> None:
    assert ask("nodes", "list", env={"EMQXCTL_API_SECRET": "wrong"}).returncode == 4


@pytest.mark.parametrize("clientid", ["a/b", "a b", "ü%2F", "[bold]"])
def test_a_ban_comes_and_goes(ask: Ask, clientid: str) -> None:
    assert ask("banned", "add", "--for", "5m", "--", "clientid", clientid).returncode == 0
    listed = json.loads(ask("banned", "list", "-o", "json").stdout)
    assert clientid in {ban["who"] for ban in listed}
    assert ask("banned", "delete", "--yes", "--", "clientid", clientid).returncode == 0
    assert clientid not in {ban["who"] for ban in json.loads(ask("banned", "list", "-o", "json").stdout)}


def test_lists_and_counters_answer(ask: Ask) -> None:
    for words in (["clients", "list"], ["subscriptions", "list"], ["topics", "list"], ["alarms", "list"]):
        assert isinstance(json.loads(ask(*words, "-o", "json").stdout), list)
    for words in (["metrics", "get"], ["stats", "get"], ["monitor"], ["cluster", "get"]):
        assert isinstance(json.loads(ask(*words, "-o", "json").stdout), dict)


def test_nobody_subscribes_and_publishing_succeeds(ask: Ask) -> None:
    assert ask("publish", "emqxctl/live/nobody", "hello").returncode == 0


def test_an_unknown_client_is_not_found(ask: Ask) -> None:
    assert ask("clients", "get", "nobody-by-that-name").returncode == 6
