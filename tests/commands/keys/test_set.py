"""`emqxctl keys set`: changes what is named, tests what the key depends on."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run


@pytest.fixture
def config(home: Path, sandbox: Sandbox) -> Path:
    path = home / "config" / "config.toml"
    path.parent.mkdir()
    path.write_text(
        f'current = "prod"\n[profiles.prod]\nurl = "{sandbox.url}"\napi_key = "{sandbox.api_key}"\n'
        f'api_secret = "{sandbox.api_secret}"\nproxy = ""\ntimeout = 20\nprotected = true\n'
        '[profiles.other]\nurl = "http://127.0.0.1:9"\n'
    )
    path.chmod(0o600)
    return path


def profile(config: Path, name: str = "prod") -> dict[str, Any]:
    table: dict[str, Any] = tomllib.loads(config.read_text())["profiles"][name]
    return table


def test_only_what_is_named_changes(run: Run, config: Path, sandbox: Sandbox) -> None:
    before = profile(config)
    result = run(
        "keys", "set", "prod", "--readonly", "--no-protected", "--banner", "green", "--timeout", "5s"
    )
    assert (result.code, "changed timeout, protected, readonly, color" in result.err) == (0, True), result.err
    expected = {**before, "readonly": True, "color": "green", "timeout": 5.0}
    assert profile(config) == {
        key: value for key, value in expected.items() if key not in {"protected", "proxy"}
    }
    assert sandbox.requests == []


def test_a_new_url_is_tested_with_the_fields_of_the_profile(run: Run, config: Path, sandbox: Sandbox) -> None:
    assert run("keys", "set", "--url", sandbox.url.replace("127.0.0.1", "localhost")).code == 0
    assert "localhost" in profile(config)["url"]
    assert sandbox.requests[0].path.endswith("/nodes")
    refused = run("keys", "set", "--url", "http://127.0.0.1:9", "--retries", "0")
    assert (refused.code, "localhost" in profile(config)["url"]) == (11, True)
    assert run("keys", "set", "--url", "http://127.0.0.1:9", "--no-verify").code == 0
    assert profile(config)["url"] == "http://127.0.0.1:9"


def test_a_new_source_of_the_secret_replaces_the_former(run: Run, config: Path, sandbox: Sandbox) -> None:
    secret = config.parent / "secret"
    secret.write_text(sandbox.api_secret)
    assert run("keys", "set", "prod", "--secret-file", str(secret)).code == 0
    assert "api_secret" not in profile(config)
    wrong = run("keys", "set", "prod", "--api-secret-file", "-", stdin=b"wrong\n")
    assert (wrong.code, profile(config)["secret_file"]) == (4, str(secret))
    right = run("keys", "set", "prod", "--api-secret-file", "-", stdin=sandbox.api_secret.encode())
    assert (right.code, sandbox.api_secret in right.out + right.err) == (0, False)
    assert (profile(config)["api_secret"], "secret_file" in profile(config)) == (sandbox.api_secret, False)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ((), 2, "no changes specified"),
        (("--unset", "url"), 2, "--unset url: not a field that can be removed"),
        (("--secret-env", "A", "--secret-file", "b"), 2, "several sources of the secret"),
        (("--banner", "plaid"), 2, "unknown color 'plaid'"),
        (("nope", "--readonly"), 3, "profile 'nope' not found"),
    ],
)
def test_errors(run: Run, config: Path, words: tuple[str, ...], code: int, message: str) -> None:
    before = config.read_text()
    result = run("keys", "set", *words)
    assert (result.code, message in result.err, config.read_text()) == (code, True, before), result.err


def test_unset_and_dry_run(run: Run, config: Path) -> None:
    before = config.read_text()
    assert run("keys", "set", "--unset", "timeout", "--dry-run").code == 0
    assert config.read_text() == before
    assert run("keys", "set", "--unset", "timeout").code == 0
    assert "timeout" not in profile(config)


def test_prompt_takes_a_profile(run: Run, config: Path) -> None:
    del config
    assert run("keys", "prompt", "-p", "other", "--plain").out == "(other)\n"
    assert run("keys", "current", "-p", "other", "-o", "name").out == "other\n"


def test_only_a_file_that_is_named_becomes_absolute(
    run: Run, config: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    config.write_text(config.read_text() + 'ca_file = "ca.pem"\n')
    assert run("keys", "set", "other", "--client-cert", "cert.pem", "--no-verify").code == 0
    assert (profile(config, "other")["client_cert"], profile(config, "other")["ca_file"]) == (
        f"{tmp_path}/cert.pem",
        "ca.pem",
    )
