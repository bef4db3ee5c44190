"""`emqxctl nodes drain` and `undrain`, with evacuations (Enterprise) and without."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from emqxctl.commands.nodes import drain as drain_module
from emqxctl.commands.nodes._kick_all import warn_of_losses
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay

NODE = "emqx2@sandbox.local"
FAST = ("--wait-health-check", "0s", "--wait-takeover", "0s")
NODES: list[dict[str, object]] = [
    {"node": "n1@h", "node_status": "running", "live_connections": 3, "connections": 5},
    {"node": "n2@h", "node_status": "running"},
]
STATUS = "GET /load_rebalance/global_status"


def evacuation(state: str, connections: int = 0, sessions: int = 0) -> object:
    """Return a response of the global status with one evacuation."""
    stats = {"current_connected": connections, "current_sessions": sessions}
    return {"evacuations": [{"node": "n1@h", "state": state, "stats": stats}], "rebalances": []}


@pytest.fixture
def enterprise(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Run the Enterprise sandbox as the cluster of the test."""
    monkeypatch.setattr(drain_module, "INTERVAL", 0.05)
    with Sandbox(edition="enterprise") as sandbox:
        monkeypatch.setenv("EMQXCTL_URL", sandbox.url)
        monkeypatch.setenv("EMQXCTL_API_KEY", sandbox.api_key)
        monkeypatch.setenv("EMQXCTL_API_SECRET", sandbox.api_secret)
        yield sandbox


def clients_on(sandbox: Sandbox, node: str) -> list[str]:
    """Return the connected clients of a node."""
    clients = sandbox.cluster.clients.values()
    return [client.clientid for client in clients if client.node == node and client.connected]


def test_a_drained_node_is_safe_to_stop_and_takes_clients_again(run: Run, enterprise: Sandbox) -> None:
    assert clients_on(enterprise, NODE)
    result = run("nodes", "drain", NODE, *FAST, "--wait", "--yes", "--json")
    assert result.code == 0, result.err
    assert result.json == {
        "node": NODE,
        "method": "evacuation",
        "state": "prohibiting",
        "connections": 0,
        "sessions": 0,
        "safe_to_stop": True,
    }
    assert clients_on(enterprise, NODE) == []
    again = run("nodes", "drain", NODE, "--wait")
    assert (again.code, "is safe to stop" in again.err) == (0, True)
    assert run("nodes", "drain", NODE, *FAST, "--yes").code == 2
    undone = run("nodes", "undrain", NODE, "--json")
    assert undone.json == {"node": NODE, "evacuation_stopped": True}
    assert run("nodes", "undrain", NODE, "--json").json == {"node": NODE, "evacuation_stopped": False}


def test_an_evacuation_is_confirmed_and_gets_its_options(run: Run) -> None:
    script = [
        make_exchange("GET /nodes", 200, NODES),
        make_exchange("GET /nodes", 200, NODES),
        make_exchange(STATUS, 200, {"evacuations": []}),
    ]
    assert replay(run, script, "nodes", "drain", "n1@h").result.code == 14
    script.append(make_exchange("POST /load_rebalance/n1%40h/evacuation/start", 200, {}))
    words = (
        "--migrate-to",
        "n2@h",
        "--rate",
        "20/s",
        "--sess-evict-rate",
        "5",
        "--wait-takeover",
        "5s",
        "--redirect-to",
        "h2:1883",
        "-y",
    )
    outcome = replay(run, script, "nodes", "drain", "n1@h", *words)
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [
        {
            "migrate_to": ["n2@h"],
            "redirect_to": "h2:1883",
            "conn_evict_rate": 20,
            "sess_evict_rate": 5,
            "wait_takeover": "5s",
        }
    ]
    assert "emqxctl nodes drain n1@h --wait" in outcome.result.err


