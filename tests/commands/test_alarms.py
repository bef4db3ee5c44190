"""`emqxctl alarms` against recorded responses."""

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import replay


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
