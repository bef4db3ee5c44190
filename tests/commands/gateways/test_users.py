"""`emqxctl gateways users`: users of a gateway or listener."""

from pathlib import Path

import pytest

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay

USERS = "/gateways/{name}/authentication/users"
USERS_OF_LISTENER = "/gateways/{name}/listeners/{id}/authentication/users"
INTERNAL = ("--listener", "stomp:tcp:internal")
INTERNAL_PATH = "/gateways/stomp/listeners/stomp%3Atcp%3Ainternal/authentication"


def test_users_are_listed(run: Run) -> None:
    pages = [find_exchange(f"GET {USERS}", f"paging, limit=2, page {number}") for number in (1, 2)]
    outcome = replay(run, pages, "gateways", "users", "list", "stomp", "-o", "name")
    assert outcome.result.out.splitlines() == ["stomp/user 2", "stomp-用户", "stomp-user-1"]
    script = [find_exchange(f"GET {USERS_OF_LISTENER}", "listener stomp:tcp:internal")]
    listener_users = replay(run, script, "gateways", "users", "list", "stomp", *INTERNAL)
    assert "inner/2" in listener_users.result.out
    assert listener_users.calls == [f"GET {INTERNAL_PATH}/users?page=1&limit=1000"]


def test_a_filter_that_emqx_would_ignore_is_refused(run: Run) -> None:
    outcome = replay(run, [], "gateways", "users", "list", "stomp", *INTERNAL, "--like-user-id", "x")
    assert (outcome.result.code, outcome.calls) == (2, [])
    script = [find_exchange(f"GET {USERS}", "like_user_id")]
    listener_user = replay(
        run, script, "gateways", "users", "list", "stomp", "--like-user-id", "2", "--no-is-superuser"
    )
    assert listener_user.calls == [
        "GET /gateways/stomp/authentication/users?like_user_id=2&is_superuser=false&page=1&limit=1000"
    ]


def test_a_user_is_created_with_a_password_nobody_sees(run: Run) -> None:
    script = [find_exchange(f"POST {USERS}", "create")]
    words = ("gateways", "users", "create", "stomp", "rec-g", "--password-file", "-", "--debug")
    outcome = replay(run, script, *words, stdin=b"correct horse\n")
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [{"user_id": "rec-g", "password": "correct horse", "is_superuser": False}]
    assert "correct horse" not in outcome.result.err + outcome.result.out


@pytest.mark.parametrize("stdin", [b"", b"\n"])
def test_without_a_password_nothing_is_sent(run: Run, stdin: bytes) -> None:
    assert (
        replay(
            run, [], "gateways", "users", "create", "stomp", "x", "--password-file", "-", stdin=stdin
        ).result.code
        == 2
    )
    assert replay(run, [], "gateways", "users", "create", "stomp", "x", "--no-input").result.code == 2


def test_a_user_that_exists_is_refused(run: Run) -> None:
    script = [find_exchange(f"POST {USERS}", "already exists")]
    outcome = replay(
        run, script, "gateways", "users", "create", "stomp", "rec-g", "--password-file", "-", stdin=b"x"
    )
    assert outcome.result.code == 7


@pytest.mark.parametrize(("words", "superuser"), [((), True), (("--no-superuser",), False)])
def test_a_superuser_stays_one_unless_said(
    run: Run, words: tuple[str, ...], superuser: bool, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_text("new\n")
    client = f"{INTERNAL_PATH}/users/inner-1"
    script = [
        find_exchange(f"GET {USERS_OF_LISTENER}/{{uid}}", "user inner-1"),
        make_exchange(f"PUT {client}", 200, {"user_id": "inner-1"}),
    ]
    outcome = replay(
        run,
        script,
        "gateways",
        "users",
        "update",
        "stomp",
        "inner-1",
        *INTERNAL,
        "--password-file",
        str(file),
        *words,
    )
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.calls == [f"GET {client}", f"PUT {client}"]
    assert outcome.bodies == [{"password": "new", "is_superuser": superuser}]


def test_an_unknown_user_is_not_made_by_update(run: Run) -> None:
    script = [find_exchange(f"GET {USERS}/{{uid}}", "user nobody")]
    outcome = replay(
        run, script, "gateways", "users", "update", "stomp", "nobody", "--password-file", "-", stdin=b"x"
    )
    assert (outcome.result.code, outcome.calls) == (
        6,
        ["GET /gateways/stomp/authentication/users/nobody"],
    )


def test_users_are_deleted_each_accounted_for(run: Run) -> None:
    unsubscribe = find_exchange(f"DELETE {USERS}/{{uid}}", "delete")
    not_found = make_exchange(
        "DELETE /gateways/stomp/authentication/users/x",
        404,
        {"code": "NOT_FOUND", "message": "User not found"},
    )
    assert replay(run, [], "gateways", "users", "delete", "stomp", "rec-g").result.code == 14
    outcome = replay(
        run, [unsubscribe, not_found], "gateways", "users", "delete", "stomp", "rec-g", "x", "--yes", "--json"
    )
    assert outcome.result.code == 9
    assert [(row["user_id"], row["status"]) for row in outcome.result.json] == [
        ("rec-g", "done"),
        ("x", "failed"),
    ]


def test_users_are_imported(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "users.csv"
    file.write_text("user_id,password_hash,salt,is_superuser\nann,7a1f,abc,false\n")
    path = "/gateways/{name}/listeners/{id}/authentication/import_users"
    script = [find_exchange(f"POST {path}", "csv hash")]
    words = ("gateways", "users", "import", "stomp", str(file), "-y", "--listener", "stomp:tcp:rec", "--json")
    outcome = replay(run, script, *words)
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.result.json["success"] == 1
    assert b'name="filename"; filename="users.csv"' in outcome.received[0].body
    failing = make_exchange(
        "POST /gateways/stomp/authentication/import_users", 200, {"total": 2, "success": 1, "failed": 1}
    )
    assert replay(run, [failing], "gateways", "users", "import", "stomp", str(file), "-y").result.code == 9
    outcome = replay(run, [], "gateways", "users", "import", "stomp", str(file))
    assert (outcome.result.code, outcome.calls) == (14, [])
    assert "replacing existing ones" in outcome.result.err


def test_the_name_decides_the_format_of_an_imported_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "export"
    file.write_text("user_id,password_hash,salt,is_superuser\nann,7a1f,abc,false\n")
    words = ("gateways", "users", "import", "stomp")
    script = [make_exchange("POST /gateways/stomp/authentication/import_users", 200, {"success": 1})]
    for source in (str(file), "-"):
        outcome = replay(run, script, *words, source, "-y", "--name", "users.csv", stdin=file.read_bytes())
        assert outcome.result.code == 0, outcome.result.err
        assert b'name="filename"; filename="users.csv"' in outcome.received[0].body
        assert b"ann,7a1f,abc,false" in outcome.received[0].body
    outcome = replay(run, [], *words, "-", stdin=b"x")
    assert (outcome.result.code, "--name NAME" in outcome.result.err) == (2, True)
