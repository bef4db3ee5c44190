"""`emqxctl keys login` and `keys rotate`: keys are made, tested, stored and retired; none is left behind."""

import json
import stat
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from emqxctl.config import atomic_file
from emqxctl.config import profiles as configuration
from emqxctl.errors import ConfigError
from emqxctl.sandbox.server import Sandbox
from emqxctl.sandbox.state.access import ApiKey
from tests.conftest import Run, RunResult
from tests.support.openapi import find_problems
from tests.support.replay import make_exchange, replay

PASSWORD = "public"
TOKEN = {"token": "dashboard-token-1", "version": "5.8.9", "license": {"edition": "ee"}}
Login = Callable[..., RunResult]


@pytest.fixture
def config(home: Path) -> Path:
    """Where the profiles are kept."""
    return home / "config" / "config.toml"


@pytest.fixture
def login(run: Run, sandbox: Sandbox) -> Login:
    """Run a command as the sandbox's dashboard user; nothing it says holds a secret."""

    def login_it(*words: str, **more: Any) -> RunResult:
        ran = run(*words, "--username", "admin", "--password-file", "-", stdin=b"public\n", **more)
        secrets = [one.secret for one in keys(sandbox).values()] + list(sandbox.cluster.tokens)
        assert [one for one in secrets if one in ran.out + ran.err] == []
        return ran

    return login_it


@pytest.fixture(autouse=True)
def sound(sandbox: Sandbox) -> Any:
    """Begin without API keys, and hold every accepted request to fit EMQX's documents."""
    sandbox.cluster.access.api_keys.clear()
    yield
    for one in sandbox.requests:
        if one.status < 300:
            assert find_problems(one.method, one.path, one.query, one.headers, one.body) == []


def keys(sandbox: Sandbox) -> dict[str, ApiKey]:
    """Give the keys that stand on the server."""
    return sandbox.cluster.access.api_keys


def profiles(config: Path) -> dict[str, Any]:
    """Read the profiles as they stand in the file."""
    found: dict[str, Any] = tomllib.loads(config.read_text())["profiles"]
    return found


def sent(sandbox: Sandbox) -> list[str]:
    """List the requests, without the base."""
    return [f"{one.method} {one.path.removeprefix('/api/v5')}" for one in sandbox.requests]


def test_login_makes_tests_and_stores_a_key(login: Login, run: Run, sandbox: Sandbox, config: Path) -> None:
    ran = login("keys", "login", "prod", "--url", sandbox.url, "--protected", "--debug")
    assert ran.code == 0, ran.err
    (name,) = keys(sandbox)
    assert f"added profile 'prod' with the API key {name}" in ran.err
    assert "API key verified: EMQX 5.8.9, 3 nodes" in ran.err
    assert name.startswith("emqxctl-prod-")
    assert sent(sandbox) == ["POST /login", "POST /api_key", "GET /nodes"]
    body = json.loads(sandbox.requests[1].body)
    assert (body["name"], body["enable"], body["expired_at"]) == (name, True, "infinity")
    assert "role" not in body
    stored = profiles(config)["prod"]
    assert stored["api_secret"] == keys(sandbox)[name].secret
    assert stored["protected"] is True
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert "public" not in config.read_text()
    assert run("keys", "current", "-o", "name").out == "prod\n"
    assert len(run("nodes", "list", "-o", "json").json) == 3


def test_login_takes_the_password_from_the_environment(run: Run, sandbox: Sandbox) -> None:
    words = ("keys", "login", "prod", "--url", sandbox.url, "--username", "admin", "-o", "json")
    ran = run(*words, env={"EMQXCTL_PASSWORD": PASSWORD})
    assert ran.code == 0, ran.err
    assert ran.json["key_name"] in keys(sandbox)
    assert "api_secret" not in ran.json


def test_login_with_name_and_expiry(login: Login, sandbox: Sandbox) -> None:
    ran = login("keys", "login", "ci", "--url", sandbox.url, "--key-name", "ci-key", "--expires", "90d")
    assert ran.code == 0, ran.err
    (key,) = keys(sandbox).values()
    assert list(keys(sandbox)) == ["ci-key"]
    assert key.expires is not None
    assert abs(key.expires - datetime.now(UTC).timestamp() - 90 * 86400) < 60


@pytest.mark.parametrize("text", ["yesterday", "2001-01-01T00:00:00Z", "-1d", ""])
def test_an_end_that_is_none_or_past_is_refused_before_anything_is_sent(
    login: Login, sandbox: Sandbox, text: str
) -> None:
    ran = login("keys", "login", "ci", "--url", sandbox.url, f"--expires={text}")
    assert ran.code == 2
    assert "--expires" in ran.err
    assert sandbox.requests == []