def test_the_progress_is_logged_until_the_node_is_safe_to_stop(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain_module, "INTERVAL", 0.0)
    states = [
        evacuation("waiting_health_check", 3, 5),
        evacuation("evicting_conns", 2, 5),
        evacuation("evicting_conns", 1, 5),
        evacuation("evicting_sessions", 0, 2),
        evacuation("prohibiting"),
    ]
    script = [make_exchange("GET /nodes", 200, NODES)] * 2
    script += [make_exchange(STATUS, 200, state) for state in states]
    outcome = replay(run, script, "nodes", "drain", "n1@h", "--wait")
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.result.err.splitlines()[:3] == [
        "n1@h: evicting conns, 2 connections, 5 sessions left",
        "n1@h: evicting sessions, 0 connections, 2 sessions left",
        "n1@h is safe to stop",
    ]


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (
            evacuation("evicting_conns", 2, 5),
            "is not safe to stop (evicting conns, 2 connections, 5 sessions left)",
        ),
        ({"evacuations": []}, "the evacuation of n1@h ended before it was finished"),
        ({"evacuations": [{"node": "n1@h"}]}, "is not safe to stop (unknown)"),
    ],
)
def test_a_wait_that_does_not_end_well_exits_with_8(run: Run, answer: object, text: str) -> None:
    script = [make_exchange("GET /nodes", 200, NODES)] * 2
    script += [
        make_exchange(STATUS, 200, evacuation("evicting_conns", 3, 5)),
        make_exchange(STATUS, 200, answer),
    ]
    outcome = replay(run, script, "nodes", "drain", "n1@h", "--wait", "--max-wait", "0")
    assert outcome.result.code == 8
    assert text in outcome.result.err


def test_a_dry_run_shows_the_request_only(run: Run, enterprise: Sandbox) -> None:
    result = run("nodes", "drain", NODE, "--wait", "--dry-run", "--rate", "20/s")
    assert result.code == 0, result.err
    assert '{"conn_evict_rate": 20}' in result.out
    assert enterprise.cluster.collections["evacuations"] == {}


@pytest.mark.parametrize(
    "words", [("--report", "r.jsonl"), ("--workers", "2"), ("--rate", "1/s", "--conn-evict-rate", "1")]
)
def test_options_that_an_evacuation_lacks_are_refused(
    run: Run, enterprise: Sandbox, words: tuple[str, ...]
) -> None:
    assert run("nodes", "drain", NODE, *words, "--yes").code == 2
    assert enterprise.cluster.collections["evacuations"] == {}


@pytest.mark.parametrize(
    ("nodes", "code"),
    [
        (NODES[1:], 6),
        (NODES[:1], 14),
        ([NODES[0] | {"node_status": "stopped"}, NODES[1]], 8),
        ([NODES[0], NODES[1] | {"node_status": "stopped"}], 14),
    ],
)
def test_a_node_that_cannot_be_drained_is_refused(run: Run, nodes: list[object], code: int) -> None:
    script = [make_exchange("GET /nodes", 200, nodes)] * 2
    assert replay(run, script, "nodes", "drain", "n1@h", "--yes").result.code == code


def test_without_evacuations_the_clients_are_kicked(run: Run, cluster: Sandbox) -> None:
    before = clients_on(cluster, NODE)
    assert before
    refused = run("nodes", "drain", NODE)
    assert refused.code == 14
    assert f"first remove {NODE} from the load balancer" in refused.err
    assert clients_on(cluster, NODE) == before
    planned = run("nodes", "drain", NODE, "--dry-run", "--json")
    assert {row["clientid"] for row in planned.json} == set(before)
    result = run("nodes", "drain", NODE, "--rate", "1000/s", "--yes", "--json")
    assert result.code == 0, result.err
    assert {row["status"] for row in result.json} == {"done"}
    assert f"no client is connected to {NODE}: safe to stop" in result.err
    assert clients_on(cluster, NODE) == []


