"""`emqxctl authorization rules`: of users, clients and for all, against recorded answers and the sandbox."""

import json
from pathlib import Path

import pytest
import yaml

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay

BASE = "/authorization/sources/built_in_database/rules"
USERS = f"{BASE}/users"
ABSENT = {"code": "NOT_FOUND", "message": "Not Found"}
RULE = {"permission": "allow", "action": "publish", "topic": "rec/#"}
KEPT = {**RULE, "qos": [0, 1, 2], "retain": "all"}
ONE = {"username": "rec-1", "rules": [KEPT]}
A = ("authorization", "rules")


def test_the_list_reads_as_rules_are_typed(run: Run) -> None:
    pages = [find_exchange(f"GET {USERS}", "paging, limit=5, page 3")]
    lines = replay(run, pages, *A, "users", "list").result.out.splitlines()
    assert lines[0].split() == ["USERNAME", "RULES"]
    rules = "allow publish telemetry/#; deny subscribe secret/0/#"
    assert lines[1].split(maxsplit=1) == ["fleet-berlin", rules]


def test_a_filter_goes_to_the_server(run: Run) -> None:
    outcome = replay(
        run, [find_exchange(f"GET {USERS}", "no match")], *A, "users", "list", "--like-username", "zz"
    )
    assert (outcome.result.code, outcome.result.out, outcome.result.err) == (
        0,
        "",
        "no users with rules\n",
    )
    assert "like_username=zz" in outcome.calls[0]


def test_create_sends_what_was_typed_after_the_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text("rules:\n- deny publish x\n- {permission: allow, action: all, topic: y, retain: false}\n")
    script = [make_exchange(f"GET {USERS}/a%2Fb", 404, ABSENT), make_exchange(f"POST {USERS}", 204)]
    words = ("--rule", "allow subscribe z/# qos=1", "-f", str(file), "--json")
    outcome = replay(run, script, *A, "users", "create", "a/b", *words)
    assert outcome.result.code == 0, outcome.result.err
    rules = [
        {"permission": "deny", "action": "publish", "topic": "x"},
        {"permission": "allow", "action": "all", "topic": "y", "retain": False},
        {"permission": "allow", "action": "subscribe", "topic": "z/#", "qos": [1]},
    ]
    assert outcome.bodies == [[{"username": "a/b", "rules": rules}]]
    assert outcome.result.json == {"username": "a/b", "rules": rules}


def test_create_never_overwrites(run: Run) -> None:
    outcome = replay(
        run,
        [make_exchange(f"GET {USERS}/rec-1", 200, ONE)],
        *A,
        "users",
        "create",
        "rec-1",
        "--rule",
        "deny all #",
    )
    assert (outcome.result.code, outcome.calls) == (7, [f"GET {USERS}/rec-1"])
    assert "rules of user 'rec-1' already exist" in outcome.result.err
    script = [
        make_exchange(f"GET {USERS}/rec-1", 404, ABSENT),
        find_exchange(f"POST {USERS}", "already exists"),
    ]
    outcome = replay(run, script, *A, "users", "create", "rec-1", "--rule", "deny all #")
    assert outcome.result.code == 7
    assert "User 'rec-1' already exist" in outcome.result.err


def test_too_many_rules_are_refused_by_the_server(run: Run) -> None:
    script = [
        make_exchange(f"GET {BASE}/clients/rec-3", 404, ABSENT),
        find_exchange(f"POST {BASE}/clients", "too many rules"),
    ]
    outcome = replay(run, script, *A, "clients", "create", "rec-3", "--rule", "deny all #")
    assert outcome.result.code == 7
    assert "The rules length of Client 'rec-3' exceeds the maximum limit" in outcome.result.err
    assert "emqxctl authorization rules clients create --help" in outcome.result.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("--rule", "allow publish a/#", "--rule", "alow publish a"),
            "invalid rule 'alow publish a': 'alow'",
        ),
        ((), "rule required"),
        (("-f", "-"), "'maybe' is not allow or deny"),
    ],
)
def test_a_bad_rule_is_named_and_nothing_is_sent(run: Run, words: tuple[str, ...], said: str) -> None:
    bad = json.dumps([{**RULE, "permission": "maybe"}]).encode()
    outcome = replay(run, [], *A, "users", "create", "ann", *words, stdin=bad)
    assert (outcome.result.code, outcome.calls) == (2, [])
    assert said in outcome.result.err


def test_a_rule_that_yaml_cut_short_is_explained(run: Run) -> None:
    outcome = replay(run, [], *A, "users", "create", "ann", "-f", "-", stdin=b"- deny all #\n")
    assert (outcome.result.code, outcome.calls) == (2, [])
    assert "invalid rule 'deny all'" in outcome.result.err
    assert "# begins a comment unless quoted" in outcome.result.err


