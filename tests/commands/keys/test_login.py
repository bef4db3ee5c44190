"""`emqxctl keys login`: keys are created, tested and stored, without leftovers."""

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from emqxctl.config import atomic_file
from emqxctl.config import profiles as configuration
from emqxctl.errors import ConfigError
from emqxctl.sandbox.server import Sandbox
from tests.commands.keys.dashboard_keys import PASSWORD, TOKEN, Login, keys, profiles, sent_requests
from tests.conftest import Run
from tests.support.replay import make_exchange, replay

pytestmark = pytest.mark.usefixtures("sound")


def test_login_makes_tests_and_stores_a_key(login: Login, run: Run, sandbox: Sandbox, config: Path) -> None:
    result = login("keys", "login", "prod", "--url", sandbox.url, "--protected", "--debug")
    assert result.code == 0, result.err
    (name,) = keys(sandbox)
    assert f"added profile 'prod' with the API key {name}" in result.err
    assert "API key verified: EMQX 5.8.9, 3 nodes" in result.err
    assert name.startswith("emqxctl-prod-")
    assert sent_requests(sandbox) == ["POST /login", "POST /api_key", "GET /nodes"]
    body = json.loads(sandbox.requests[1].body)
    assert (body["name"], body["enable"], body["expired_at"]) == (name, True, "infinity")
    assert "role" not in body
    profile = profiles(config)["prod"]
    assert profile["api_secret"] == keys(sandbox)[name].secret
    assert profile["protected"] is True
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert "public" not in config.read_text()
    assert run("keys", "current", "-o", "name").out == "prod\n"
    assert len(run("nodes", "list", "-o", "json").json) == 3


def test_login_takes_the_password_from_the_environment(run: Run, sandbox: Sandbox) -> None:
    words = ("keys", "login", "prod", "--url", sandbox.url, "--username", "admin", "-o", "json")
    result = run(*words, env={"EMQXCTL_PASSWORD": PASSWORD})
    assert result.code == 0, result.err
    assert result.json["key_name"] in keys(sandbox)
    assert "api_secret" not in result.json


def test_login_with_name_and_expiry(login: Login, sandbox: Sandbox) -> None:
    result = login("keys", "login", "ci", "--url", sandbox.url, "--key-name", "ci-key", "--expires", "90d")
    assert result.code == 0, result.err
    (key,) = keys(sandbox).values()
    assert list(keys(sandbox)) == ["ci-key"]
    assert key.expires is not None
    assert abs(key.expires - datetime.now(UTC).timestamp() - 90 * 86400) < 60


@pytest.mark.parametrize("text", ["yesterday", "2001-01-01T00:00:00Z", "-1d", ""])
def test_an_invalid_or_past_expiry_is_refused_before_any_request(
    login: Login, sandbox: Sandbox, text: str
) -> None:
    result = login("keys", "login", "ci", "--url", sandbox.url, f"--expires={text}")
    assert result.code == 2
    assert "--expires" in result.err
    assert sandbox.requests == []


def test_login_with_a_wrong_password_leaves_nothing(run: Run, sandbox: Sandbox, config: Path) -> None:
    words = ("keys", "login", "prod", "--url", sandbox.url, "--username", "admin", "--password-file", "-")
    result = run(*words, stdin=b"wrong-pw-1\n")
    assert result.code == 4
    assert "BAD_USERNAME_OR_PWD" in result.err
    assert "wrong-pw-1" not in result.err
    assert keys(sandbox) == {}
    assert not config.exists()


def test_login_does_not_prompt_without_a_terminal(run: Run, sandbox: Sandbox) -> None:
    result = run("keys", "login", "prod", "--url", sandbox.url)
    assert (result.code, "--username" in result.err) == (2, True)
    result = run("keys", "login", "prod", "--username", "admin", "--password-file", "-", stdin=b"public\n")
    assert (result.code, "--url is required" in result.err) == (2, True)
    assert sandbox.requests == []


def test_login_of_a_name_that_is_taken_sends_nothing(login: Login, sandbox: Sandbox) -> None:
    login("keys", "login", "prod", "--url", sandbox.url)
    before = len(sandbox.requests)
    result = login("keys", "login", "prod", "--url", sandbox.url)
    assert result.code == 3
    assert "--replace" in result.err
    assert len(sandbox.requests) == before


def test_login_replaces_only_the_key_of_a_profile(login: Login, sandbox: Sandbox, config: Path) -> None:
    login("keys", "login", "prod", "--url", sandbox.url, "--protected", "--banner", "red")
    before = profiles(config)["prod"]
    assert login("keys", "login", "prod", "--replace").code == 0
    after = profiles(config)["prod"]
    assert {name for name in after if after[name] != before.get(name)} == {"api_key", "api_secret"}


def test_the_current_profile_has_no_part_in_a_login(login: Login, sandbox: Sandbox, config: Path) -> None:
    login("keys", "login", "prod", "--url", sandbox.url, "--readonly")
    result = login("keys", "login", "other")
    assert (result.code, "--url is required" in result.err) == (2, True)
    result = login("keys", "login", "other", "--url", sandbox.url)
    assert result.code == 0, result.err
    assert "readonly" not in profiles(config)["other"]


def test_a_key_that_does_not_work_is_deleted_again(
    login: Login, sandbox: Sandbox, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emqxctl.api.transport.sleep", lambda _seconds: None)
    monkeypatch.setattr("emqxctl.sandbox.state.access.AccessControl.find_key", lambda *_arguments: None)
    result = login("keys", "login", "prod", "--url", sandbox.url)
    assert result.code == 4
    assert keys(sandbox) == {}
    assert sent_requests(sandbox)[:2] == ["POST /login", "POST /api_key"]
    assert sent_requests(sandbox)[-1].startswith("DELETE /api_key/emqxctl-prod-")
    assert not config.exists()


def test_a_key_that_cannot_be_stored_is_deleted_again(
    login: Login, sandbox: Sandbox, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _content: bytes) -> None:
        message = "cannot write: no space left on device"
        raise ConfigError(message)

    monkeypatch.setattr(atomic_file, "replace_file", full)
    result = login("keys", "login", "prod", "--url", sandbox.url)
    assert result.code == 3
    assert "no space left" in result.err
    assert keys(sandbox) == {}
    assert not config.exists()


def test_ctrl_c_while_the_key_is_tested_deletes_it_again(
    login: Login, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("emqxctl.commands.keys._api_key.check_key", interrupted)
    assert login("keys", "login", "prod", "--url", sandbox.url).code == 130
    assert sent_requests(sandbox)[1] == "POST /api_key"
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


def test_a_key_without_the_requested_role_is_deleted(login: Login, sandbox: Sandbox, config: Path) -> None:
    result = login("keys", "login", "prod", "--url", sandbox.url, "--role", "viewer")
    assert result.code == 13
    assert "role 'viewer' of API keys is not supported" in result.err
    assert json.loads(sandbox.requests[1].body)["role"] == "viewer"
    assert keys(sandbox) == {}
    assert not config.exists()


def test_login_to_the_sandbox_of_one_command_is_refused(login: Login, config: Path) -> None:
    result = login("-p", "sandbox", "keys", "login", "demo")
    assert result.code == 3
    assert "emqxctl sandbox start" in result.err
    assert not config.exists()


def test_a_dry_run_of_login_makes_no_key(login: Login, sandbox: Sandbox, config: Path) -> None:
    result = login("keys", "login", "prod", "--url", sandbox.url, "--dry-run")
    assert result.code == 0
    assert "-X POST" in result.out
    assert sent_requests(sandbox) == ["POST /login"]
    assert not config.exists()
