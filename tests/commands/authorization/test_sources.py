"""`emqxctl authorization sources`, against recorded answers and the sandbox."""

import json
from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay

PATH = "/authorization/sources"
LIST = find_exchange(f"GET {PATH}", "plain")
MYSQL = find_exchange(f"PUT {PATH}/{{type}}", "disable").request["body"]
NOW = make_exchange(f"GET {PATH}/mysql", 200, {**MYSQL, "enable": True})
CHANGED = find_exchange(f"PUT {PATH}/{{type}}", "disable")
A = ("authorization", "sources")


def test_the_list_is_in_the_order_they_are_asked(run: Run) -> None:
    outcome = replay(run, [LIST], *A, "list")
    lines = outcome.result.out.splitlines()
    assert lines[0].split() == ["TYPE", "ENABLED", "SERVER", "URL"]
    assert [line.split()[0] for line in lines[1:]] == ["http", "built_in_database", "file"]
    assert replay(run, [LIST], *A, "list", "--json").result.json == LIST.body["sources"]


def test_an_answer_without_sources_is_no_empty_list(run: Run) -> None:
    assert replay(run, [make_exchange(f"GET {PATH}", 200, {})], *A, "list").result.code == 10


def test_the_rules_of_a_file_come_as_they_are(run: Run) -> None:
    file = next(row for row in LIST.body["sources"] if row["type"] == "file")
    current = make_exchange(f"GET {PATH}/file", 200, file)
    outcome = replay(run, [current], *A, "get", "file")
    count = len(file["rules"].splitlines())
    assert outcome.result.out.splitlines()[-1].split(maxsplit=1) == [
        "rules",
        f"{count} lines (show them: --query rules)",
    ]
    text = replay(run, [current], *A, "get", "file", "--query", "rules").result.out
    assert text.rstrip("\n") == file["rules"].rstrip("\n")
    outcome = replay(
        run,
        [current, find_exchange(f"PUT {PATH}/{{type}}", "file: valid")],
        *(*A, "update", "file", "--acl-file", "-"),
        stdin=b"{allow, all}.\n",
    )
    assert outcome.bodies == [{**file, "rules": "{allow, all}.\n"}]


def test_create_sends_type_options_and_the_password_of_a_file(run: Run, tmp_path: Path) -> None:
    password = tmp_path / "pw"
    password.write_text("very-secret-pw\n")
    words = ("--server", "127.0.0.1:9", "--database", "mqtt", "--username", "u", "--sql", "SELECT 1")
    outcome = replay(
        run,
        [find_exchange(f"POST {PATH}", "mysql on a dead server")],
        *(*A, "create", "mysql", *words, "--password-file", str(password), "--debug", "--json"),
    )
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [
        {
            "type": "mysql",
            "server": "127.0.0.1:9",
            "database": "mqtt",
            "username": "u",
            "query": "SELECT 1",
            "password": "very-secret-pw",
        }
    ]
    assert outcome.result.json == {"type": "mysql"}
    assert "very-secret-pw" not in outcome.result.err


def test_one_that_exists_is_refused(run: Run) -> None:
    outcome = replay(
        run, [find_exchange(f"POST {PATH}", "already exists")], *A, "create", "built_in_database"
    )
    assert outcome.result.code == 7
    assert "duplicated_authz_source_type: built_in_database" in outcome.result.err
    assert "emqxctl authorization sources update" in outcome.result.err


def test_create_takes_no_masks(run: Run) -> None:
    outcome = replay(run, [], *A, "create", "mysql", "-f", "-", stdin=json.dumps(MYSQL).encode())
    assert (outcome.result.code, outcome.calls) == (14, [])
    assert "password" in outcome.result.err


def test_update_sends_all_back_masks_too(run: Run) -> None:
    outcome = replay(run, [NOW, CHANGED], *A, "update", "mysql", "--no-enable", "--set", "pool_size=2")
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [{**MYSQL, "enable": False, "pool_size": 2}]
    assert outcome.bodies[0]["password"] == "******"


def test_replace_repeats_the_type(run: Run) -> None:
    words = ("update", "mysql", "--replace", "-f", "-")
    body = {"server": "x:1", "database": "mqtt", "query": "SELECT 1"}
    outcome = replay(run, [NOW, CHANGED], *A, *words, stdin=json.dumps(body).encode())
    assert outcome.bodies == [{**body, "type": "mysql"}]


def test_a_dry_run_shows_the_difference(run: Run) -> None:
    outcome = replay(run, [NOW], *A, "update", "mysql", "--database", "other", "--dry-run")
    assert outcome.calls == [f"GET {PATH}/mysql"]
    assert '+  "database": "other"' in outcome.result.out


@pytest.mark.parametrize("words", [(), ("--set", "type=http")])
def test_update_wants_a_change_and_never_another_type(run: Run, words: tuple[str, ...]) -> None:
    outcome = replay(run, [NOW], *A, "update", "mysql", *words)
    assert (outcome.result.code, outcome.calls) == (2, [])


def test_what_emqx_refuses_can_be_read(run: Run) -> None:
    script = [NOW, find_exchange(f"PUT {PATH}/{{type}}", "bad field")]
    outcome = replay(run, script, *A, "update", "mysql", "--set", "pool_size=x", "--json")
    assert (outcome.result.code, outcome.result.stdout) == (7, b"")
    assert "pool_size" in outcome.result.error["message"]


