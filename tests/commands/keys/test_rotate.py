"""`emqxctl keys rotate`: keys are replaced, tested and retired, without leftovers."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from emqxctl.sandbox.server import Sandbox
from emqxctl.sandbox.state.access import ApiKey
from tests.commands.keys.dashboard_keys import TOKEN, Login, keys, profiles, sent_requests
from tests.conftest import Run, RunResult
from tests.support.replay import make_exchange, replay

pytestmark = pytest.mark.usefixtures("sound")


def rotate(login: Login, sandbox: Sandbox, *words: str) -> tuple[str, RunResult]:
    """Log in, rotate, and return the old key's name and the result."""
    assert login("keys", "login", "prod", "--url", sandbox.url).code == 0
    (old,) = keys(sandbox)
    return old, login("keys", "rotate", "prod", "--yes", *words)


def test_rotate_switches_and_leaves_the_old_key_working_until_the_grace_period_ends(
    login: Login, run: Run, sandbox: Sandbox, config: Path
) -> None:
    old, result = rotate(login, sandbox)
    assert result.code == 0, result.err
    (new,) = set(keys(sandbox)) - {old}
    assert f"the old key {old} works until 20" in result.err
    old_key = keys(sandbox)[old]
    assert old_key.enabled is True
    assert abs((old_key.expires or 0) - sandbox.cluster.now() - 86400) < 60
    assert "[emqxctl: replaced, delete after 20" in old_key.description
    old_login = {"EMQXCTL_API_KEY": old_key.key, "EMQXCTL_API_SECRET": old_key.secret}
    other_machine = ("nodes", "list", "--url", sandbox.url)
    assert run(*other_machine, env=old_login).code == 0
    old_key.expires = int(sandbox.cluster.now()) - 1
    assert run(*other_machine, env=old_login).code == 4
    assert profiles(config)["prod"]["api_secret"] == keys(sandbox)[new].secret
    assert run("keys", "test", "prod").code == 0
    order = [
        request.partition(" ")[0] + " " + request.split("/")[1] for request in sent_requests(sandbox)[4:8]
    ]
    assert order == ["GET api_key", "POST api_key", "GET nodes", "PUT api_key"]


def test_rotate_without_grace_deletes_the_old_key(login: Login, run: Run, sandbox: Sandbox) -> None:
    old, result = rotate(login, sandbox, "--grace", "0", "-o", "json")
    assert result.json["old_state"] == "deleted"
    assert list(keys(sandbox)) == [result.json["key_name"]]
    assert old not in keys(sandbox)
    assert run("keys", "test", "prod").code == 0


def test_rotate_keeps_what_the_old_key_was_allowed_and_how_long_it_lived(run: Run, config: Path) -> None:
    config.parent.mkdir(mode=0o700)
    old = {
        "name": "viewer-1",
        "api_key": "k" * 16,
        "desc": "of the night shift",
        "enable": True,
        "role": "viewer",
        "scopes": ["monitoring"],
        "created_at": "2026-01-01T00:00:00+00:00",
        "expired_at": "2026-04-01T00:00:00+00:00",
    }
    new = {**old, "name": "n", "api_key": "n" * 16, "api_secret": "new-secret-1"}
    script = [
        make_exchange("POST /login", body=TOKEN),
        make_exchange("GET /api_key", body=[old]),
        make_exchange("POST /api_key", body=new),
        make_exchange("GET /nodes", body=[{"node": "a", "version": "5.10.4", "edition": "Enterprise"}]),
        make_exchange("PUT /api_key/viewer-1", body=old),
    ]
    with_profile(config, api_key="k" * 16)
    words = ("--username", "admin", "--password-file", "-", "--yes")
    talked = replay_with_profile(run, config, script, "keys", "rotate", "prod", *words)
    assert talked.result.code == 0, talked.result.err
    _login, made_body, retired = talked.bodies
    assert (made_body["role"], made_body["scopes"]) == ("viewer", ["monitoring"])
    ends = datetime.fromisoformat(made_body["expired_at"])
    assert abs((ends - datetime.now(UTC)).total_seconds() - 90 * 86400) < 60
    assert retired["enable"] is True
    assert (retired["role"], retired["scopes"]) == ("viewer", ["monitoring"])
    assert retired["expired_at"] == old["expired_at"]
    assert retired["desc"].startswith("of the night shift [emqxctl: replaced, delete after ")


