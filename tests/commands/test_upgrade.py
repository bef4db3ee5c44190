"""`emqxctl upgrade plan`: its order, its commands, its warnings."""

import shlex

import pytest

from emqxctl.cli.root import build_root, walk_commands
from emqxctl.commands.upgrade import compare_versions, order_nodes
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.replay import make_exchange, replay

NODES: list[dict[str, object]] = [
    {"node": "core1@h", "role": "core", "node_status": "running", "version": "5.8.9"},
    {"node": "core2@h", "role": "core", "node_status": "running", "version": "5.8.9"},
    {"node": "rep1@h", "role": "replicant", "node_status": "running", "version": "5.8.8"},
]


def test_replicants_come_first_and_the_node_that_answers_last() -> None:
    assert [row["node"] for row in order_nodes(NODES, "core1@h")] == ["rep1@h", "core2@h", "core1@h"]
    assert [row["node"] for row in order_nodes(NODES, None)] == ["rep1@h", "core1@h", "core2@h"]


def test_each_node_is_drained_stopped_upgraded_awaited_and_checked(run: Run, cluster: Sandbox) -> None:
    result = run("upgrade", "plan", "--to", "5.8.10", "--json")
    assert result.code == 0, result.err
    query = 'query:/nodes/emqx2%40sandbox.local starts_with(version, `"5.8.10"`)'
    steps = [step for step in result.json if step["node"] == "emqx2@sandbox.local"]
    assert [(step["run_on"], step["command"].split(cluster.url)[-1].strip()) for step in steps] == [
        ("load balancer", "remove emqx2@sandbox.local"),
        ("here", "nodes drain emqx2@sandbox.local --wait --yes"),
        ("emqx2@sandbox.local", "emqx stop"),
        ("emqx2@sandbox.local", "install EMQX 5.8.10"),
        ("emqx2@sandbox.local", "emqx start"),
        (
            "here",
            f"wait --for nodes=3 --for cluster=healthy --for {shlex.quote(query)} --stable 30s --timeout 15m",
        ),
        ("here", "nodes undrain emqx2@sandbox.local"),
        ("load balancer", "add emqx2@sandbox.local"),
        ("here", "status"),
    ]
    assert result.json[-1]["command"].endswith("check")
    assert "clients are kicked at a rate, and lose their sessions" in result.err


def test_every_command_of_a_plan_exists_and_takes_its_options(run: Run) -> None:
    commands = dict(walk_commands(build_root()))
    with Sandbox(edition="enterprise") as enterprise:
        key = {"EMQXCTL_API_KEY": enterprise.api_key, "EMQXCTL_API_SECRET": enterprise.api_secret}
        env = {"EMQXCTL_URL": enterprise.url, **key}
        for step in run("upgrade", "plan", "--to", "6.2.2", "--json", env=env).json:
            words = shlex.split(step["command"])
            if step["run_on"] != "here":
                continue
            assert words[:3] == ["emqxctl", "--url", enterprise.url]
            assert any(path.split()[1:] == words[3 : 2 + len(path.split())] for path in commands), words
            if words[3] == "wait" or words[3:5] == ["nodes", "undrain"]:
                if words[3] == "wait":
                    words = [*words, "--timeout", "0", "--stable", "0"]
                result = run(*words[3:], env=env)
                assert result.code in {0, 8}, result.err


def test_the_text_has_a_block_for_each_node_and_is_not_wrapped(run: Run, cluster: Sandbox) -> None:
    result = run("upgrade", "plan")
    lines = result.out.splitlines()
    assert lines[0].endswith("3 nodes (5.8.9)")
    titles = [line for line in lines if line.startswith("Node ")]
    assert titles[-1] == "Node 3 of 3: emqx1@sandbox.local (core)"
    assert "  on emqx1@sandbox.local:  emqx stop" in lines


def test_a_plan_warns_of_what_can_go_wrong(run: Run) -> None:
    script = [
        make_exchange("GET /nodes", 200, NODES),
        make_exchange("GET /cluster", 200, {"name": "c", "self": "core1@h", "nodes": []}),
        make_exchange("GET /load_rebalance/global_status", 200, {"evacuations": []}),
    ]
    outcome = replay(run, script, "upgrade", "plan", "--to", "5.8.7", "--json")
    assert outcome.result.code == 0, outcome.result.err
    assert "nodes run different versions: 5.8.8, 5.8.9" in outcome.result.err
    assert "5.8.7 is older than 5.8.9: EMQX does not support downgrades" in outcome.result.err
    assert not [step for step in outcome.result.json if step["run_on"] == "load balancer"]
    assert outcome.result.json[-2]["command"].endswith("rebalance start rep1@h --yes")


def test_a_stopped_node_and_a_bad_version_are_refused(run: Run, cluster: Sandbox) -> None:
    assert run("upgrade", "plan", "--to", "6.2'; rm").code == 2
    script = [
        make_exchange("GET /nodes", 200, [NODES[0], NODES[1] | {"node_status": "stopped"}]),
        make_exchange("GET /cluster", 200, {"self": "core1@h"}),
    ]
    outcome = replay(run, script, "upgrade", "plan")
    assert outcome.result.code == 14
    assert "nodes are not running: core2@h" in outcome.result.err


@pytest.mark.parametrize(
    ("version", "other", "order"),
    [("5.8.9", "5.8.10", -1), ("6.0", "5.8.9", 1), ("5.8", "5.8.9", 0), ("5.8.9-rc.1", "5.8.9", 0)],
)
def test_versions_are_compared_by_number(version: str, other: str, order: int) -> None:
    assert compare_versions(version, other) == order
