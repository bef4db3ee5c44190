"""`emqxctl alarms` against recorded responses."""

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
