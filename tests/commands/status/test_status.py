"""`emqxctl status`: the cluster on one screen, what is wrong with it, and what it does without a key."""

import re
from pathlib import Path
from typing import Any

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recordings import Exchange, find_exchange
from tests.support.replay import make_exchange, replay

STATUS = {"node_name": "emqx@a", "rel_vsn": "v5.8.9", "broker_status": "started", "app_status": "running"}
RUNNING = {"node": "emqx@a", "node_status": "running", "version": "5.8.9", "uptime": 60_000, "load1": 0.5}
EMPTY = ("listeners", "connectors", "actions", "sources")


def make_responses(**overrides: Exchange) -> list[Exchange]:
    """Build the answers of a small cluster in which all is well, some of them others `instead`."""
    responses: dict[str, Exchange] = {
        "status": make_exchange("GET /status", 200, STATUS),
        "nodes": make_exchange("GET /nodes", 200, [RUNNING]),
        "cluster": make_exchange(
            "GET /cluster", 200, {"name": "plant", "nodes": ["emqx@a"], "self": "emqx@a"}
        ),
        "topology": make_exchange(
            "GET /cluster/topology", 200, [{"core_node": "emqx@a", "replicant_nodes": []}]
        ),
        "rates": make_exchange("GET /monitor_current", 200, {"received_msg_rate": 5, "live_connections": 7}),
        "stats": make_exchange("GET /stats", 200, {"sessions.count": 9}),
        "rules": make_exchange("GET /rules", 200, {"data": [], "meta": {}}),
        "alarms": make_exchange("GET /alarms", 200, {"data": [], "meta": {}}),
        **{name: make_exchange(f"GET /{name}", 200, []) for name in EMPTY},
    }
    return list({**responses, **overrides}.values())


def test_the_screen_has_nodes_rates_what_works_and_what_does_not(run: Run, cluster: Sandbox) -> None:
    result = run("status")
    sections = [[re.split(r"  +", line) for line in part.splitlines()] for part in result.out.split("\n\n")]
    heading, nodes, now, working, broken = sections
    assert result.code == 8
    assert heading == [[f"emqxcl (EMQX 5.8.9 Opensource) at {cluster.url}: 2 problems"]]
    assert nodes[0] == ["NODE", "STATUS", "ROLE", "VERSION", "UPTIME", "LOAD", "MEMORY", "CONNECTIONS"]
    assert [line[:4] for line in nodes[1:]] == [
        [f"emqx{at}@sandbox.local", "running", "core", "5.8.9"] for at in (1, 2, 3)
    ]
    assert now[0][:3] == ["IN/S", "OUT/S", "DROPPED/S"]
    assert [cell for cell in now[1] if cell][3:] == ["21", "24", "59", "34", "9"]
    assert working == [
        ["LISTENERS", "CONNECTORS", "ACTIONS", "SOURCES", "RULES", "ALARMS"],
        ["4 of 4", "2 of 3", "2 of 3", "1 of 1", "5 (1 disabled)", "2"],
    ]
    assert broken[1:] == [
        ["connector", "http:billing-webhook", "disconnected", "Connection refused"],
        ["action", "http:forward-billing", "disconnected", "Resource not operational"],
    ]


def test_all_well_is_0_and_names_nothing_wrong(run: Run) -> None:
    outcome = replay(run, make_responses(), "status")
    assert (outcome.result.code, outcome.result.err) == (0, "")
    assert outcome.result.out.splitlines()[0].endswith(": healthy")
    assert "PROBLEM" not in outcome.result.out


def test_a_stopped_node_is_seen(run: Run, cluster: Sandbox) -> None:
    cluster.cluster.stop_node("emqx3@sandbox.local")
    result = run("status", "-o", "json")
    assert (result.code, result.json["healthy"]) == (8, False)
    assert result.json["problems"][0] == {
        "kind": "node",
        "name": "emqx3@sandbox.local",
        "state": "stopped",
        "reason": "",
    }
    assert re.search(r"^emqx3@sandbox.local +stopped +core +- +- +- +- +-$", run("status").out, re.MULTILINE)