def with_profile(config: Path, **more: object) -> None:
    """Write a profile without a URL."""
    config.parent.mkdir(mode=0o700, exist_ok=True)
    lines = [f"{name} = {json.dumps(value)}" for name, value in {"api_secret": "old-secret", **more}.items()]
    config.write_text("[profiles.prod]\n" + "\n".join(lines) + "\n")
    config.chmod(0o600)


def replay_with_profile(run: Run, config: Path, script: Any, *words: str) -> Any:
    """Replay responses to a command, with the server's URL in the profile."""

    def run_with_profile(*arguments: str, env: dict[str, str], **more: Any) -> RunResult:
        config.write_text(config.read_text() + f'url = "{env["EMQXCTL_URL"]}"\n')
        return run(*arguments, env={"EMQXCTL_RETRIES": "0"}, **more)

    return replay(run_with_profile, script, *words, stdin=b"pw\n")


def test_a_new_key_that_does_not_work_leaves_the_old_one_in_use(
    login: Login, run: Run, sandbox: Sandbox, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert login("keys", "login", "prod", "--url", sandbox.url).code == 0
    before, names = config.read_bytes(), list(keys(sandbox))
    with monkeypatch.context() as patch:
        patch.setattr("emqxctl.api.transport.sleep", lambda _seconds: None)
        patch.setattr("emqxctl.sandbox.state.access.AccessControl.find_key", lambda *_arguments: None)
        assert login("keys", "rotate", "prod", "--yes").code == 4
    assert config.read_bytes() == before
    assert list(keys(sandbox)) == names
    assert run("keys", "test", "prod").code == 0


def test_an_old_key_that_cannot_be_disabled_is_reported_and_the_new_one_is_in_use(
    run: Run, config: Path
) -> None:
    old = {"name": "old-1", "api_key": "k" * 16, "enable": True}
    new = {"name": "n", "api_key": "n" * 16, "api_secret": "new-secret-1"}
    script = [
        make_exchange("POST /login", body=TOKEN),
        make_exchange("GET /api_key", body=[old]),
        make_exchange("POST /api_key", body=new),
        make_exchange("GET /nodes", body=[{"node": "emqx@a"}]),
        make_exchange("PUT /api_key/old-1", 500, {"code": "INTERNAL_ERROR", "message": "boom"}),
    ]
    with_profile(config, api_key="k" * 16)
    words = ("--username", "admin", "--password-file", "-", "--yes")
    talked = replay_with_profile(run, config, script, "keys", "rotate", "prod", *words)
    assert talked.result.code == 9
    assert "the old key old-1 may still be enabled" in talked.result.err
    assert profiles(config)["prod"]["api_secret"] == "new-secret-1"


def test_rotate_switches_every_profile_of_the_key(login: Login, sandbox: Sandbox, config: Path) -> None:
    login("keys", "login", "prod", "--url", sandbox.url)
    text = config.read_text()
    config.write_text(
        text + text[text.index("[profiles.prod]") :].replace("prod]", "prod-ro]") + "readonly = true\n"
    )
    result = login("keys", "rotate", "prod", "--yes")
    assert result.code == 0, result.err
    stored_profiles = profiles(config)
    assert stored_profiles["prod"]["api_key"] == stored_profiles["prod-ro"]["api_key"]
    assert stored_profiles["prod-ro"]["readonly"] is True
    assert "prod-ro" in result.err


def test_rotate_of_a_key_the_server_does_not_have_makes_none(login: Login, sandbox: Sandbox) -> None:
    login("keys", "login", "prod", "--url", sandbox.url)
    keys(sandbox).clear()
    result = login("keys", "rotate", "prod", "--yes")
    assert result.code == 6
    assert "keys login prod --replace" in result.err
    assert keys(sandbox) == {}


def test_a_secret_stored_elsewhere_moves_only_with_into_profile(
    login: Login, sandbox: Sandbox, config: Path
) -> None:
    login("keys", "login", "prod", "--url", sandbox.url)
    secret = config.with_name("secret")
    secret.write_text(profiles(config)["prod"]["api_secret"])
    text = config.read_text().replace("api_secret = ", "secret_file = ")
    config.write_text(text.replace(secret.read_text(), str(secret)))
    before = len(sandbox.requests)
    result = login("keys", "rotate", "prod", "--yes")
    assert result.code == 3
    assert "--into-profile" in result.err
    assert len(sandbox.requests) == before
    assert login("keys", "rotate", "prod", "--yes", "--into-profile").code == 0
    assert "secret_file" not in profiles(config)["prod"]


def test_rotate_without_a_terminal_requires_confirmation_before_the_login(
    login: Login, sandbox: Sandbox
) -> None:
    login("keys", "login", "prod", "--url", sandbox.url)
    before = len(sandbox.requests)
    assert login("keys", "rotate", "prod").code == 14
    assert login("keys", "rotate", "prod", "--finish").code == 14
    assert len(sandbox.requests) == before


def test_rotate_asks_only_after_the_login_and_names_the_key(
    run: Run, login: Login, sandbox: Sandbox, tmp_path: Path
) -> None:
    login("keys", "login", "prod", "--url", sandbox.url, "--key-name", "old")
    password = tmp_path / "password"
    words = ("keys", "rotate", "prod", "--username", "admin", "--password-file", str(password))
    password.write_text("wrong")
    result = run(*words, terminal=True, stdin=b"y\n")
    assert result.code == 4
    assert "[y/N]" not in result.err
    password.write_text("public")
    result = run(*words, terminal=True, stdin=b"n\n")
    assert result.code == 14
    assert "Replace the API key 'old' of profile 'prod' on prod? [y/N]" in result.err


def test_the_key_of_the_sandbox_is_fixed(run: Run, login: Login, sandbox: Sandbox) -> None:
    result = login("keys", "rotate", "sandbox", "--yes")
    assert result.code == 3
    assert "cannot be rotated [FIXED_KEY]" in result.err
    assert "emqxctl keys login NAME --url URL" in result.err
    # What the hint says works.
    assert login("keys", "login", "own", "--url", sandbox.url).code == 0
    assert login("keys", "rotate", "own", "--yes").code == 0


def test_finish_deletes_what_is_due_and_not_usable_and_nothing_else(
    login: Login, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, _ran = rotate(login, sandbox)
    result = login("keys", "rotate", "--finish", "--yes")
    assert "no keys are due" in result.err
    assert f"{old} is kept until" in result.err
    due = "[emqxctl: replaced, delete after 2026-01-01T00:00:00Z]"
    for name, enabled, desc, expires in (
        ("due", True, due, 1),
        ("disabled", False, due, None),
        ("again", True, due, None),
        ("other", False, "mine", 1),
    ):
        keys(sandbox)[name] = ApiKey(name, "s" * 20, desc, enabled, 0, expires)
    result = login("keys", "rotate", "--finish", "--yes", "-o", "json")
    assert result.json == {"deleted": ["due", "disabled"], "waiting": 1}
    assert {old, "again", "other"} < set(keys(sandbox))


def test_rotate_goes_to_the_profiles_own_server_only(login: Login, sandbox: Sandbox) -> None:
    login("keys", "login", "prod", "--url", sandbox.url)
    with Sandbox() as other:
        result = login("keys", "rotate", "prod", "--yes", "--url", other.url)
        assert result.code == 2
        assert other.requests == []
    assert login("-p", "sandbox", "keys", "rotate", "--yes").code == 3


def test_a_dry_run_of_rotate_changes_nothing(login: Login, sandbox: Sandbox, config: Path) -> None:
    login("keys", "login", "prod", "--url", sandbox.url)
    before, names = config.read_bytes(), list(keys(sandbox))
    for words in ((), ("--finish",)):
        result = login("keys", "rotate", "prod", "--dry-run", *words)
        assert result.code == 0, result.err
        assert "dry run" in result.err
    assert (config.read_bytes(), list(keys(sandbox))) == (before, names)
    assert all(key.enabled for key in keys(sandbox).values())