@pytest.mark.parametrize(
    ("count", "persistent", "disconnected"),
    [
        (1, "1 of them has a persistent session, which is lost", "1 disconnected session is lost"),
        (2, "2 of them have persistent sessions, which are lost", "2 disconnected sessions are lost"),
    ],
)
def test_lost_sessions_are_counted_before_clients_are_kicked(
    count: int, persistent: str, disconnected: str
) -> None:
    lines: list[str] = []
    session: Any = SimpleNamespace(info=lines.append)
    warn_of_losses(session, "n1@h", count, count)
    assert lines[0].startswith(persistent)
    assert lines[1].startswith(disconnected)


def test_clients_that_connect_again_exit_with_8(
    run: Run, cluster: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(cluster.cluster), "kick", lambda *_: True)
    result = run("nodes", "drain", NODE, "--rate", "1000/s", "--yes")
    assert result.code == 8
    assert "not safe to stop yet" in result.err
    assert "emqx ctl listeners stop tcp:default" in result.err


def test_options_of_evacuations_are_refused_without_them(run: Run, cluster: Sandbox) -> None:
    result = run("nodes", "drain", NODE, "--wait-takeover", "5s", "--yes")
    assert result.code == 2
    assert "--wait-takeover" in result.err
    assert clients_on(cluster, NODE)


def test_ctrl_c_leaves_a_report_to_resume_with(run: Run, cluster: Sandbox, tmp_path: Path) -> None:
    report, count = tmp_path / "drain.jsonl", len(clients_on(cluster, NODE))

    def interrupt_after_the_first_kick() -> None:
        deadline = time.monotonic() + 30
        while len(clients_on(cluster, NODE)) == count and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt_after_the_first_kick, daemon=True).start()
    result = run("nodes", "drain", NODE, "--rate", "1/s", "--report", str(report), "--yes")
    assert result.code == 130
    assert "pending" in result.err
    resumed = run("nodes", "drain", NODE, "--rate", "1000/s", "--resume", str(report), "--yes")
    assert resumed.code == 0, resumed.err
    assert clients_on(cluster, NODE) == []


def test_undrain_names_listeners_that_are_stopped_on_the_node(run: Run, cluster: Sandbox) -> None:
    assert run("nodes", "undrain", NODE).code == 0
    with cluster.cluster.lock:
        cluster.cluster.listeners["tcp:default"].unbound.add(NODE)
        cluster.cluster.listeners["ws:default"].config["enable"] = False
    result = run("nodes", "undrain", NODE)
    assert result.code == 8
    assert f"listeners are not running on {NODE}: tcp:default [NOT_READY]" in result.err
    assert "emqx ctl listeners start tcp:default" in result.err


def test_the_recorded_status_is_understood(run: Run) -> None:
    recorded = find_exchange(STATUS, "while evacuating", "6.2.2")
    node = recorded.body["evacuations"][0]["node"]
    nodes = [{"node": node, "node_status": "running"}, NODES[1]]
    script = [make_exchange("GET /nodes", 200, nodes)] * 2 + [recorded]
    outcome = replay(run, script, "nodes", "drain", node, "--json")
    assert outcome.result.json == {
        "node": node,
        "method": "evacuation",
        "state": "waiting_health_check",
        "connections": 43,
        "sessions": 50,
        "safe_to_stop": False,
    }


def test_ctrl_c_ends_the_waiting_and_not_the_evacuation(run: Run, enterprise: Sandbox) -> None:
    def interrupt_once_it_has_started() -> None:
        deadline = time.monotonic() + 30
        while len(enterprise.requests) < 6 and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt_once_it_has_started, daemon=True).start()
    result = run("nodes", "drain", NODE, "--wait", "--yes")
    assert result.code == 130
    assert f"the evacuation of {NODE} continues; cancel it: emqxctl nodes undrain {NODE}" in result.err
    assert NODE in enterprise.cluster.collections["evacuations"]
