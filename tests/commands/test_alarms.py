"""`emqxctl alarms` against recorded responses."""

import json

import pytest

from emqxctl.commands.alarms import format_nodes
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import replay
from tests.support.sandboxes import sandbox_env


def test_an_alarm_is_ended_by_its_name(run: Run) -> None:
    done = find_exchange("POST /alarms/force_deactivate", "done")
    replayed = replay(run, [done], "alarms", "deactivate", "high_cpu", "--json")
    assert replayed.bodies == [{"name": "high_cpu"}]
    assert replayed.result.json == {"name": "high_cpu"}
    again = replay(
        run, [find_exchange("POST /alarms/force_deactivate", "again")], "alarms", "deactivate", "x"
    )
    assert again.result.code == 6
    assert "already deactivated" in again.result.err


def test_names_of_alarms_are_printed_once(run: Run, sandbox: Sandbox) -> None:
    names = run("alarms", "list", "-o", "name", env=sandbox_env(sandbox)).out.splitlines()
    rows = run("alarms", "list", "-o", "json", env=sandbox_env(sandbox)).json
    assert len(names) == len(set(names)) < len(rows)
    assert set(names) == {row["name"] for row in rows}


def test_a_table_has_one_row_for_each_alarm_with_its_nodes(cluster: Sandbox, run: Run) -> None:
    rows = json.loads(run("alarms", "list", "-o", "json").out)
    names = {row["name"] for row in rows}
    assert len(rows) == 3 * len(names) > 0
    lines = run("alarms", "list").out.splitlines()
    assert lines[0].split() == ["NAME", "NODES", "SINCE", "MESSAGE"]
    assert len(lines) == 1 + len(names)
    assert all("emqx1, emqx2, emqx3" in line for line in lines[1:])
    assert len(run("alarms", "list", "--limit", "1").out.splitlines()) == 2
    node = rows[0]["node"]
    assert len(run("alarms", "list", "--where", f"node={node}").out.splitlines()) == 1 + len(names)
    assert cluster.requests


@pytest.mark.parametrize(
    ("nodes", "text"),
    [
        (["emqx1@h1", "emqx2@h2"], "emqx1, emqx2"),
        (["emqx@h1", "emqx@h2"], "h1, h2"),
        (["emqx@h1"], "emqx@h1"),
        ([None, "x"], "None, x"),
        (None, "-"),
    ],
)
def test_nodes_are_named_by_what_differs(nodes: object, text: str) -> None:
    assert format_nodes(nodes) == text
