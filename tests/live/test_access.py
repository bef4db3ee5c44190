"""Bans of odd names, and what only a dashboard user may do."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.live.environment import PREFIX, URL, Emqxctl, RawApi, Server, quote_segment

pytestmark = pytest.mark.live


@pytest.mark.parametrize("suffix", ["a/b", "a b", "ü%2F", "[bold]", "a+b", "x/../y", "#"])
def test_a_ban_of_an_odd_name_comes_and_goes_alone(
    emqxctl: Emqxctl, raw: RawApi, cleanup: Callable[..., None], suffix: str
) -> None:
    clientid = f"{PREFIX}-{suffix}"
    cleanup("DELETE", f"/banned/clientid/{quote_segment(clientid)}")
    before = {row["who"] for row in raw.get("/banned", {"limit": 1000}).rows}
    emqxctl.succeed("banned", "add", "--for", "5m", "--", "clientid", clientid)
    assert {row["who"] for row in raw.get("/banned", {"limit": 1000}).rows} == {*before, clientid}
    emqxctl.succeed("banned", "delete", "--yes", "--", "clientid", clientid)
    assert {row["who"] for row in raw.get("/banned", {"limit": 1000}).rows} == before


@pytest.mark.parametrize("clientid", ["..", ".", ""])
def test_a_name_that_would_widen_the_call_is_refused(emqxctl: Emqxctl, raw: RawApi, clientid: str) -> None:
    before = raw.get("/banned", {"limit": 1000}).rows
    ran = emqxctl.run("banned", "delete", "--yes", "--", "clientid", clientid)
    assert ran.returncode != 0
    assert raw.get("/banned", {"limit": 1000}).rows == before


def test_an_api_key_is_created_used_and_deleted(
    emqxctl: Emqxctl, raw_as_user: RawApi, login: Mapping[str, str], tmp_path: Path
) -> None:
    secret_file = tmp_path / "secret"
    path = f"/api_key/{PREFIX}"
    raw_as_user.request("DELETE", path)
    try:
        created = emqxctl.succeed(
            *("api-keys", "create", PREFIX, "--for", "1h", "--secret-file", str(secret_file), "-o", "json"),
            env=login,
        )
        key = json.loads(created)["api_key"]
        secret = secret_file.read_text(encoding="utf-8").strip()
        assert secret
        assert secret not in created
        stored = raw_as_user.read_object(path)
        assert stored
        assert stored["api_key"] == key
        assert stored["enable"] is True
        as_key = {"EMQXCTL_API_KEY": key, "EMQXCTL_API_SECRET": secret}
        assert emqxctl.read("nodes", "list", env=as_key)

        emqxctl.succeed("api-keys", "disable", PREFIX, "--yes", env=login)
        disabled = raw_as_user.read_object(path)
        assert disabled
        assert disabled["enable"] is False
        assert disabled["expired_at"] == stored["expired_at"], "a change keeps what was not named"
        assert disabled.get("role") == stored.get("role")
        assert emqxctl.run("nodes", "list", env=as_key).returncode == 4

        emqxctl.succeed("api-keys", "delete", PREFIX, "--yes", env=login)
        assert raw_as_user.read_object(path) is None
    finally:
        raw_as_user.request("DELETE", path)


def test_a_dashboard_user_is_created_changed_and_deleted(
    emqxctl: Emqxctl, raw_as_user: RawApi, login: Mapping[str, str], tmp_path: Path
) -> None:
    name = PREFIX.replace("-", "_")
    password = tmp_path / "password"
    password.write_text("Live-Test-Passw0rd!\n", encoding="utf-8")
    raw_as_user.request("DELETE", f"/users/{name}")
    try:
        emqxctl.succeed(
            *("users", "create", name, "--new-password-file", str(password), "--description", "live"),
            env=login,
        )
        rows = {row["username"]: row for row in raw_as_user.get("/users").rows}
        assert rows[name]["description"] == "live"
        emqxctl.succeed("users", "update", name, "--description", "changed", env=login)
        rows = {row["username"]: row for row in raw_as_user.get("/users").rows}
        assert rows[name]["description"] == "changed"
        body = {"username": name, "password": "Live-Test-Passw0rd!"}
        assert raw_as_user.request("POST", "/login", body).status == 200
        emqxctl.succeed("users", "delete", name, "--yes", env=login)
        assert name not in {row["username"] for row in raw_as_user.get("/users").rows}
    finally:
        raw_as_user.request("DELETE", f"/users/{name}")


def test_an_api_key_is_told_that_a_dashboard_user_is_needed(emqxctl: Emqxctl, server: Server) -> None:
    assert URL
    ran = emqxctl.run("api-keys", "list", env={"EMQXCTL_USERNAME": ""})
    assert ran.returncode in {2, 4}, ran.stderr
    assert "dashboard user" in ran.stderr
