"""`emqxctl exhooks` against recorded answers."""

import pytest

from tests.conftest import Run
from tests.support.recorded import exchange
from tests.support.replay import made, talk

LIST = exchange("GET /exhooks", "plain")
SECOND = exchange("GET /exhooks/{name}", "name second-hook")
BEFORE = made("GET /exhooks/rec-hook", 200, {**SECOND.body, "name": "rec-hook"})
CREATED = exchange("POST /exhooks", "create, cannot connect")


def test_the_list_tells_whether_the_server_is_reached(run: Run) -> None:
    lines = talk(run, [LIST], "exhooks", "list").ran.out.splitlines()
    assert lines[0].split()[:4] == ["NAME", "URL", "ENABLED", "STATUS"]
    assert lines[1].split()[:5] == ["audit-hook", "http://127.0.0.1:9", "true", "connecting", "ignore"]


def test_create_names_the_hook(run: Run) -> None:
    told = talk(
        run,
        [CREATED],
        *("exhooks", "create", "rec-hook", "--server", "http://127.0.0.1:9", "--failed-action", "ignore"),
        *("--pool-size", "1", "--request-timeout", "1s", "--set", "auto_reconnect=false", "--json"),
    )
    assert told.ran.code == 0, told.ran.err
    assert told.bodies == [
        {
            "name": "rec-hook",
            "url": "http://127.0.0.1:9",
            "failed_action": "ignore",
            "pool_size": 1,
            "request_timeout": "1s",
            "auto_reconnect": False,
        }
    ]
    assert told.ran.json == CREATED.body


def test_one_that_exists_is_refused(run: Run) -> None:
    script = [exchange("POST /exhooks", "already exists")]
    told = talk(run, script, "exhooks", "create", "rec-hook", "--server", "http://127.0.0.1:9")
    assert told.ran.code == 7
    assert "Already exists" in told.ran.err


def test_update_sends_all_but_what_emqx_computes(run: Run) -> None:
    script = [
        BEFORE,
        exchange("PUT /exhooks/{name}", "change"),
    ]
    told = talk(run, script, "exhooks", "update", "rec-hook", "--no-enable")
    assert told.ran.code == 0, told.ran.err
    kept = {
        key: value
        for key, value in SECOND.body.items()
        if key not in {"hooks", "metrics", "node_metrics", "node_status"}
    }
    assert told.bodies == [{**kept, "name": "rec-hook", "enable": False}]


def test_update_never_renames(run: Run) -> None:
    told = talk(run, [SECOND], "exhooks", "update", "second-hook", "--set", "name=audit-hook")
    assert (told.ran.code, told.calls) == (2, [])
    assert "audit-hook" in told.ran.err


def test_update_wants_a_change(run: Run) -> None:
    told = talk(run, [SECOND], "exhooks", "update", "second-hook")
    assert (told.ran.code, told.calls) == (2, [])


def test_a_bad_value_is_refused_in_words(run: Run) -> None:
    script = [
        BEFORE,
        exchange("PUT /exhooks/{name}", "bad value"),
    ]
    told = talk(run, script, "exhooks", "update", "rec-hook", "--pool-size", "0", "--json")
    assert (told.ran.code, told.ran.stdout) == (7, b"")
    assert "pool_size" in told.ran.error["message"]
    assert "=>" not in told.ran.error["message"]


@pytest.mark.parametrize("verb", [("get",), ("delete", "--yes"), ("move", "front")])
def test_an_unknown_one_is_not_found(run: Run, verb: tuple[str, ...]) -> None:
    script = [
        exchange("GET /exhooks/{name}", "name nope"),
        exchange("POST /exhooks/{name}/move", "unknown"),
    ]
    again = exchange("DELETE /exhooks/{name}", "again")
    name = "rec-hook" if verb[0] == "delete" else "nope"
    told = talk(run, [*script, again], "exhooks", verb[0], name, *verb[1:])
    assert told.ran.code == 6
    assert "Server not found" in told.ran.err


def test_delete_is_confirmed(run: Run) -> None:
    assert talk(run, [], "exhooks", "delete", "rec-hook").ran.code == 14
    told = talk(run, [exchange("DELETE /exhooks/{name}", "delete")], "exhooks", "delete", "rec-hook", "-y")
    assert (told.ran.code, told.calls) == (0, ["DELETE /exhooks/rec-hook"])


def test_move_sends_the_position(run: Run) -> None:
    script = [exchange("POST /exhooks/{name}/move", "position before:audit-hook")]
    told = talk(run, script, "exhooks", "move", "rec-hook", "before:audit-hook")
    assert told.bodies == [{"position": "before:audit-hook"}]
    assert talk(run, script, "exhooks", "move", "rec-hook", "sideways").ran.code == 2


def test_hooks_are_listed(run: Run) -> None:
    script = [exchange("GET /exhooks/{name}/hooks", "name audit-hook")]
    told = talk(run, script, "exhooks", "hooks", "audit-hook", "--json")
    assert (told.ran.json, told.calls) == ([], ["GET /exhooks/audit-hook/hooks"])
