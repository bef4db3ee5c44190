"""`emqxctl exhooks` against recorded answers."""

import pytest

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay

LIST = find_exchange("GET /exhooks", "plain")
SECOND = find_exchange("GET /exhooks/{name}", "name second-hook")
BEFORE = make_exchange("GET /exhooks/rec-hook", 200, {**SECOND.body, "name": "rec-hook"})
CREATED = find_exchange("POST /exhooks", "create, cannot connect")


def test_the_list_tells_whether_the_server_is_reached(run: Run) -> None:
    lines = replay(run, [LIST], "exhooks", "list").result.out.splitlines()
    assert lines[0].split()[:4] == ["NAME", "URL", "ENABLED", "STATUS"]
    assert lines[1].split()[:5] == ["audit-hook", "http://127.0.0.1:9", "true", "connecting", "ignore"]


def test_create_names_the_hook(run: Run) -> None:
    outcome = replay(
        run,
        [CREATED],
        *("exhooks", "create", "rec-hook", "--server", "http://127.0.0.1:9", "--failed-action", "ignore"),
        *("--pool-size", "1", "--request-timeout", "1s", "--set", "auto_reconnect=false", "--json"),
    )
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [
        {
            "name": "rec-hook",
            "url": "http://127.0.0.1:9",
            "failed_action": "ignore",
            "pool_size": 1,
            "request_timeout": "1s",
            "auto_reconnect": False,
        }
    ]
    assert outcome.result.json == CREATED.body


def test_one_that_exists_is_refused(run: Run) -> None:
    script = [find_exchange("POST /exhooks", "already exists")]
    outcome = replay(run, script, "exhooks", "create", "rec-hook", "--server", "http://127.0.0.1:9")
    assert outcome.result.code == 7
    assert "Already exists" in outcome.result.err


def test_update_sends_all_but_what_emqx_computes(run: Run) -> None:
    script = [
        BEFORE,
        find_exchange("PUT /exhooks/{name}", "change"),
    ]
    outcome = replay(run, script, "exhooks", "update", "rec-hook", "--no-enable")
    assert outcome.result.code == 0, outcome.result.err
    unchanged_fields = {
        key: value
        for key, value in SECOND.body.items()
        if key not in {"hooks", "metrics", "node_metrics", "node_status"}
    }
    assert outcome.bodies == [{**unchanged_fields, "name": "rec-hook", "enable": False}]


def test_update_never_renames(run: Run) -> None:
    outcome = replay(run, [SECOND], "exhooks", "update", "second-hook", "--set", "name=audit-hook")
    assert (outcome.result.code, outcome.calls) == (2, [])
    assert "audit-hook" in outcome.result.err


def test_update_wants_a_change(run: Run) -> None:
    outcome = replay(run, [SECOND], "exhooks", "update", "second-hook")
    assert (outcome.result.code, outcome.calls) == (2, [])


def test_a_bad_value_is_refused_in_words(run: Run) -> None:
    script = [
        BEFORE,
        find_exchange("PUT /exhooks/{name}", "bad value"),
    ]
    outcome = replay(run, script, "exhooks", "update", "rec-hook", "--pool-size", "0", "--json")
    assert (outcome.result.code, outcome.result.stdout) == (7, b"")
    assert "pool_size" in outcome.result.error["message"]
    assert "=>" not in outcome.result.error["message"]


@pytest.mark.parametrize("verb", [("get",), ("delete", "--yes"), ("move", "front")])
def test_an_unknown_one_is_not_found(run: Run, verb: tuple[str, ...]) -> None:
    script = [
        find_exchange("GET /exhooks/{name}", "name nope"),
        find_exchange("POST /exhooks/{name}/move", "unknown"),
    ]
    second_deletion = find_exchange("DELETE /exhooks/{name}", "again")
    name = "rec-hook" if verb[0] == "delete" else "nope"
    outcome = replay(run, [*script, second_deletion], "exhooks", verb[0], name, *verb[1:])
    assert outcome.result.code == 6
    assert "Server not found" in outcome.result.err


def test_delete_is_confirmed(run: Run) -> None:
    assert replay(run, [], "exhooks", "delete", "rec-hook").result.code == 14
    outcome = replay(
        run, [find_exchange("DELETE /exhooks/{name}", "delete")], "exhooks", "delete", "rec-hook", "-y"
    )
    assert (outcome.result.code, outcome.calls) == (0, ["DELETE /exhooks/rec-hook"])


def test_move_sends_the_position(run: Run) -> None:
    script = [find_exchange("POST /exhooks/{name}/move", "position before:audit-hook")]
    outcome = replay(run, script, "exhooks", "move", "rec-hook", "before:audit-hook")
    assert outcome.bodies == [{"position": "before:audit-hook"}]
    assert replay(run, script, "exhooks", "move", "rec-hook", "sideways").result.code == 2


def test_hooks_are_listed(run: Run) -> None:
    script = [find_exchange("GET /exhooks/{name}/hooks", "name audit-hook")]
    outcome = replay(run, script, "exhooks", "hooks", "audit-hook", "--json")
    assert (outcome.result.json, outcome.calls) == ([], ["GET /exhooks/audit-hook/hooks"])


def test_move_to_an_unknown_neighbor_is_not_found(run: Run) -> None:
    body = {"code": "BAD_RPC", "message": {"path": list(b"exhook.servers"), "got": "not_found"}}
    move = make_exchange("POST /exhooks/rec-hook/move", 500, body)
    listed = make_exchange("GET /exhooks", 200, [{"name": "rec-hook"}, {"name": "audit-hook"}])
    outcome = replay(run, [move, listed], "exhooks", "move", "rec-hook", "before:zz-none")
    assert outcome.result.code == 6
    assert "exhook 'zz-none' not found; 'rec-hook' was not moved" in outcome.result.err
    outcome = replay(run, [move, listed], "exhooks", "move", "rec-hook", "before:audit-hook")
    assert (outcome.result.code, "exhook.servers" in outcome.result.err) == (10, True)