def test_login_with_a_wrong_password_leaves_nothing(run: Run, sandbox: Sandbox, config: Path) -> None:
    words = ("keys", "login", "prod", "--url", sandbox.url, "--username", "admin", "--password-file", "-")
    ran = run(*words, stdin=b"wrong-pw-1\n")
    assert ran.code == 4
    assert "BAD_USERNAME_OR_PWD" in ran.err
    assert "wrong-pw-1" not in ran.err
    assert keys(sandbox) == {}
    assert not config.exists()


def test_login_asks_nobody_where_nobody_is(run: Run, sandbox: Sandbox) -> None:
    ran = run("keys", "login", "prod", "--url", sandbox.url)
    assert (ran.code, "--username" in ran.err) == (2, True)
    ran = run("keys", "login", "prod", "--username", "admin", "--password-file", "-", stdin=b"public\n")
    assert (ran.code, "--url is required" in ran.err) == (2, True)
    assert sandbox.requests == []


def test_login_of_a_name_that_is_taken_sends_nothing(login: Login, sandbox: Sandbox) -> None:
    login("keys", "login", "prod", "--url", sandbox.url)
    before = len(sandbox.requests)
    ran = login("keys", "login", "prod", "--url", sandbox.url)
    assert ran.code == 3
    assert "--replace" in ran.err
    assert len(sandbox.requests) == before


def test_login_replaces_only_the_key_of_a_profile(login: Login, sandbox: Sandbox, config: Path) -> None:
    login("keys", "login", "prod", "--url", sandbox.url, "--protected", "--banner", "red")
    before = profiles(config)["prod"]
    assert login("keys", "login", "prod", "--replace").code == 0
    after = profiles(config)["prod"]
    assert {name for name in after if after[name] != before.get(name)} == {"api_key", "api_secret"}


def test_the_current_profile_has_no_part_in_a_login(login: Login, sandbox: Sandbox, config: Path) -> None:
    login("keys", "login", "prod", "--url", sandbox.url, "--readonly")
    ran = login("keys", "login", "other")
    assert (ran.code, "--url is required" in ran.err) == (2, True)
    ran = login("keys", "login", "other", "--url", sandbox.url)
    assert ran.code == 0, ran.err
    assert "readonly" not in profiles(config)["other"]


