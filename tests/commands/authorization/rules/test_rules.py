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
    told = replay(run, [find_exchange(f"GET {USERS}", "no match")], *A, "users", "list", "--like-username", "zz")
    assert (told.result.code, told.result.out, told.result.err) == (0, "", "no users with rules\n")
    assert "like_username=zz" in told.calls[0]


def test_create_sends_what_was_typed_after_the_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text("rules:\n- deny publish x\n- {permission: allow, action: all, topic: y, retain: false}\n")
    script = [make_exchange(f"GET {USERS}/a%2Fb", 404, ABSENT), make_exchange(f"POST {USERS}", 204)]
    words = ("--rule", "allow subscribe z/# qos=1", "-f", str(file), "--json")
    told = replay(run, script, *A, "users", "create", "a/b", *words)
    assert told.result.code == 0, told.result.err
    rules = [
        {"permission": "deny", "action": "publish", "topic": "x"},
        {"permission": "allow", "action": "all", "topic": "y", "retain": False},
        {"permission": "allow", "action": "subscribe", "topic": "z/#", "qos": [1]},
    ]
    assert told.bodies == [[{"username": "a/b", "rules": rules}]]
    assert told.result.json == {"username": "a/b", "rules": rules}


def test_create_never_overwrites(run: Run) -> None:
    told = replay(
        run, [make_exchange(f"GET {USERS}/rec-1", 200, ONE)], *A, "users", "create", "rec-1", "--rule", "deny all #"
    )
    assert (told.result.code, told.calls) == (7, [f"GET {USERS}/rec-1"])
    assert "user 'rec-1' has rules already" in told.result.err
    script = [make_exchange(f"GET {USERS}/rec-1", 404, ABSENT), find_exchange(f"POST {USERS}", "already exists")]
    told = replay(run, script, *A, "users", "create", "rec-1", "--rule", "deny all #")
    assert told.result.code == 7
    assert "User 'rec-1' already exist" in told.result.err


def test_too_many_rules_are_refused_by_the_server(run: Run) -> None:
    script = [
        make_exchange(f"GET {BASE}/clients/rec-3", 404, ABSENT),
        find_exchange(f"POST {BASE}/clients", "too many rules"),
    ]
    told = replay(run, script, *A, "clients", "create", "rec-3", "--rule", "deny all #")
    assert told.result.code == 7
    assert "The rules length of Client 'rec-3' exceeds the maximum limit" in told.result.err
    assert "emqxctl authorization rules clients --help" in told.result.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--rule", "allow publish a/#", "--rule", "alow publish a"), "rule 'alow publish a': 'alow'"),
        ((), "no rule was given"),
        (("-f", "-"), "'maybe' is not allow or deny"),
    ],
)
def test_a_bad_rule_is_named_and_nothing_is_sent(run: Run, words: tuple[str, ...], said: str) -> None:
    bad = json.dumps([{**RULE, "permission": "maybe"}]).encode()
    told = replay(run, [], *A, "users", "create", "ann", *words, stdin=bad)
    assert (told.result.code, told.calls) == (2, [])
    assert said in told.result.err


def test_a_rule_that_yaml_cut_short_is_explained(run: Run) -> None:
    told = replay(run, [], *A, "users", "create", "ann", "-f", "-", stdin=b"- deny all #\n")
    assert (told.result.code, told.calls) == (2, [])
    assert "rule 'deny all'" in told.result.err
    assert "# begins a comment unless quoted" in told.result.err


@pytest.mark.parametrize("text", ['"deny all #"', "7", '{"rules": 7}', "{}", '{"username": "ann"}'])
def test_a_file_must_hold_a_list_of_rules(run: Run, text: str) -> None:
    told = replay(run, [], *A, "users", "update", "ann", "-f", "-", stdin=text.encode())
    assert (told.result.code, told.calls) == (2, [])
    assert "it holds no list of rules" in told.result.err


def test_a_file_about_another_is_refused(run: Run) -> None:
    told = replay(run, [], *A, "users", "update", "ann", "-f", "-", stdin=json.dumps(ONE).encode())
    assert (told.result.code, told.calls) == (2, [])
    assert "it is about user 'rec-1', not 'ann'" in told.result.err


def test_update_replaces_or_appends_and_repeats_the_name(run: Run) -> None:
    script = [
        make_exchange(f"GET {USERS}/rec-1", 200, ONE),
        find_exchange(f"PUT {USERS}/{{username}}", "change"),
    ]
    words = ("update", "rec-1", "--rule", "deny all #")
    told = replay(run, script, *A, "users", *words)
    assert told.result.code == 0, told.result.err
    new = {"permission": "deny", "action": "all", "topic": "#"}
    assert told.bodies == [{"username": "rec-1", "rules": [new]}]
    assert replay(run, script, *A, "users", *words, "--append").bodies == [
        {"username": "rec-1", "rules": [KEPT, new]}
    ]


def test_a_dry_run_shows_rules_line_by_line(run: Run) -> None:
    script = [make_exchange(f"GET {USERS}/rec-1", 200, ONE)]
    told = replay(run, script, *A, "users", "update", "rec-1", "--rule", "deny all # qos=0", "--dry-run")
    assert told.calls == [f"GET {USERS}/rec-1"]
    assert '-    "allow publish rec/#"' in told.result.out
    assert '+    "deny all # qos=0"' in told.result.out


def test_update_creates_nobody(run: Run) -> None:
    script = [make_exchange(f"GET {USERS}/zoe", 404, ABSENT), make_exchange(f"PUT {USERS}/zoe", 204)]
    told = replay(run, script, *A, "users", "update", "zoe", "--rule", "deny all #")
    assert (told.result.code, told.calls) == (6, [f"GET {USERS}/zoe"])
    assert "emqxctl authorization rules users list" in told.result.err


