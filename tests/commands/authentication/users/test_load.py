"""`emqxctl authentication users load`: many users of a file, each accounted for, no password shown."""

import json
from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.replay import make_exchange, replay

LOAD = ("authentication", "users", "load")
KEPT = "/authentication/password_based%3Abuilt_in_database/users"
NOBODY = make_exchange(f"GET {KEPT}", 200, {"data": [], "meta": {"hasnext": False}})


def user(name: str, password: str = "hush-hush-pw", **more: object) -> bytes:
    """Write one line."""
    return json.dumps({"user_id": name, "password": password, **more}).encode() + b"\n"


def test_users_are_added_and_existing_ones_left_alone(run: Run, cluster: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "users.csv"
    file.write_text("user_id,password,is_superuser\nhistorian,hush-1,true\nnew one,hush-2,1\nother,hush-3,\n")
    result = run(*LOAD, str(file), "-o", "json")
    assert [(row["user_id"], row["status"]) for row in result.json] == [
        ("historian", "skipped"),
        ("new one", "done"),
        ("other", "done"),
    ]
    assert result.code == 0
    sent_bodies = [json.loads(request.body) for request in cluster.requests if request.method == "POST"]
    # Users are added in parallel.
    assert sorted(sent_bodies, key=lambda body: body["user_id"]) == [
        {"user_id": "new one", "password": "hush-2", "is_superuser": True},
        {"user_id": "other", "password": "hush-3", "is_superuser": False},
    ]
    get = ("authentication", "users", "get", "historian", "-o", "json")
    assert run(*get).json["is_superuser"] is False
    assert run(*LOAD, str(file), "--replace").code == 14
    assert run(*LOAD, str(file), "--replace", "--yes").code == 0
    assert run(*get).json["is_superuser"] is True


def test_one_that_came_meanwhile_is_skipped_and_a_refusal_hides_the_password(run: Run) -> None:
    script = [
        NOBODY,
        make_exchange(f"POST {KEPT}", 409, {"code": "ALREADY_EXISTS", "message": "user ann"}),
        make_exchange(f"POST {KEPT}", 400, {"code": "BAD_REQUEST", "message": "hush-hush-pw is too weak"}),
    ]
    result = replay(run, script, *LOAD, "-", "-o", "json", stdin=user("ann") + user("ben")).result
    assert [row["status"] for row in result.json] == ["skipped", "failed"]
    assert "****** is too weak" in result.json[1]["reason"]
    assert "hush-hush-pw" not in result.out + result.err
    assert result.code == 9


def test_a_dry_run_and_a_report_hold_no_password(run: Run, cluster: Sandbox, tmp_path: Path) -> None:
    report = tmp_path / "report.jsonl"
    dry_run = run(*LOAD, "-", "--dry-run", "--debug", stdin=user("ann"))
    load = run(*LOAD, "-", "--report", str(report), "--debug", stdin=user("ann"))
    assert (dry_run.code, load.code) == (0, 0)
    shown = dry_run.out + dry_run.err + load.out + load.err + report.read_text()
    assert "hush-hush-pw" not in shown
    assert len([request for request in cluster.requests if request.method == "POST"]) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b'{"user_id": "ann"}\n', "line 1: user 'ann' has no password"),
        (b'{"password": "hush"}\n', "line 1: user_id is required"),
        (user("ann") * 2, "line 2: user_id 'ann' repeats standard input, line 1"),
        (user("ann", is_superuser="maybe"), "line 1: is_superuser 'maybe' is not a boolean"),
        (b"user_id,password\n", "standard input: no rows below the header"),
        (b"ann,hush-hush-pw\n", "standard input: the first line has no column 'user_id'"),
        (b"ann,hush-hush-pw\nbo,hush\n", "standard input: the first line has no column 'user_id'"),
    ],
)
def test_a_mistake_is_named_before_anything_is_sent(run: Run, text: bytes, words: str) -> None:
    outcome = replay(run, [], *LOAD, "-", stdin=text)
    assert (outcome.result.code, outcome.calls) == (2, [])
    assert words in outcome.result.err
    assert "hush" not in outcome.result.err
