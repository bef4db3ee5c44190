"""`emqxctl listeners` against recorded answers: what is shown, what is sent, what is refused."""

import json
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay

PLAIN = find_exchange("GET /listeners", "plain")
STOPPED = find_exchange("GET /listeners/{id}", "stopped")
CREATED = find_exchange("POST /listeners", "create")
CHANGED = find_exchange("PUT /listeners/{id}", "change")


def test_the_list_shows_what_runs_and_how_full_it_is(run: Run) -> None:
    lines = replay(run, [PLAIN], "listeners", "list").result.out.splitlines()
    assert lines[0].split() == ["ID", "BIND", "ENABLED", "RUNNING", "CONNECTIONS", "MAX", "CONNECTIONS"]
    assert ["tcp:default", "127.0.0.1:1883", "true", "true", "483", "infinity"] in [
        line.split() for line in lines
    ]
    assert ["tcp:extra", "127.0.0.1:11883", "true", "inconsistent", "4", "3000"] in [
        line.split() for line in lines
    ]


def test_json_is_what_emqx_sent(run: Run) -> None:
    assert replay(run, [PLAIN], "listeners", "list", "--json").result.json == PLAIN.body


def test_a_field_of_the_object_comes_before_the_title_of_a_column_of_the_list(run: Run) -> None:
    """`running` is a field of one listener; in the list it is the title of `status.running`."""
    words = ("listeners", "get", STOPPED.body["id"], "--fields", "running", "--json")
    assert replay(run, [STOPPED], *words).result.json == {"running": False}
    rows = replay(run, [PLAIN], "listeners", "list", "--fields", "id,running", "--json").result.json
    assert {"id": "tcp:default", "status.running": True} in rows


def test_the_type_is_a_filter_of_the_server(run: Run) -> None:
    outcome = replay(
        run, [find_exchange("GET /listeners", "type ws")], "listeners", "list", "--type", "ws", "-o", "name"
    )
    assert outcome.calls == ["GET /listeners?type=ws"]
    assert outcome.result.out == "ws:default\n"


def test_a_type_that_does_not_exist_is_refused_here(run: Run) -> None:
    outcome = replay(run, [PLAIN], "listeners", "list", "--type", "nope")
    assert (outcome.result.code, outcome.calls) == (2, [])


def test_create_sends_type_and_name_apart(run: Run) -> None:
    outcome = replay(
        run,
        [CREATED],
        *("listeners", "create", "tcp:rec", "--bind", "127.0.0.1:12883", "--max-connections", "500"),
        *("--set", "tcp_options.backlog=2048", "--access-rules", "allow all", "-o", "json"),
    )
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.calls == ["POST /listeners"]
    assert outcome.bodies == [
        {
            "type": "tcp",
            "name": "rec",
            "bind": "127.0.0.1:12883",
            "max_connections": 500,
            "tcp_options": {"backlog": 2048},
            "access_rules": ["allow all"],
        }
    ]
    assert outcome.result.json == CREATED.body


@pytest.mark.parametrize("key", ["tcp", "tcp:", ":x"])
def test_an_id_without_type_or_name_is_refused_here(run: Run, key: str) -> None:
    outcome = replay(run, [CREATED], "listeners", "create", key, "--bind", "1884")
    assert (outcome.result.code, outcome.calls) == (2, [])
    assert "TYPE:NAME" in outcome.result.err


def test_before_5_0_8_create_takes_the_other_form(run: Run) -> None:
    script = [
        make_exchange("POST /listeners", 405),
        make_exchange("GET /status", 200, {"node_name": "e@x", "rel_vsn": "v5.0.3", "app_status": "running"}),
        make_exchange("POST /listeners/tcp:old", 200, {"id": "tcp:old"}),
    ]
    outcome = replay(run, script, "listeners", "create", "tcp:old", "--bind", "1884")
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.calls[-1] == "POST /listeners/tcp%3Aold"
    assert outcome.bodies[-1] == {"id": "tcp:old", "type": "tcp", "bind": "1884"}


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("bad bind", "bad_port_number"),
        ("unknown field", "colour"),
        ("bad name", "r:5"),
    ],
)
def test_why_a_body_is_refused_can_be_read(run: Run, title: str, text: str) -> None:
    outcome = replay(
        run,
        [find_exchange("POST /listeners", title)],
        "listeners",
        "create",
        "tcp:r",
        "--bind",
        "x",
        "--json",
    )
    assert outcome.result.code == 7
    assert text in outcome.result.error["message"]
    assert '\\"' not in outcome.result.error["message"]
    assert "<<" not in outcome.result.error["message"]