def test_delete_is_confirmed_and_accounts_for_each(run: Run) -> None:
    script = [
        find_exchange(f"DELETE {BASE}/clients/{{clientid}}", "delete"),
        make_exchange(f"DELETE {BASE}/clients/gone", 404, ABSENT),
    ]
    assert replay(run, [], *A, "clients", "delete", "rec-1").result.code == 14
    told = replay(run, script, *A, "clients", "delete", "rec-1", "gone", "-y", "--json")
    assert told.result.code == 9
    assert [(one["clientid"], one["status"]) for one in told.result.json] == [
        ("rec-1", "done"),
        ("gone", "failed"),
    ]


def test_the_rules_for_all_are_one_list(run: Run) -> None:
    now = find_exchange(f"GET {BASE}/all", "plain")
    lines = replay(run, [now], *A, "all", "get").result.out.splitlines()
    assert lines[0].split() == ["PERMISSION", "ACTION", "TOPIC", "QOS", "RETAIN"]
    shown = replay(run, [now], *A, "all", "get", "-o", "yaml").result
    assert yaml.safe_load(shown.out) == now.body["rules"]
    told = replay(
        run, [find_exchange(f"POST {BASE}/all", "replace")], *A, "all", "set", "-f", "-", stdin=shown.stdout
    )
    assert told.calls == [f"POST {BASE}/all"]
    assert told.bodies == [now.body]
    told = replay(
        run,
        [now, find_exchange(f"POST {BASE}/all", "replace")],
        *A,
        "all",
        "set",
        "--append",
        "--rule",
        "deny all #",
    )
    new = {"permission": "deny", "action": "all", "topic": "#"}
    assert told.bodies == [{"rules": [*now.body["rules"], new]}]
    dry = replay(run, [now], *A, "all", "set", "--rule", "deny all #", "--dry-run")
    assert '+    "deny all #"' in dry.result.out
    assert dry.calls == [f"GET {BASE}/all"]


def test_the_rules_for_all_are_deleted_only_when_confirmed(run: Run) -> None:
    script = [find_exchange(f"DELETE {BASE}/all", "delete")]
    assert replay(run, script, *A, "all", "delete").calls == []
    assert replay(run, script, *A, "all", "delete", "-y").calls == [f"DELETE {BASE}/all"]


def test_purge_wants_the_database_disabled(run: Run) -> None:
    path = "GET /authorization/sources/built_in_database"
    enabled = make_exchange(path, 200, {"type": "built_in_database", "enable": True})
    told = replay(run, [enabled], *A, "purge", "-y")
    assert (told.result.code, told.calls) == (7, [path])
    assert "emqxctl authorization sources disable built_in_database" in told.result.err
    disabled = make_exchange(path, 200, {"type": "built_in_database", "enable": False})
    script = [disabled, find_exchange(f"DELETE {BASE}", "all rules, source disabled")]
    assert replay(run, script, *A, "purge", "-y").calls == [path, f"DELETE {BASE}"]
    assert replay(run, script, *A, "purge").result.code == 14


def test_without_the_database_it_is_said_how_to_make_it(run: Run) -> None:
    told = replay(run, [find_exchange(f"GET {USERS}", "source not configured")], *A, "users", "list", "--json")
    assert (told.result.code, told.result.stdout) == (6, b"")
    assert told.result.error["message"].endswith("Not found: built_in_database")
    assert "emqxctl authorization sources create built_in_database" in told.result.error["hint"]


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
    told = replay(run, script, *A, "users", "update", "ann", "--rule", "deny all #")
    assert told.result.code == 0, told.result.err
    assert f"PUT {old}/username/ann" in told.calls
    told = replay(run, script, *A, "purge", "-y")
    assert told.result.code == 0, told.result.err
    assert told.calls[-1] == f"DELETE {old}/purge-all"
    told = replay(run, script, *A, "all", "delete", "-y")  # there only replaced, until 5.0.14
    assert told.result.code == 0, told.result.err
    assert told.calls[-1] == f"POST {old}/all"
    assert told.bodies[-1] == {"rules": []}


def test_from_first_to_last_on_the_sandbox(run: Run, cluster: Sandbox) -> None:
    name = "sense/or #1"
    assert run(*A, "clients", "create", name, "--rule", "allow publish t/# qos=1").code == 0
    assert run(*A, "clients", "create", name, "--rule", "deny all #").code == 7
    assert run(*A, "clients", "update", name, "--append", "--rule", "deny all #").code == 0
    assert name in run(*A, "clients", "list", "-o", "name").out.splitlines()
    shown = run(*A, "clients", "get", name).out.splitlines()[-1]
    assert shown.split(maxsplit=1) == ["rules", "allow publish t/# qos=1; deny all #"]
    dumped = run(*A, "clients", "get", name, "-o", "json")
    assert run(*A, "clients", "update", name, "-f", "-", stdin=dumped.stdout).code == 0
    assert cluster.cluster.access.rules["clientid"][name] == dumped.json["rules"]
    assert run(*A, "clients", "delete", name, "-y").code == 0
    assert run(*A, "clients", "get", name).code == 6


def test_what_is_hostile_in_a_topic_is_shown_escaped(run: Run) -> None:
    rows = {
        "data": [{"username": "u", "rules": [{**KEPT, "topic": "\x1b[31mx"}]}],
        "meta": {"hasnext": False},
    }
    told = replay(run, [make_exchange(f"GET {USERS}", 200, rows)], *A, "users", "list")
    assert "\x1b" not in told.result.out
    assert "\\x1b[31mx" in told.result.out
