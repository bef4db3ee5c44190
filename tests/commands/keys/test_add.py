"""`emqxctl keys add`: a new profile takes nothing from the current one."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run


@pytest.fixture
def config(home: Path) -> Path:
    """Write a current profile with all fields that another could take from it, and return the file."""
    path = home / "config" / "config.toml"
    path.parent.mkdir()
    path.write_text(
        'current = "prod"\n[profiles.prod]\nurl = "http://127.0.0.1:9"\napi_key = "prod-key"\n'
        'api_secret = "prod-secret"\nca_file = "/prod/ca.pem"\nclient_cert = "/prod/cert.pem"\n'
        'client_key = "/prod/key.pem"\ninsecure = true\nproxy = "http://127.0.0.1:1"\nreadonly = true\n'
        "protected = true\ntimeout = 1\n"
    )
    path.chmod(0o600)
    return path


def stored(config: Path, name: str) -> dict[str, Any]:
    """Read one profile of the file."""
    table: dict[str, Any] = tomllib.loads(config.read_text())["profiles"][name]
    return table


@pytest.mark.parametrize("named", [(), ("EMQXCTL_PROFILE",)])
def test_url_key_and_secret_are_required_whatever_is_current(
    run: Run, config: Path, named: tuple[str, ...]
) -> None:
    env = dict.fromkeys(named, "prod")
    before = config.read_text()
    words: list[str] = []
    for more, missing in (
        (["--url", "http://127.0.0.1:8"], "--url is required"),
        (["--api-key", "k"], "--api-key is required"),
        ([], "the API secret is required"),
    ):
        result = run("keys", "add", "new", *words, env=env)
        assert (result.code, missing in result.err) == (2, True), result.err
        words += more
    assert config.read_text() == before


def test_a_new_profile_takes_nothing_from_the_current_one(run: Run, config: Path, sandbox: Sandbox) -> None:
    words = ("--url", sandbox.url, "--api-key", sandbox.api_key, "--api-secret-file", "-")
    result = run("keys", "add", "new", *words, stdin=sandbox.api_secret.encode())
    assert result.code == 0, (
        result.err
    )  # the check of the key went neither through prod's proxy nor as its key
    new_fields = {"url": sandbox.url, "api_key": sandbox.api_key, "api_secret": sandbox.api_secret}
    assert stored(config, "new") == new_fields


def test_the_url_of_the_current_profile_lends_nothing_either(run: Run, config: Path) -> None:
    words = ("--url", "http://127.0.0.1:9", "--api-key", "k", "--api-secret-file", "-", "--no-verify")
    assert run("keys", "add", "new", *words, stdin=b"s").code == 0
    assert stored(config, "new") == {"url": "http://127.0.0.1:9", "api_key": "k", "api_secret": "s"}


def test_options_and_variables_count(run: Run, config: Path) -> None:
    env = {"URL": "http://127.0.0.1:8", "API_KEY": "k", "API_SECRET": "s", "CA_FILE": "/new/ca.pem"}
    words = ("--proxy", "http://127.0.0.1:3", "--insecure", "--no-verify")
    result = run("keys", "add", "new", *words, env={f"EMQXCTL_{name}": value for name, value in env.items()})
    assert result.code == 0, result.err
    assert stored(config, "new") == {
        "url": "http://127.0.0.1:8",
        "api_key": "k",
        "api_secret": "s",
        "ca_file": "/new/ca.pem",
        "insecure": True,
        "proxy": "http://127.0.0.1:3",
    }


def test_a_profile_to_take_from_is_refused(run: Run, config: Path) -> None:
    result = run("-p", "prod", "keys", "add", "new", "--no-verify")
    assert result.code == 2
    assert "--profile is not supported by emqxctl keys add" in result.err


def test_files_are_stored_as_absolute_paths(
    run: Run, config: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ("--url", "http://127.0.0.1:9", "--api-key", "k", "--no-verify")
    assert run("keys", "add", "new", *words, "--secret-file", "sec", "--ca-file", "tls/../ca.pem").code == 0
    profile = stored(config, "new")
    assert (profile["secret_file"], profile["ca_file"]) == (f"{tmp_path}/sec", f"{tmp_path}/ca.pem")
    assert run("keys", "add", "home", *words, "--secret-file", "~/sec").code == 0
    assert stored(config, "home")["secret_file"] == "~/sec"