def test_one_that_exists_is_refused_by_the_server(run: Run) -> None:
    already_exists = make_exchange(
        "POST /listeners", 400, {"code": "BAD_LISTENER_ID", "message": "Already Exist"}
    )
    outcome = replay(run, [already_exists], "listeners", "create", "tcp:rec2", "--bind", "1")
    assert outcome.result.code == 7
    assert "Already Exist" in outcome.result.err


def test_update_sends_everything_but_what_emqx_computes(run: Run) -> None:
    outcome = replay(run, [STOPPED, CHANGED], "listeners", "update", "tcp:recput", "--max-connections", "9")
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.calls == ["GET /listeners/tcp%3Arecput", "PUT /listeners/tcp%3Arecput"]
    before = {
        key: value for key, value in STOPPED.body.items() if key not in {"running", "current_connections"}
    }
    assert outcome.bodies == [{**before, "max_connections": 9}]


def test_a_dry_run_of_update_shows_the_difference(run: Run) -> None:
    outcome = replay(
        run, [STOPPED], "listeners", "update", "tcp:recput", "--no-enable", "--bind", "1885", "--dry-run"
    )
    assert outcome.result.code == 0
    assert outcome.calls == ["GET /listeners/tcp%3Arecput"]
    assert '-  "bind": "127.0.0.1:12889",\n+  "bind": "1885",\n' in outcome.result.out


def test_update_never_turns_to_another_listener(run: Run, tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    body.write_text(json.dumps({"id": "tcp:other", "max_connections": 1}))
    outcome = replay(run, [STOPPED, CHANGED], "listeners", "update", "tcp:recput", "-f", str(body))
    assert (outcome.result.code, outcome.calls) == (2, [])
    assert "tcp:other" in outcome.result.err


def test_update_of_one_that_is_not_there_is_refused(run: Run) -> None:
    not_found = find_exchange("GET /listeners/{id}", "id tcp:a:b")
    outcome = replay(run, [not_found], "listeners", "update", "tcp:a:b", "--no-enable")
    assert outcome.result.code == 6
    assert outcome.calls == ["GET /listeners/tcp%3Aa%3Ab"]


@pytest.mark.parametrize("verb", ["start", "stop", "restart"])
def test_the_verbs_of_a_listener(run: Run, verb: str) -> None:
    outcome = replay(
        run,
        [find_exchange(f"POST /listeners/{{id}}/{verb}", "done")],
        "listeners",
        verb,
        "tcp:recput",
        "--yes",
    )
    assert outcome.result.code == 0
    assert outcome.calls == [f"POST /listeners/tcp%3Arecput/{verb}"]
    assert "tcp:recput" in outcome.result.err


@pytest.mark.parametrize("verb", ["stop", "restart", "delete"])
def test_what_cuts_clients_off_is_confirmed(run: Run, verb: str) -> None:
    script = [find_exchange("GET /listeners", "one node stopped")]
    outcome = replay(run, script, "listeners", verb, "tcp:default", "ssl:default")
    assert (outcome.result.code, outcome.calls) == (14, ["GET /listeners"])
    assert "('tcp:default', 'ssl:default') (163 connected clients)" in outcome.result.err


def test_delete_says_when_there_is_nothing(run: Run) -> None:
    script = [find_exchange("DELETE /listeners/{id}", "again")]
    assert replay(run, script, "listeners", "delete", "tcp:recput", "-y").result.code == 6


def test_status_is_by_type(run: Run) -> None:
    outcome = replay(run, [find_exchange("GET /listeners_status", "plain")], "listeners", "status")
    assert ["tcp", "tcp:default,", "tcp:extra", "true", "inconsistent", "487"] in [
        line.split() for line in outcome.result.out.splitlines()
    ]


def test_status_per_node_has_a_row_for_each(run: Run) -> None:
    rows = replay(
        run, [PLAIN], "listeners", "status", "--per-node", "--where", "running=false", "--json"
    ).result.json
    assert {(row["id"], row["node"]) for row in rows} == {
        ("tcp:extra", "emqx2@127.0.0.1"),
        ("tcp:extra", "emqx3@127.0.0.1"),
    }
    assert {row["max_connections"] for row in rows} == {1000}