def test_a_key_that_does_not_work_is_deleted_again(
    login: Login, sandbox: Sandbox, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emqxctl.api.transport.sleep", lambda _seconds: None)
    monkeypatch.setattr("emqxctl.sandbox.state.access.AccessControl.find_key", lambda *_arguments: None)
    ran = login("keys", "login", "prod", "--url", sandbox.url)
    assert ran.code == 4
    assert keys(sandbox) == {}
    assert sent(sandbox)[:2] == ["POST /login", "POST /api_key"]
    assert sent(sandbox)[-1].startswith("DELETE /api_key/emqxctl-prod-")
    assert not config.exists()


def test_a_key_that_cannot_be_stored_is_deleted_again(
    login: Login, sandbox: Sandbox, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _content: bytes) -> None:
        message = "cannot write: no space left on device"
        raise ConfigError(message)

    monkeypatch.setattr(atomic_file, "replace_file", full)
    ran = login("keys", "login", "prod", "--url", sandbox.url)
    assert ran.code == 3
    assert "no space left" in ran.err
    assert keys(sandbox) == {}
    assert not config.exists()


def test_ctrl_c_while_the_key_is_tested_deletes_it_again(
    login: Login, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("emqxctl.commands.keys._api_key.check_key", interrupted)
    assert login("keys", "login", "prod", "--url", sandbox.url).code == 130
    assert sent(sandbox)[1] == "POST /api_key"
    assert keys(sandbox) == {}


def test_a_key_that_is_stored_stays_whatever_comes_then(
    login: Login, run: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = configuration.save_config

    def save_and_die(config: configuration.Config) -> None:
        save(config)
        raise KeyboardInterrupt

    monkeypatch.setattr(configuration, "save_config", save_and_die)
    assert login("keys", "login", "prod", "--url", sandbox.url).code == 130
    assert len(keys(sandbox)) == 1
    assert run("keys", "test", "prod").code == 0


def test_a_key_that_cannot_be_deleted_again_is_named(run: Run) -> None:
    script = [
        make_exchange("POST /login", body=TOKEN),
        make_exchange(
            "POST /api_key", body={"name": "k1", "api_key": "a" * 16, "api_secret": "the-secret-1"}
        ),
        make_exchange("GET /nodes", 500, {"code": "INTERNAL_ERROR", "message": "boom"}),
        make_exchange("DELETE /api_key/k1", 500, {"code": "INTERNAL_ERROR", "message": "boom"}),
    ]
    words = ("--username", "admin", "--password-file", "-")
    talked = replay(run, script, "keys", "login", "prod", "--key-name", "k1", *words, stdin=b"pw\n")
    assert talked.result.code == 10
    assert "delete the API key k1 in the dashboard" in talked.result.err
    assert "the-secret-1" not in talked.result.err


def test_a_key_without_the_role_wished_for_is_not_kept(login: Login, sandbox: Sandbox, config: Path) -> None:
    ran = login("keys", "login", "prod", "--url", sandbox.url, "--role", "viewer")
    assert ran.code == 13
    assert "role 'viewer' of API keys is not supported" in ran.err
    assert json.loads(sandbox.requests[1].body)["role"] == "viewer"
    assert keys(sandbox) == {}
    assert not config.exists()


def test_login_at_a_sandbox_that_will_be_gone_is_refused(login: Login, config: Path) -> None:
    ran = login("-p", "sandbox", "keys", "login", "demo")
    assert ran.code == 3
    assert "emqxctl sandbox start" in ran.err
    assert not config.exists()


def test_a_dry_run_of_login_makes_no_key(login: Login, sandbox: Sandbox, config: Path) -> None:
    ran = login("keys", "login", "prod", "--url", sandbox.url, "--dry-run")
    assert ran.code == 0
    assert "-X POST" in ran.out
    assert sent(sandbox) == ["POST /login"]
    assert not config.exists()


def rotated(login: Login, sandbox: Sandbox, *words: str) -> tuple[str, RunResult]:
    """Log in, rotate, and give the old key's name and what was said."""
    assert login("keys", "login", "prod", "--url", sandbox.url).code == 0
    (old,) = keys(sandbox)
    return old, login("keys", "rotate", "prod", "--yes", *words)


def test_rotate_switches_and_disables_the_old_key(
    login: Login, run: Run, sandbox: Sandbox, config: Path
) -> None:
    old, ran = rotated(login, sandbox)
    assert ran.code == 0, ran.err
    (new,) = set(keys(sandbox)) - {old}
    assert f"disabled the old key {old}" in ran.err
    assert keys(sandbox)[old].enabled is False
    assert "[emqxctl: replaced, delete after 20" in keys(sandbox)[old].description
    assert profiles(config)["prod"]["api_secret"] == keys(sandbox)[new].secret
    assert run("keys", "test", "prod").code == 0
    order = [one.partition(" ")[0] + " " + one.split("/")[1] for one in sent(sandbox)[4:-1]]
    assert order == ["GET api_key", "POST api_key", "GET nodes", "PUT api_key"]


def test_rotate_without_grace_deletes_the_old_key(login: Login, run: Run, sandbox: Sandbox) -> None:
    old, ran = rotated(login, sandbox, "--grace", "0", "-o", "json")
    assert ran.json["old_state"] == "deleted"
    assert list(keys(sandbox)) == [ran.json["key_name"]]
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
    talked = talk_at(run, config, script, "keys", "rotate", "prod", *words)
    assert talked.result.code == 0, talked.result.err
    _login, made_body, retired = talked.bodies
    assert (made_body["role"], made_body["scopes"]) == ("viewer", ["monitoring"])
    ends = datetime.fromisoformat(made_body["expired_at"])
    assert abs((ends - datetime.now(UTC)).total_seconds() - 90 * 86400) < 60
    assert retired["enable"] is False
    assert (retired["role"], retired["scopes"]) == ("viewer", ["monitoring"])
    assert retired["expired_at"] == old["expired_at"]
    assert retired["desc"].startswith("of the night shift [emqxctl: replaced, delete after ")


def with_profile(config: Path, **more: object) -> None:
    """Write a profile without a URL yet."""
    config.parent.mkdir(mode=0o700, exist_ok=True)
    lines = [f"{name} = {json.dumps(value)}" for name, value in {"api_secret": "old-secret", **more}.items()]
    config.write_text("[profiles.prod]\n" + "\n".join(lines) + "\n")
    config.chmod(0o600)


def talk_at(run: Run, config: Path, script: Any, *words: str) -> Any:
    """Run a command against answers, the server's URL being that of the profile."""

    def run_it(*given: str, env: dict[str, str], **more: Any) -> RunResult:
        config.write_text(config.read_text() + f'url = "{env["EMQXCTL_URL"]}"\n')
        return run(*given, env={"EMQXCTL_RETRIES": "0"}, **more)

    return replay(run_it, script, *words, stdin=b"pw\n")


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


def test_an_old_key_that_cannot_be_disabled_is_told_and_the_new_one_in_use(run: Run, config: Path) -> None:
    old = {"name": "old-1", "api_key": "k" * 16, "enable": True}
    new = {"name": "n", "api_key": "n" * 16, "api_secret": "new-secret-1"}
    script = [
        make_exchange("POST /login", body=TOKEN),
        make_exchange("GET /api_key", body=[old]),
        make_exchange("POST /api_key", body=new),
        make_exchange("GET /nodes", body=[]),
        make_exchange("PUT /api_key/old-1", 500, {"code": "INTERNAL_ERROR", "message": "boom"}),
    ]
    with_profile(config, api_key="k" * 16)
    words = ("--username", "admin", "--password-file", "-", "--yes")
    talked = talk_at(run, config, script, "keys", "rotate", "prod", *words)
    assert talked.result.code == 9
    assert "the old key old-1 may still be enabled" in talked.result.err
    assert profiles(config)["prod"]["api_secret"] == "new-secret-1"


def test_rotate_switches_every_profile_of_the_key(login: Login, sandbox: Sandbox, config: Path) -> None:
    login("keys", "login", "prod", "--url", sandbox.url)
    text = config.read_text()
    config.write_text(
        text + text[text.index("[profiles.prod]") :].replace("prod]", "prod-ro]") + "readonly = true\n"
    )
    ran = login("keys", "rotate", "prod", "--yes")
    assert ran.code == 0, ran.err
    found = profiles(config)
    assert found["prod"]["api_key"] == found["prod-ro"]["api_key"]
    assert found["prod-ro"]["readonly"] is True
    assert "prod-ro" in ran.err


def test_rotate_of_a_key_the_server_does_not_have_makes_none(login: Login, sandbox: Sandbox) -> None:
    login("keys", "login", "prod", "--url", sandbox.url)
    keys(sandbox).clear()
    ran = login("keys", "rotate", "prod", "--yes")
    assert ran.code == 6
    assert "keys login prod --replace" in ran.err
    assert keys(sandbox) == {}


def test_a_secret_kept_elsewhere_moves_only_when_told(login: Login, sandbox: Sandbox, config: Path) -> None:
    login("keys", "login", "prod", "--url", sandbox.url)
    secret = config.with_name("secret")
    secret.write_text(profiles(config)["prod"]["api_secret"])
    text = config.read_text().replace("api_secret = ", "secret_file = ")
    config.write_text(text.replace(secret.read_text(), str(secret)))
    before = len(sandbox.requests)
    ran = login("keys", "rotate", "prod", "--yes")
    assert ran.code == 3
    assert "--into-profile" in ran.err
    assert len(sandbox.requests) == before
    assert login("keys", "rotate", "prod", "--yes", "--into-profile").code == 0
    assert "secret_file" not in profiles(config)["prod"]


def test_rotate_wants_to_be_confirmed_before_the_login(login: Login, sandbox: Sandbox) -> None:
    login("keys", "login", "prod", "--url", sandbox.url)
    before = len(sandbox.requests)
    assert login("keys", "rotate", "prod").code == 14
    assert login("keys", "rotate", "prod", "--finish").code == 14
    assert len(sandbox.requests) == before


def test_finish_deletes_what_is_due_and_disabled_and_nothing_else(
    login: Login, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, _ran = rotated(login, sandbox)
    ran = login("keys", "rotate", "--finish", "--yes")
    assert "no keys are due" in ran.err
    assert f"{old} is kept until" in ran.err
    due = "[emqxctl: replaced, delete after 2026-01-01T00:00:00Z]"
    for name, enabled, desc in (("due", False, due), ("again", True, due), ("other", False, "mine")):
        keys(sandbox)[name] = ApiKey(name, "s" * 20, desc, enabled, 0)
    ran = login("keys", "rotate", "--finish", "--yes", "-o", "json")
    assert ran.json == {"deleted": ["due"], "waiting": 1}
    assert {old, "again", "other"} < set(keys(sandbox))


def test_rotate_goes_to_the_profiles_own_server_only(login: Login, sandbox: Sandbox) -> None:
    login("keys", "login", "prod", "--url", sandbox.url)
    with Sandbox() as other:
        ran = login("keys", "rotate", "prod", "--yes", "--url", other.url)
        assert ran.code == 2
        assert other.requests == []
    assert login("-p", "sandbox", "keys", "rotate", "--yes").code == 3


def test_a_dry_run_of_rotate_changes_nothing(login: Login, sandbox: Sandbox, config: Path) -> None:
    login("keys", "login", "prod", "--url", sandbox.url)
    before, names = config.read_bytes(), list(keys(sandbox))
    for words in ((), ("--finish",)):
        ran = login("keys", "rotate", "prod", "--dry-run", *words)
        assert ran.code == 0, ran.err
        assert "dry run" in ran.err
    assert (config.read_bytes(), list(keys(sandbox))) == (before, names)
    assert all(one.enabled for one in keys(sandbox).values())
