"""`emqxctl authorization rules users load`: many names' rules from one file, each accounted for."""

import json
from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.replay import make_exchange, replay

USERS = "/authorization/sources/built_in_database/rules/users"
LOAD = ("authorization", "rules", "users", "load")
ALLOW = {"permission": "allow", "action": "publish", "topic": "a/#"}
DENY = {"permission": "deny", "action": "all", "topic": "#"}
NONE = make_exchange(f"GET {USERS}", 200, {"data": [], "meta": {"hasnext": False}})


def line(**fields: object) -> bytes:
    """Write one line of JSON."""
    return json.dumps(fields).encode() + b"\n"


def test_rules_of_lines_are_sent_together(run: Run) -> None:
    text = (
        line(username="ann", rules=["allow publish a/#", DENY])
        + line(username="bo", rule="allow publish a/#")
        + line(username="bo", **DENY)
    )
    outcome = replay(run, [NONE, make_exchange(f"POST {USERS}", 204)], *LOAD, "-", "-o", "json", stdin=text)
    assert outcome.bodies == [
        [{"username": "ann", "rules": [ALLOW, DENY]}, {"username": "bo", "rules": [ALLOW, DENY]}]
    ]
    assert [(row["username"], row["status"]) for row in outcome.result.json] == [
        ("ann", "done"),
        ("bo", "done"),
    ]


def test_rules_of_a_table_are_read(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rules.csv"
    file.write_text('username,permission,action,topic,qos\nann,allow,publish,"a,b","0,1"\nann,deny,all,#,\n')
    outcome = replay(run, [NONE, make_exchange(f"POST {USERS}", 204)], *LOAD, str(file))
    first = {"permission": "allow", "action": "publish", "topic": "a,b", "qos": [0, 1]}
    assert outcome.bodies == [[{"username": "ann", "rules": [first, DENY]}]]


def test_those_with_rules_are_skipped_or_replaced(run: Run, cluster: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "rules.jsonl"
    file.write_bytes(line(username="historian", rules=[DENY]) + line(username="new", rules=[ALLOW]))
    result = run(*LOAD, str(file), "-o", "json")
    assert [(row["username"], row["status"]) for row in result.json] == [
        ("historian", "skipped"),
        ("new", "done"),
    ]
    assert result.code == 0
    words = ("authorization", "rules", "users", "get", "historian", "-o", "json")
    assert len(run(*words).json["rules"]) == 2
    assert run(*LOAD, str(file), "--replace").code == 14
    assert run(*LOAD, str(file), "--replace", "--yes").code == 0
    assert [rule["topic"] for rule in run(*words).json["rules"]] == ["#"]


def test_one_that_is_refused_does_not_hold_up_the_others(run: Run) -> None:
    rejection = make_exchange(
        f"POST {USERS}", 409, {"code": "ALREADY_EXISTS", "message": "User x already exist"}
    )
    bad = make_exchange(f"POST {USERS}", 400, {"code": "BAD_REQUEST", "message": "no"})
    text = line(username="ann", rules=[ALLOW]) + line(username="bo", rules=[ALLOW])
    outcome = replay(run, [NONE, rejection, bad, rejection], *LOAD, "-", "-o", "json", stdin=text)
    assert [(row["status"], row["reason"]) for row in outcome.result.json][1] == (
        "skipped",
        "rules already exist",
    )
    assert outcome.result.json[0]["status"] == "failed"
    assert outcome.result.code == 9


def test_a_lost_answer_leaves_all_of_its_batch_unknown(run: Run) -> None:
    text = line(username="ann", rules=[ALLOW]) + line(username="bo", rules=[ALLOW])
    outcome = replay(
        run,
        [NONE, make_exchange(f"POST {USERS}", 504, {"message": "x"})],
        *LOAD,
        "-",
        "-o",
        "json",
        stdin=text,
    )
    assert [row["status"] for row in outcome.result.json] == ["unknown", "unknown"]
    assert len(outcome.calls) == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (line(username="ann", rules=["allow nothing a"]), "line 1: invalid rule 'allow nothing a'"),
        (line(rules=[ALLOW]), "line 1: username is required"),
        (line(username=5, rules=[]), "line 1: invalid username"),
        (
            line(username="a", rules=[]) * 2,
            "line 2: the rules of username 'a' are already in standard input, line 1",
        ),
        (line(username="a", rule="deny all #") + line(username="a", rules=[]), "line 2"),
        (line(username="a", rules="x"), "line 1: `rules` is not a list"),
        (line(username="a", rules=[ALLOW]) + b"[]\n", "line 2: not an object"),
    ],
)
def test_a_mistake_is_named_before_anything_is_sent(run: Run, text: bytes, words: str) -> None:
    outcome = replay(run, [], *LOAD, "-", stdin=text)
    assert (outcome.result.code, outcome.calls) == (2, [])
    assert words in outcome.result.err