@pytest.mark.parametrize("text", ['"deny all #"', "7", '{"rules": 7}', "{}", '{"username": "ann"}'])
def test_a_file_must_hold_a_list_of_rules(run: Run, text: str) -> None:
    outcome = replay(run, [], *A, "users", "update", "ann", "-f", "-", stdin=text.encode())
    assert (outcome.result.code, outcome.calls) == (2, [])
    assert "expected a list of rules" in outcome.result.err


def test_a_file_about_another_is_refused(run: Run) -> None:
    outcome = replay(run, [], *A, "users", "update", "ann", "-f", "-", stdin=json.dumps(ONE).encode())
    assert (outcome.result.code, outcome.calls) == (2, [])
    assert "the rules are those of user 'rec-1', not of 'ann'" in outcome.result.err


def test_update_replaces_or_appends_and_repeats_the_name(run: Run) -> None:
    script = [
        make_exchange(f"GET {USERS}/rec-1", 200, ONE),
        find_exchange(f"PUT {USERS}/{{username}}", "change"),
    ]
    words = ("update", "rec-1", "--rule", "deny all #")
    outcome = replay(run, script, *A, "users", *words)
    assert outcome.result.code == 0, outcome.result.err
    new = {"permission": "deny", "action": "all", "topic": "#"}
    assert outcome.bodies == [{"username": "rec-1", "rules": [new]}]
    assert replay(run, script, *A, "users", *words, "--append").bodies == [
        {"username": "rec-1", "rules": [KEPT, new]}
    ]


def test_a_dry_run_shows_rules_line_by_line(run: Run) -> None:
    script = [make_exchange(f"GET {USERS}/rec-1", 200, ONE)]
    outcome = replay(run, script, *A, "users", "update", "rec-1", "--rule", "deny all # qos=0", "--dry-run")
    assert outcome.calls == [f"GET {USERS}/rec-1"]
    assert '-    "allow publish rec/#"' in outcome.result.out
    assert '+    "deny all # qos=0"' in outcome.result.out


def test_update_creates_nobody(run: Run) -> None:
    script = [make_exchange(f"GET {USERS}/zoe", 404, ABSENT), make_exchange(f"PUT {USERS}/zoe", 204)]
    outcome = replay(run, script, *A, "users", "update", "zoe", "--rule", "deny all #")
    assert (outcome.result.code, outcome.calls) == (6, [f"GET {USERS}/zoe"])
    assert "emqxctl authorization rules users list" in outcome.result.err


def test_delete_is_confirmed_and_accounts_for_each(run: Run) -> None:
    script = [
        find_exchange(f"DELETE {BASE}/clients/{{clientid}}", "delete"),
        make_exchange(f"DELETE {BASE}/clients/gone", 404, ABSENT),
    ]
    assert replay(run, [], *A, "clients", "delete", "rec-1").result.code == 14
    outcome = replay(run, script, *A, "clients", "delete", "rec-1", "gone", "-y", "--json")
    assert outcome.result.code == 9
    assert [(row["clientid"], row["status"]) for row in outcome.result.json] == [
        ("rec-1", "done"),
        ("gone", "failed"),
    ]


def test_the_rules_for_all_are_one_list(run: Run) -> None:
    current = find_exchange(f"GET {BASE}/all", "plain")
    lines = replay(run, [current], *A, "all", "get").result.out.splitlines()
    assert lines[0].split() == ["PERMISSION", "ACTION", "TOPIC", "QOS", "RETAIN"]
    shown = replay(run, [current], *A, "all", "get", "-o", "yaml").result
    assert yaml.safe_load(shown.out) == current.body["rules"]
    outcome = replay(
        run, [find_exchange(f"POST {BASE}/all", "replace")], *A, "all", "set", "-f", "-", stdin=shown.stdout
    )
    assert outcome.calls == [f"POST {BASE}/all"]
    assert outcome.bodies == [current.body]
    outcome = replay(
        run,
        [current, find_exchange(f"POST {BASE}/all", "replace")],
        *A,
        "all",
        "set",
        "--append",
        "--rule",
        "deny all #",
    )
    new = {"permission": "deny", "action": "all", "topic": "#"}
    assert outcome.bodies == [{"rules": [*current.body["rules"], new]}]
    dry_run = replay(run, [current], *A, "all", "set", "--rule", "deny all #", "--dry-run")
    assert '+    "deny all #"' in dry_run.result.out
    assert dry_run.calls == [f"GET {BASE}/all"]


