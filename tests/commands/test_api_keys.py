"""`emqxctl api-keys`: keys are created and deleted, and a secret goes only to the requested place."""

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run, RunResult
from tests.support.replay import make_exchange, replay

LOGIN = {"EMQXCTL_USERNAME": "admin", "EMQXCTL_PASSWORD": "public"}
TOKEN = make_exchange("POST /login", 200, {"token": "t0ken-of-the-test", "version": "5.8.1", "license": {}})


@pytest.fixture
def keys(run: Run, cluster: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command of the group as the sandbox's dashboard user."""
    for name, value in LOGIN.items():
        monkeypatch.setenv(name, value)

    def run_keys(*words: str) -> RunResult:
        result = run("api-keys", *words)
        assert "public" not in result.err
        return result

    return run_keys


def test_a_secret_goes_to_a_new_file_of_its_owner_alone(
    keys: Run, run: Run, cluster: Sandbox, tmp_path: Path
) -> None:
    target = tmp_path / "ci.secret"
    result = keys(
        "create",
        "ci",
        "--for",
        "90d",
        "--description",
        "the pipeline",
        "--secret-file",
        str(target),
        "--json",
    )
    assert result.code == 0, result.err
    secret = target.read_text().strip()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert secret not in result.out + result.err
    assert "api_secret" not in result.json
    assert result.json["secret_file"] == str(target)
    assert f"--api-key {result.json['api_key']}" in result.err
    expiry = datetime.fromisoformat(result.json["expired_at"])
    assert timedelta(days=89) < expiry - datetime.now(UTC) < timedelta(days=91)
    words = ("--url", cluster.url, "--api-key", result.json["api_key"], "--api-secret-file", str(target))
    assert len(run("nodes", "list", "--json", *words).json) == 3


def test_a_secret_is_shown_only_when_asked_for(keys: Run) -> None:
    result = keys("create", "ci", "--show-secret", "--debug")
    assert result.code == 0, result.err
    line = next(line for line in result.out.splitlines() if line.startswith("api_secret"))
    secret = line.split()[1]
    assert len(secret) > 30
    assert secret not in result.err
    assert secret not in keys("get", "ci", "--json").out


def test_nothing_is_sent_before_the_secret_has_a_place(keys: Run, cluster: Sandbox, tmp_path: Path) -> None:
    existing_file = tmp_path / "there"
    existing_file.write_text("mine")
    for words in ((), ("--show-secret", "--secret-file", "x"), ("--secret-file", str(existing_file))):
        assert keys("create", "ci", *words).code == 2
    assert keys("create", "ci", "--secret-file", str(tmp_path / "no" / "x")).code == 2
    assert existing_file.read_text() == "mine"
    assert list(cluster.requests) == []


def test_a_refused_key_and_a_dry_run_leave_no_file(keys: Run, cluster: Sandbox, tmp_path: Path) -> None:
    target = tmp_path / "ci.secret"
    result = keys("create", "ci", "--secret-file", str(target), "--dry-run")
    assert result.code == 0, result.err
    assert "Authorization: Bearer $TOKEN" in result.out
    assert [request.path for request in cluster.requests] == ["/api/v5/login"]
    assert keys("create", "9 wrong", "--secret-file", str(target)).code == 7
    assert list(tmp_path.glob("*.secret")) == []


def test_an_end_is_in_the_future_and_said_once(keys: Run) -> None:
    for words in (
        ("--for", "1d", "--expires", "2030-01-01"),
        ("--expires", "2020-01-01"),
        ("--for", "0s"),
        ("--for", "soon"),
    ):
        result = keys("create", "ci", "--show-secret", *words)
        assert (result.code, result.out) == (2, ""), words


def test_what_is_not_named_stays_as_it_is(keys: Run, cluster: Sandbox) -> None:
    end = "2099-01-02T03:04:05+00:00"
    assert keys("create", "ci", "--show-secret", "--expires", end, "--description", "old").code == 0
    assert keys("update", "ci", "--description", "new").code == 0
    api_key = keys("get", "ci", "--json").json
    assert (api_key["desc"], datetime.fromisoformat(api_key["expired_at"])) == (
        "new",
        datetime.fromisoformat(end),
    )
    for verb, on in (("disable", False), ("enable", True)):
        assert keys(verb, "ci").code == 0
        api_key = keys("get", "ci", "--json").json
        assert (api_key["enable"], api_key["desc"], api_key["expired_at"] != "infinity") == (on, "new", True)
    sent_bodies = [request.body for request in cluster.requests if request.method == "PUT"]
    assert len(sent_bodies) == 3
    assert keys("update", "ci", "--expires", "never").code == 0
    assert keys("get", "ci", "--json").json["expired_at"] == "infinity"
    assert keys("update", "ci").code == 2


def test_a_dry_run_of_an_update_shows_the_difference(keys: Run, cluster: Sandbox) -> None:
    assert keys("create", "ci", "--show-secret").code == 0
    result = keys("update", "ci", "--description", "new", "--dry-run")
    assert '+  "desc": "new"' in result.out
    assert "PUT" not in {request.method for request in cluster.requests}


def test_keys_are_listed_and_deleted_by_name(keys: Run) -> None:
    for name in ("a", "b"):
        assert keys("create", name, "--show-secret").code == 0
    names = keys("list", "-o", "name").out.split()
    assert {"a", "b"} <= set(names)
    assert keys("delete", "a").code == 14
    assert keys("delete", "a", "b", "gone", "-y").code == 9
    assert not {"a", "b"} & set(keys("list", "-o", "name").out.split())
    assert keys("get", "a").code == 6


def test_a_wrong_password_and_none_have_their_codes(run: Run, cluster: Sandbox) -> None:
    result = run("api-keys", "list", "--json")
    assert (result.code, result.error["code"]) == (2, "LOGIN_NEEDED")
    assert list(cluster.requests) == []
    env = {"EMQXCTL_USERNAME": "admin", "EMQXCTL_PASSWORD": "wrong-one"}
    result = run("api-keys", "list", "--json", env=env)
    assert (result.code, result.error["code"]) == (4, "BAD_USERNAME_OR_PWD")
    assert "wrong-one" not in result.err


def test_the_sandbox_knows_its_own_user(run: Run) -> None:
    result = run("-p", "sandbox", "api-keys", "list", "--json")
    assert result.code == 0, result.err
    assert {row["name"] for row in result.json} >= {"grafana", "ci-pipeline"}


def test_the_key_of_a_namespace_stays_within_it(run: Run) -> None:
    api_key = {"name": "ci", "enable": True, "desc": "", "expired_at": "infinity", "role": "viewer"}
    path = "/api_key/ci"
    script = [
        TOKEN,
        make_exchange(f"GET {path}", 200, {**api_key, "namespace": "plant", "scopes": ["publish"]}),
        make_exchange(f"PUT {path}", 200, api_key),
    ]
    outcome = replay(run, script, "api-keys", "disable", "ci", env=LOGIN)
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies[1] == {
        "enable": False,
        "desc": "",
        "expired_at": "infinity",
        "role": "ns:plant::viewer",
        "scopes": ["publish"],
    }
    assert outcome.received[2].headers["authorization"] == "Bearer t0ken-of-the-test"
    assert "t0ken-of-the-test" not in outcome.result.err


def test_roles_and_scopes_are_sent_as_named(run: Run) -> None:
    script = [
        TOKEN,
        make_exchange("POST /api_key", 200, {"name": "w", "api_key": "k", "api_secret": "shown-once"}),
    ]
    words = ("api-keys", "create", "w", "--show-secret", "--role", "viewer", "--scope", "a", "--scope", "b")
    outcome = replay(run, script, *words, "--disabled", "--json", env=LOGIN)
    assert outcome.result.json["api_secret"] == "shown-once"
    assert outcome.bodies[1] == {
        "name": "w",
        "desc": "",
        "enable": False,
        "expired_at": "infinity",
        "role": "viewer",
        "scopes": ["a", "b"],
    }
    catalogue = {"scopes": [{"name": "publish", "desc": "Publish messages"}]}
    outcome = replay(
        run, [TOKEN, make_exchange("GET /api_key_scopes", 200, catalogue)], "api-keys", "scopes", env=LOGIN
    )
    assert outcome.result.out.splitlines()[1].split() == ["publish", "Publish", "messages"]


def test_a_lost_answer_says_that_the_secret_is_lost(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "secret"
    broken = make_exchange("POST /api_key", 502, {"code": "BAD_GATEWAY", "message": "proxy"})
    words = ("api-keys", "create", "ci", "--secret-file", str(target), "--json")
    outcome = replay(run, [TOKEN, broken], *words, env=LOGIN)
    assert outcome.result.code == 10
    assert "its secret is lost" in json.loads(outcome.result.err.splitlines()[-1])["error"]["hint"]
    assert not target.exists()


def test_an_update_keeps_role_expiry_scopes_and_namespace(run: Run) -> None:
    key = {
        "name": "ci",
        "api_key": "k",
        "enable": True,
        "desc": "",
        "expired_at": "2027-01-01T00:00:00Z",
        "role": "administrator",
        "namespace": "plant",
        "scopes": ["monitoring", "publish"],
    }
    script = [TOKEN, make_exchange("GET /api_key/ci", 200, key), make_exchange("PUT /api_key/ci", 200, key)]
    kept = {
        "enable": True,
        "desc": "",
        "expired_at": "2027-01-01T00:00:00Z",
        "scopes": ["monitoring", "publish"],
    }
    outcome = replay(run, script, "api-keys", "update", "ci", "--description", "x", env=LOGIN)
    assert outcome.bodies[1] == {**kept, "desc": "x", "role": "ns:plant::administrator"}
    outcome = replay(run, script, "api-keys", "update", "ci", "--role", "viewer", env=LOGIN)
    assert outcome.bodies[1] == {**kept, "role": "ns:plant::viewer"}
    outcome = replay(run, script, "api-keys", "update", "ci", "--role", "publisher", env=LOGIN)
    assert outcome.bodies[1] == {**kept, "role": "ns:plant::publisher", "scopes": ["publish"]}
    assert "the role publisher cannot have these scopes: monitoring" in outcome.result.err
    outcome = replay(run, script, "api-keys", "update", "ci", "--role", "viewer", "--dry-run", env=LOGIN)
    changed = [line for line in outcome.result.out.splitlines() if line[:2] in {"- ", "+ "}]
    assert changed == ['-  "role": "ns:plant::administrator",', '+  "role": "ns:plant::viewer",']
