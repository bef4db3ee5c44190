"""`emqxctl users`: dashboard users, and passwords that stand in no argument and on no screen."""

from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run, RunResult
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay

LOGIN = {"EMQXCTL_USERNAME": "admin", "EMQXCTL_PASSWORD": "public"}
TOKEN = make_exchange("POST /login", 200, {"token": "t0ken-of-the-test", "version": "5.8.1", "license": {}})
OLD, NEW = "first-word-1", "second-word-2"


@pytest.fixture
def users(run: Run, cluster: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command of the group as the sandbox's first user; no password is ever printed."""
    for name, value in LOGIN.items():
        monkeypatch.setenv(name, value)

    def run_users(
        *words: str, stdin: bytes = b"", env: dict[str, str] | None = None, terminal: bool = False
    ) -> RunResult:
        result = run("users", *words, stdin=stdin, env=env or {}, terminal=terminal)
        assert not [word for word in (OLD, NEW, "public") if word in result.out + result.err]
        return result

    return run_users


def password_line(word: str) -> bytes:
    """Write a password as a file's first line."""
    return word.encode() + b"\n"


def test_a_user_comes_and_goes(users: Run, cluster: Sandbox) -> None:
    words = ("create", "alice", "--new-password-file", "-", "--description", "night shift")
    assert users(*words, "--debug", stdin=password_line(OLD)).code == 0
    assert cluster.cluster.users["alice"] == OLD
    assert users("get", "alice", "--json").json["description"] == "night shift"
    assert users("update", "alice", "--description", "day shift").code == 0
    assert set(users("list", "-o", "name").out.split()) >= {"admin", "alice"}
    assert users("get", "alice", "--json").json["description"] == "day shift"
    assert users("delete", "alice").code == 14
    assert users("delete", "alice", "-y").code == 0
    assert users("get", "alice").code == 6
    assert users("delete", "admin", "-y", "--json").error["code"] == "NOT_ALLOWED"


def test_users_change_their_own_password(users: Run, cluster: Sandbox, tmp_path: Path) -> None:
    cluster.cluster.users["alice"] = OLD
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(password_line(OLD))
    new.write_bytes(password_line(NEW))
    words = ("password", "alice", "--username", "alice", "--debug")
    result = users(*words, "--password-file", str(old), "--new-password-file", str(new))
    assert result.code == 0, result.err
    assert cluster.cluster.users["alice"] == NEW
    result = users(
        "password",
        "alice",
        "--username",
        "alice",
        "--password-file",
        "-",
        "--new-password-file",
        "-",
        stdin=password_line(NEW) + password_line(OLD),
    )
    assert result.code == 0, result.err
    assert cluster.cluster.users["alice"] == OLD


def test_who_logs_in_is_the_user_unless_another_is_named(run: Run, cluster: Sandbox, tmp_path: Path) -> None:
    cluster.cluster.users["alice"] = OLD
    new = tmp_path / "new"
    new.write_bytes(password_line(NEW))
    words = ("users", "password", "alice", "--new-password-file", str(new))
    assert run(*words, env={"EMQXCTL_PASSWORD": OLD}).code == 0
    assert cluster.cluster.users["alice"] == NEW


def test_an_administrator_needs_the_old_password_too(users: Run, cluster: Sandbox, tmp_path: Path) -> None:
    cluster.cluster.users["alice"] = OLD
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(password_line(OLD))
    new.write_bytes(password_line(NEW))
    result = users("password", "alice", "--new-password-file", str(new))
    assert result.code == 2
    assert "emqx ctl admins passwd" in result.err
    assert list(cluster.requests) == []
    assert (
        users("password", "alice", "--new-password-file", str(new), "--old-password-file", str(old)).code == 0
    )
    assert cluster.cluster.users["alice"] == NEW
    result = users(
        "password", "alice", "--new-password-file", str(new), "--old-password-file", str(old), "--json"
    )
    assert (result.code, result.error["code"]) == (7, "ERROR_PWD_NOT_MATCH")


@pytest.mark.parametrize(("typed", "code"), [([NEW, NEW], 0), ([NEW, "other"], 2), ([""], 2)])
def test_a_new_password_is_asked_for_twice(
    users: Run, cluster: Sandbox, monkeypatch: pytest.MonkeyPatch, typed: list[str], code: int
) -> None:
    answers = iter(typed)
    monkeypatch.setattr("getpass.getpass", lambda *_words, **_more: next(answers))
    result = users("create", "alice", terminal=True)
    assert result.code == code, result.err
    assert ("alice" in cluster.cluster.users) == (code == 0)


def test_nobody_to_ask_is_a_usage_error(users: Run, cluster: Sandbox) -> None:
    assert users("create", "alice").code == 2
    assert users("update", "admin").code == 2
    assert users("create", "alice", "--new-password-file", "-", stdin=b"").code == 3
    assert list(cluster.requests) == []


def test_a_dry_run_shows_no_password(users: Run, cluster: Sandbox) -> None:
    result = users(
        "create", "alice", "--new-password-file", "-", "--dry-run", "--debug", stdin=password_line(OLD)
    )
    assert "curl -X POST" in result.out
    assert "alice" not in cluster.cluster.users
    result = users("update", "admin", "--description", "root", "--dry-run")
    assert '+  "description": "root"' in result.out
    assert cluster.cluster.access.descriptions["admin"] == "administrator"


def test_old_brokers_take_a_password_by_put(run: Run, tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.write_bytes(password_line(NEW))
    path = "/users/admin/change_pwd"
    script = [TOKEN, make_exchange(f"POST {path}", 405), make_exchange(f"PUT {path}", 204)]
    outcome = replay(run, script, "users", "password", "admin", "--new-password-file", str(new), env=LOGIN)
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.calls[-1] == f"PUT {path}"
    assert outcome.bodies[-1] == {"old_pwd": "public", "new_pwd": NEW}


def test_roles_scopes_and_namespaces_stay_with_a_user(run: Run) -> None:
    rows = [
        {"username": "bob", "role": "viewer", "description": "d", "backend": "ldap"},
        {
            "username": "bob",
            "role": "viewer",
            "description": "d",
            "backend": "local",
            "namespace": "plant",
            "scopes": ["publish"],
        },
    ]
    script = [TOKEN, make_exchange("GET /users", 200, rows), make_exchange("PUT /users/bob", 200, rows[1])]
    outcome = replay(run, script, "users", "update", "bob", "--description", "new", env=LOGIN)
    assert outcome.calls[2] == "PUT /users/bob"
    assert outcome.bodies[1] == {"description": "new", "role": "ns:plant::viewer", "scopes": ["publish"]}
    words = ("users", "update", "bob", "--role", "administrator", "--backend", "ldap")
    outcome = replay(run, script, *words, env=LOGIN)
    assert outcome.calls[2] == "PUT /users/bob?backend=ldap"
    assert outcome.bodies[1] == {"description": "d", "role": "administrator"}
    outcome = replay(run, script, "users", "get", "bob", "--backend", "saml", env=LOGIN)
    assert outcome.result.code == 6


def test_a_role_and_scopes_of_a_new_user(run: Run) -> None:
    script = [TOKEN, make_exchange("POST /users", 200, {"username": "bob"})]
    words = ("users", "create", "bob", "--role", "viewer", "--scope", "audit", "--new-password-file", "-")
    outcome = replay(run, script, *words, env=LOGIN, stdin=password_line(NEW))
    body = {"username": "bob", "password": NEW, "description": "", "role": "viewer", "scopes": ["audit"]}
    assert outcome.bodies[1] == body
    outcome = replay(
        run,
        [TOKEN, make_exchange("GET /user_scopes", 200, {"scopes": ["audit"]})],
        "users",
        "scopes",
        env=LOGIN,
    )
    assert outcome.result.out.split() == ["NAME", "DESCRIPTION", "audit", "-"]


def test_a_second_factor_is_wanted_and_waived(run: Run) -> None:
    script = [TOKEN, make_exchange("POST /users/bob/mfa", 204), make_exchange("DELETE /users/bob/mfa", 204)]
    outcome = replay(run, script, "users", "mfa", "enable", "bob", env=LOGIN)
    assert outcome.bodies[1] == {"mechanism": "totp"}
    assert replay(run, script, "users", "mfa", "disable", "bob", env=LOGIN).calls == []
    outcome = replay(run, script, "users", "mfa", "disable", "bob", "-y", env=LOGIN)
    assert outcome.calls == ["POST /login", "DELETE /users/bob/mfa"]
    outcome = replay(run, script, "users", "delete", "bob", "--backend", "ldap", "-y", env=LOGIN)
    assert outcome.calls[1] == "DELETE /users/bob?backend=ldap"


def test_the_code_of_a_second_factor_is_asked_for(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    body = make_exchange("POST /login", 401, {"code": "BAD_MFA_TOKEN", "message": {"mechanism": "totp"}})
    script = [body, TOKEN, make_exchange("GET /users", 200, [])]
    monkeypatch.setattr("getpass.getpass", lambda *_words, **_more: "123456")
    outcome = replay(run, script, "users", "list", env=LOGIN, terminal=True)
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies[1] == {"username": "admin", "password": "public", "mfa_token": "123456"}
    outcome = replay(run, script, "users", "list", "--json", env=LOGIN)
    assert (outcome.result.code, outcome.result.error["code"]) == (4, "BAD_MFA_TOKEN")


def test_a_new_role_drops_the_scopes_that_it_cannot_have(run: Run) -> None:
    admin = {
        "username": "bob",
        "role": "administrator",
        "description": "",
        "scopes": ["audit", "user_management", "mfa_management", "api_key_management"],
    }
    script = [TOKEN, make_exchange("GET /users", 200, [admin]), make_exchange("PUT /users/bob", 200, admin)]
    words = ("users", "update", "bob", "--role", "viewer")
    outcome = replay(run, script, *words, env=LOGIN)
    assert outcome.bodies[1] == {"description": "", "role": "viewer", "scopes": ["audit", "mfa_management"]}
    note = "the role viewer cannot have these scopes: user_management, api_key_management"
    assert note in outcome.result.err
    assert note in replay(run, script, *words, "--dry-run", env=LOGIN).result.err
    outcome = replay(run, script, *words, "--scope", "user_management", env=LOGIN)
    assert outcome.bodies[1]["scopes"] == ["user_management"]  # EMQX says why it refuses what was typed


def test_a_new_administrator_keeps_its_few_scopes_with_a_note(run: Run) -> None:
    viewer = {"username": "bob", "role": "viewer", "description": "", "scopes": ["audit"]}
    script = [TOKEN, make_exchange("GET /users", 200, [viewer]), make_exchange("PUT /users/bob", 200, viewer)]
    outcome = replay(run, script, "users", "update", "bob", "--role", "administrator", env=LOGIN)
    assert outcome.bodies[1]["scopes"] == ["audit"]
    assert "the scopes are unchanged: audit" in outcome.result.err


def test_a_code_is_typed_as_an_option_and_no_setup_secret_is_shown(run: Run) -> None:
    setup = find_exchange("POST /login", "MFA user, first login without token (setup)", "6.2.2")
    for words in ((), ("--debug",), ("--json",)):
        result = replay(run, [setup], "users", "list", *words, env=LOGIN).result
        assert result.code == 4
        assert setup.body["message"]["secret"] not in result.out + result.err
        assert "error: missing_mfa_token, mechanism: totp" in result.err
    assert "--mfa-code CODE" in result.error["hint"]
    wrong = find_exchange("POST /login", "MFA user, wrong token", "6.2.2")
    outcome = replay(run, [wrong], "users", "list", "--mfa-code", "000000", env=LOGIN, terminal=True)
    assert (outcome.result.code, outcome.calls) == (4, ["POST /login"])
    outcome = replay(
        run, [TOKEN, make_exchange("GET /users", 200, [])], "users", "list", "--mfa-code", "123456", env=LOGIN
    )
    assert outcome.result.code == 0
    assert outcome.bodies[0]["mfa_token"] == "123456"


def test_no_scope_is_another_thing_than_no_scopes(run: Run) -> None:
    rows = [
        {"username": "a", "scopes": []},
        {"username": "b"},
        {"username": "c", "scopes": ["audit", "license"]},
    ]
    script = [TOKEN, make_exchange("GET /users", 200, rows)]
    out = replay(run, script, "users", "list", "-o", "wide", env=LOGIN).result.out
    assert [line.split()[-1] for line in out.splitlines()[1:]] == ["none", "-", "license"]


def test_the_mechanism_of_a_second_factor_is_sent_as_typed(run: Run) -> None:
    script = [TOKEN, make_exchange("POST /users/bob/mfa", 204)]
    words = ("users", "mfa", "enable", "bob", "--mechanism")
    outcome = replay(run, script, *words, "webauthn", env=LOGIN, check_requests=False)  # of a later EMQX
    assert outcome.bodies[1] == {"mechanism": "webauthn"}
    assert "user 'bob' must set up webauthn at the next login" in outcome.result.err
    outcome = replay(run, script, *words, "totp", "--json", env=LOGIN)
    assert outcome.result.json == {"username": "bob", "mfa": "totp"}