def test_the_rules_for_all_are_deleted_only_when_confirmed(run: Run) -> None:
    script = [find_exchange(f"DELETE {BASE}/all", "delete")]
    assert replay(run, script, *A, "all", "delete").calls == []
    assert replay(run, script, *A, "all", "delete", "-y").calls == [f"DELETE {BASE}/all"]


def test_purge_wants_the_database_disabled(run: Run) -> None:
    path = "GET /authorization/sources/built_in_database"
    enabled = make_exchange(path, 200, {"type": "built_in_database", "enable": True})
    outcome = replay(run, [enabled], *A, "purge", "-y")
    assert (outcome.result.code, outcome.calls) == (7, [path])
    assert "emqxctl authorization sources disable built_in_database" in outcome.result.err
    disabled = make_exchange(path, 200, {"type": "built_in_database", "enable": False})
    script = [disabled, find_exchange(f"DELETE {BASE}", "all rules, source disabled")]
    assert replay(run, script, *A, "purge", "-y").calls == [path, f"DELETE {BASE}"]
    assert replay(run, script, *A, "purge").result.code == 14


def test_without_the_database_it_is_said_how_to_make_it(run: Run) -> None:
    outcome = replay(
        run, [find_exchange(f"GET {USERS}", "source not configured")], *A, "users", "list", "--json"
    )
    assert (outcome.result.code, outcome.result.stdout) == (6, b"")
    assert outcome.result.error["message"].endswith("Not found: built_in_database")
    assert "emqxctl authorization sources create built_in_database" in outcome.result.error["hint"]


def test_the_former_paths_are_followed(run: Run) -> None:
    unknown = {"code": "NOT_FOUND", "message": "Request Path Not Found"}
    status = {"rel_vsn": "5.0.3", "app_status": "running", "broker_status": "started"}
    old = "/authorization/sources/built_in_database"
    script = [
        make_exchange(f"GET {USERS}/ann", 404, unknown),
        make_exchange(f"PUT {USERS}/ann", 404, unknown),
        make_exchange(f"DELETE {BASE}", 404, unknown),
        make_exchange(f"DELETE {BASE}/all", 404, unknown),
        make_exchange(f"POST {BASE}/all", 404, unknown),
        make_exchange("GET /status", 200, status),
        make_exchange(f"GET {old}", 200, {"type": "built_in_database", "enable": False}),
        make_exchange(f"GET {old}/username/ann", 200, {"username": "ann", "rules": [RULE]}),
        make_exchange(f"PUT {old}/username/ann", 204),
        make_exchange(f"DELETE {old}/purge-all", 204),
        make_exchange(f"POST {old}/all", 204),
    ]
    outcome = replay(run, script, *A, "users", "update", "ann", "--rule", "deny all #")
    assert outcome.result.code == 0, outcome.result.err
    assert f"PUT {old}/username/ann" in outcome.calls
    outcome = replay(run, script, *A, "purge", "-y")
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.calls[-1] == f"DELETE {old}/purge-all"
    outcome = replay(run, script, *A, "all", "delete", "-y")  # there only replaced, until 5.0.14
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.calls[-1] == f"POST {old}/all"
    assert outcome.bodies[-1] == {"rules": []}


def test_from_first_to_last_on_the_sandbox(run: Run, cluster: Sandbox) -> None:
    name = "sense/or #1"
    assert run(*A, "clients", "create", name, "--rule", "allow publish t/# qos=1").code == 0
    assert run(*A, "clients", "create", name, "--rule", "deny all #").code == 7
    assert run(*A, "clients", "update", name, "--append", "--rule", "deny all #").code == 0
    assert name in run(*A, "clients", "list", "-o", "name").out.splitlines()
    shown = run(*A, "clients", "get", name).out.splitlines()[-1]
    assert shown.split(maxsplit=1) == ["rules", "allow publish t/# qos=1; deny all #"]
    output = run(*A, "clients", "get", name, "-o", "json")
    assert run(*A, "clients", "update", name, "-f", "-", stdin=output.stdout).code == 0
    assert cluster.cluster.access.rules["clientid"][name] == output.json["rules"]
    assert run(*A, "clients", "delete", name, "-y").code == 0
    assert run(*A, "clients", "get", name).code == 6


def test_what_is_hostile_in_a_topic_is_shown_escaped(run: Run) -> None:
    rows = {
        "data": [{"username": "u", "rules": [{**KEPT, "topic": "\x1b[31mx"}]}],
        "meta": {"hasnext": False},
    }
    outcome = replay(run, [make_exchange(f"GET {USERS}", 200, rows)], *A, "users", "list")
    assert "\x1b" not in outcome.result.out
    assert "\\x1b[31mx" in outcome.result.out