def test_a_node_that_only_the_topology_knows_is_missing(run: Run) -> None:
    replicant = make_exchange(
        "GET /cluster/topology", 200, [{"core_node": "emqx@a", "replicant_nodes": ["emqx@r"]}]
    )
    result = replay(run, make_responses(topology=replicant), "status").result
    assert result.code == 8
    assert re.search(r"^node +emqx@r +missing", result.out, re.MULTILINE)


def test_without_a_key_it_tells_whether_emqx_runs(run: Run, sandbox: Sandbox) -> None:
    result = run("status", "--url", sandbox.url, "-o", "json")
    assert (result.code, result.json["status"], result.json["version"]) == (0, "running", "5.8.9")
    assert "keys add" in result.err
    assert [request.path for request in sandbox.requests] == ["/api/v5/status"]
    assert run("status", "--url", sandbox.url, "--quiet").err == ""


def test_alive_asks_no_more_than_that(run: Run, cluster: Sandbox) -> None:
    result = run("status", "--alive", "-o", "json", env={"EMQXCTL_API_SECRET": "wrong"})
    assert (result.code, result.json["status"], result.err) == (0, "running", "")
    assert [request.path for request in cluster.requests] == ["/api/v5/status"]
    assert "authorization" not in cluster.requests[0].headers


def test_a_wrong_key_is_told(run: Run, cluster: Sandbox) -> None:
    result = run("status", env={"EMQXCTL_API_SECRET": "wrong"})
    assert (result.code, result.out) == (4, "")


def test_what_may_not_be_read_is_a_dash_with_a_note(run: Run) -> None:
    refused = {"code": "UNAUTHORIZED_ROLE", "message": "no"}
    overrides = {name: make_exchange(f"GET /{name}", 403, refused) for name in ("rules", "alarms")}
    outcome = replay(run, make_responses(**overrides), "status")
    assert outcome.result.code == 8
    assert outcome.result.out.splitlines()[0].endswith(": health unknown")
    reason = "UNAUTHORIZED_ROLE: requires the role viewer or administrator"
    assert outcome.result.err == f"not available: rules, alarms ({reason})\n"
    assert re.search(r"^LISTENERS.*RULES +ALARMS\n0 of 0.* - +-$", outcome.result.out, re.MULTILINE)
    report = replay(run, make_responses(**overrides), "status", "-o", "json").result.json
    assert set(report["unavailable"]) == {"rules", "alarms"}
    assert report["healthy"] is None
    del overrides["alarms"]
    assert replay(run, make_responses(**overrides), "status").result.code == 0


def test_a_key_that_may_read_nothing_is_told_so(run: Run) -> None:
    refused = {"code": "UNAUTHORIZED_ROLE", "message": "no"}
    script = [
        make_exchange(response.operation, 403, refused) if response.operation != "GET /status" else response
        for response in make_responses()
    ]
    assert replay(run, script, "status").result.code == 5


def test_an_older_emqx_is_asked_for_what_it_has(run: Run) -> None:
    old = make_exchange("GET /status", 200, {**STATUS, "rel_vsn": "v5.0.26"})
    bridges = make_exchange(
        "GET /bridges", 200, [{"id": "mqtt:up", "status": "disconnected", "enable": True}]
    )
    outcome = replay(run, [*make_responses(status=old), bridges], "status")
    requested_calls = {call.partition("?")[0] for call in outcome.calls}
    assert "GET /bridges" in requested_calls
    assert not requested_calls & {
        "GET /actions",
        "GET /connectors",
        "GET /sources",
        "GET /cluster/topology",
        "GET /license",
    }
    assert outcome.result.code == 8
    assert re.search(r"^bridge +mqtt:up +disconnected", outcome.result.out, re.MULTILINE)