@pytest.mark.parametrize(("verb", "on"), [("enable", True), ("disable", False)])
def test_switching_sends_the_source_back(run: Run, verb: str, on: bool) -> None:
    outcome = replay(run, [NOW, CHANGED], *A, verb, "mysql")
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [{**MYSQL, "enable": on}]


def test_several_are_switched_each_for_itself(run: Run) -> None:
    script = [
        NOW,
        CHANGED,
        make_exchange(f"GET {PATH}/http", 404, {"code": "NOT_FOUND", "message": "Not found: http"}),
    ]
    outcome = replay(run, script, *A, "disable", "mysql", "http", "--json")
    assert outcome.result.code == 9
    assert [row["status"] for row in outcome.result.json] == ["done", "failed"]


@pytest.mark.parametrize(
    "words", [("get",), ("update", "--enable"), ("enable",), ("status",), ("delete", "-y")]
)
def test_one_that_is_not_there_is_not_found(run: Run, words: tuple[str, ...]) -> None:
    not_found = {"code": "NOT_FOUND", "message": "Not found: redis"}
    calls = (f"GET {PATH}/redis", f"DELETE {PATH}/redis", f"GET {PATH}/redis/status")
    outcome = replay(
        run, [make_exchange(call, 404, not_found) for call in calls], *A, words[0], "redis", *words[1:]
    )
    assert outcome.result.code == 6
    assert "Not found: redis" in outcome.result.err
    assert "emqxctl authorization sources list" in outcome.result.err


def test_move_looks_before_it_asks(run: Run) -> None:
    script = [LIST, make_exchange(f"POST {PATH}/http/move", 204)]
    outcome = replay(run, script, *A, "move", "http", "after:file")
    assert outcome.calls == [f"GET {PATH}", f"POST {PATH}/http/move"]
    assert outcome.bodies == [{"position": "after:file"}]
    for words in (("http", "after:nope"), ("nope", "front")):
        outcome = replay(run, script, *A, "move", *words)
        assert (outcome.result.code, outcome.calls) == (6, [f"GET {PATH}"])
        assert "'nope'" in outcome.result.err
        assert "http, built_in_database, file" in outcome.result.err
    assert replay(run, script, *A, "move", "http", "sideways").result.code == 2


def test_an_order_names_all_sources(run: Run) -> None:
    outcome = replay(run, [find_exchange(f"PUT {PATH}/order", "reorder")], *A, "order", "http", "file")
    assert outcome.bodies == [[{"type": "http"}, {"type": "file"}]]
    outcome = replay(run, [find_exchange(f"PUT {PATH}/order", "one missing")], *A, "order", "file")
    assert outcome.result.code == 7
    assert "No positions are specified for authorization sources: http" in outcome.result.err


def test_the_status_is_told_node_by_node(run: Run) -> None:
    unreachable = find_exchange(f"GET {PATH}/{{type}}/status", "mysql that cannot connect")
    outcome = replay(run, [unreachable], *A, "status", "mysql")
    lines = outcome.result.out.splitlines()
    assert lines[0].split()[:4] == ["NODE", "STATUS", "ALLOWED", "DENIED"]
    assert [line.split()[:2] for line in lines[1:]] == [
        [f"emqx{number}@127.0.0.1", "disconnected"] for number in (1, 2, 3)
    ]
    error = {"node_error": [{"node": "n9", "error": "timeout"}]}
    outcome = replay(
        run, [make_exchange(f"GET {PATH}/mysql/status", 200, error)], *A, "status", "mysql", "--json"
    )
    assert outcome.result.json == [{"node": "n9", "error": "timeout"}]


def test_metrics_are_reset_where_emqx_can(run: Run) -> None:
    call = f"POST {PATH}/http/metrics/reset"
    outcome = replay(run, [make_exchange(call, 204)], *A, "reset-metrics", "http", "-y", "--dry-run")
    assert outcome.calls == []
    outcome = replay(run, [make_exchange(call, 204)], *A, "reset-metrics", "http", "-y")
    assert outcome.calls == [call]
    assert replay(run, [], *A, "reset-metrics", "http").result.code == 14


def test_from_first_to_last_on_the_sandbox(run: Run, cluster: Sandbox) -> None:
    url = "http://10.0.0.9/authz"
    words = ("--http-url", url, "--method", "post", "--set", "headers.authorization=secret-token")
    assert run(*A, "create", "http", *words).code == 0
    assert run(*A, "create", "http", *words).code == 7
    assert run(*A, "list", "-o", "name").out.split() == ["http", "built_in_database", "file"]
    assert run(*A, "update", "http", "--set", "request_timeout=5s").code == 0
    assert cluster.cluster.access.sources["http"]["headers"]["authorization"] == "secret-token"
    assert run(*A, "get", "http", "--json").json["request_timeout"] == "5s"
    assert run(*A, "disable", "http").code == 0
    assert run(*A, "get", "http", "--json").json["enable"] is False
    assert run(*A, "order", "file", "http", "built_in_database").code == 0
    assert run(*A, "move", "built_in_database", "before:http").code == 0
    assert list(cluster.cluster.access.sources) == ["file", "built_in_database", "http"]
    assert run(*A, "delete", "http", "-y").code == 0
    assert run(*A, "get", "http").code == 6