def test_a_license_is_shown_where_there_is_one(run: Run) -> None:
    status = make_exchange("GET /status", 200, {**STATUS, "rel_vsn": "e5.8.9"})
    license_ = make_exchange(
        "GET /license", 200, {"expiry": True, "expiry_at": "2020-01-01", "customer": "ACME"}
    )
    result = replay(run, [*make_responses(status=status), license_], "status").result
    assert result.code == 8
    assert "until 2020-01-01" in result.out
    assert re.search(r"^license +ACME +expired", result.out, re.MULTILINE)


def test_nodes_of_different_versions_are_noted(run: Run) -> None:
    nodes = make_exchange("GET /nodes", 200, [RUNNING, {**RUNNING, "node": "emqx@b", "version": "5.8.8"}])
    both = make_exchange("GET /cluster", 200, {"name": "p", "nodes": ["emqx@a", "emqx@b"]})
    result = replay(run, make_responses(nodes=nodes, cluster=both), "status").result
    assert (result.code, result.err) == (0, "the nodes have different versions: 5.8.8, 5.8.9\n")


@pytest.mark.parametrize("odd", [None, [], {}, "text", [1, None], {"data": None}, [{"node": 5}]])
def test_odd_answers_break_nothing(run: Run, odd: Any) -> None:
    names = {"nodes": "/nodes", "cluster": "/cluster", "topology": "/cluster/topology", "stats": "/stats"}
    overrides = {name: make_exchange(f"GET {path}", 200, odd) for name, path in names.items()}
    result = replay(run, make_responses(**overrides), "status").result
    assert result.code in {0, 8}, result.err
    assert "UNEXPECTED" not in result.err


def test_hostile_names_are_harmless(run: Run) -> None:
    row = {"type": "http", "name": "x\x1b[31m\n", "status": "disconnected", "status_reason": "\x1b]0;a\x07"}
    connectors = make_exchange("GET /connectors", 200, [row])
    named = make_exchange("GET /cluster", 200, {"name": "a\x1bb", "nodes": []})
    result = replay(run, make_responses(connectors=connectors, cluster=named), "status", terminal=True).result
    assert "\\x1b[31m\\n" in result.out
    assert not re.search(r"\x1b(?!\[[0-9;]*m)", result.out)
    assert "a\\x1bb" in result.out


@pytest.mark.parametrize("width", [80, 200])
def test_a_terminal_is_not_too_narrow_for_it(run: Run, cluster: Sandbox, width: int) -> None:
    out = run("status", "--color", "never", terminal=True, env={"COLUMNS": str(width)}).out
    lines = out.splitlines()
    assert max(map(len, lines[1:])) <= width
    assert any(line.startswith("NODE") and line.endswith("CONNECTIONS") for line in lines)


def test_markdown_and_queries(run: Run, cluster: Sandbox) -> None:
    assert run("status", "-o", "md").out.startswith("**emqxcl (EMQX")
    assert run("status", "--query", "problems[].kind", "-o", "json").json == ["connector", "action"]
    assert run("status", "-o", "name").out == "emqxcl\n"


def test_one_sandbox_is_enough_for_all_of_it(run: Run, tmp_path: Path) -> None:
    for words in (("status",), ("check", "--only", "nodes,api-keys", "--no-input"), ("status", "--alive")):
        folder = tmp_path / words[-1]  # where nothing says that the note was shown before
        result = run("-p", "sandbox", *words, env={"EMQXCTL_CONFIG": str(folder)})
        assert len(re.findall(r"^sandbox: ", result.err, re.MULTILINE)) == 1, result.err


def test_the_version_is_that_of_the_nodes_if_status_has_none(run: Run) -> None:
    status = make_exchange("GET /status", 200, find_exchange("GET /status", "JSON", "6.2.2").body)
    nodes = make_exchange(
        "GET /nodes",
        200,
        find_exchange("GET /nodes", "by role and scope: scope-cluster-operations", "6.2.2").body,
    )
    result = replay(run, make_responses(status=status, nodes=nodes), "status").result
    assert "(EMQX 6.2.2 Enterprise)" in result.out.splitlines()[0]
