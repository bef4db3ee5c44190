"""`emqxctl keys`: profiles are added, selected, renamed and removed; secrets are not shown."""

import stat
import tomllib
from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run


@pytest.fixture
def config(home: Path) -> Path:
    """Return the file of the profiles."""
    return home / "config" / "config.toml"


def add(run: Run, sandbox: Sandbox, name: str, *more: str, secret: str | None = None) -> str:
    """Add a profile of the sandbox and return the messages."""
    result = run(
        "keys",
        "add",
        name,
        "--url",
        sandbox.url,
        "--api-key",
        sandbox.api_key,
        "--api-secret-file",
        "-",
        *more,
        stdin=(secret or sandbox.api_secret).encode() + b"\n",
    )
    assert result.code == 0, result.err
    assert sandbox.api_secret not in result.out + result.err
    return result.err


def test_add_verifies_and_makes_the_first_profile_current(run: Run, sandbox: Sandbox, config: Path) -> None:
    output = add(run, sandbox, "prod")
    assert "EMQX 5.8.9, 3 nodes" in output
    table = tomllib.loads(config.read_text())
    assert table["current"] == "prod"
    assert table["profiles"]["prod"]["api_secret"] == sandbox.api_secret
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert stat.S_IMODE(config.parent.stat().st_mode) == 0o700
    assert len(run("nodes", "list", "-o", "json").json) == 3


def test_add_refuses_a_wrong_key_and_writes_nothing(run: Run, sandbox: Sandbox, config: Path) -> None:
    result = run(
        *(
            "keys",
            "add",
            "prod",
            "--url",
            sandbox.url,
            "--api-key",
            "0123456789abcdef",
            "--api-secret-file",
            "-",
        ),
        stdin=b"wrong-secret\n",
    )
    assert result.code == 4
    assert "BAD_API_KEY_OR_SECRET" in result.err
    assert "wrong-secret" not in result.err
    assert not config.exists()


def test_add_says_that_a_dashboard_user_was_given(run: Run, sandbox: Sandbox) -> None:
    result = run(
        *("keys", "add", "prod", "--url", sandbox.url, "--api-key", "admin", "--api-secret-file", "-"),
        stdin=b"public\n",
    )
    assert result.code == 4
    assert "dashboard user" in result.err


def test_a_key_of_any_name_may_be_wrong_disabled_or_expired(run: Run, sandbox: Sandbox) -> None:
    """Keys of a bootstrap file have names like users; EMQX does not say what is wrong."""
    env = {"EMQXCTL_URL": sandbox.url, "EMQXCTL_API_KEY": "ops", "EMQXCTL_API_SECRET": "wrong"}
    for words in (("doctor",), ("nodes", "list"), ("keys", "test")):
        result = run(*words, env=env)
        assert result.code == 4, result.err
        text = result.out + result.err
        assert "looks like" not in text
        assert "expired" in text
        assert "emqxctl api-keys list --username USER" in text


def test_add_without_verifying_asks_no_server(run: Run, sandbox: Sandbox, config: Path) -> None:
    add(run, sandbox, "prod", "--no-verify", secret="whatever")
    assert sandbox.requests == []
    assert config.exists()


def test_add_requires_options_without_a_terminal(run: Run, config: Path) -> None:
    for words, missing in (
        ((), "--url"),
        (("--url", "http://127.0.0.1:9"), "--api-key"),
        (("--url", "http://127.0.0.1:9", "--api-key", "k"), "secret"),
    ):
        result = run("keys", "add", "prod", *words)
        assert result.code == 2
        assert missing in result.err
    assert not config.exists()


def test_add_refuses_an_existing_name_without_replace(run: Run, sandbox: Sandbox) -> None:
    add(run, sandbox, "prod")
    result = run(
        *("keys", "add", "prod", "--url", sandbox.url, "--api-key", "x", "--api-secret-file", "-"),
        stdin=b"y\n",
    )
    assert result.code == 3
    assert "--replace" in result.err
    add(run, sandbox, "prod", "--replace")


@pytest.mark.parametrize("name", ["sandbox", "", "a b", "-x", "a/b", "\x1b[31m"])
def test_names_that_could_not_be_used_are_refused(run: Run, name: str) -> None:
    result = run("keys", "add", "--url", "http://h:1", "--api-key", "k", "--no-verify", "--", name)
    assert result.code == 2
    assert "\x1b" not in result.err


def test_use_goes_there_and_back(run: Run, sandbox: Sandbox) -> None:
    add(run, sandbox, "one")
    add(run, sandbox, "two")
    assert run("keys", "current", "-o", "name").out == "one\n"
    assert run("keys", "use", "two").code == 0
    assert run("keys", "current", "-o", "name").out == "two\n"
    assert run("keys", "use", "-").code == 0
    assert run("keys", "current", "-o", "name").out == "one\n"


def test_use_of_an_unknown_profile_names_those_there_are(run: Run, sandbox: Sandbox) -> None:
    add(run, sandbox, "one")
    result = run("keys", "use", "three")
    assert result.code == 3
    assert "'three'" in result.err
    assert "one" in result.err
    assert run("keys", "current", "-o", "name").out == "one\n"


def test_rename_keeps_what_is_current(run: Run, sandbox: Sandbox) -> None:
    add(run, sandbox, "one")
    assert run("keys", "rename", "one", "first").code == 0
    assert run("keys", "current", "-o", "name").out == "first\n"
    assert run("keys", "list", "-o", "name").out == "first\n"


def test_remove_requires_confirmation(run: Run, sandbox: Sandbox) -> None:
    add(run, sandbox, "one")
    result = run("keys", "remove", "one")
    assert result.code == 14
    assert "--yes" in result.err
    assert run("keys", "remove", "one", "--yes").code == 0
    assert run("keys", "list", "-o", "json").json == []


def test_list_and_get_never_show_a_secret(run: Run, sandbox: Sandbox) -> None:
    add(run, sandbox, "one")
    for words in (("keys", "list"), ("keys", "get", "one"), ("keys", "current"), ("keys", "test")):
        for format_ in ("table", "json", "yaml", "csv"):
            result = run(*words, "-o", format_)
            assert result.code == 0, result.err
            assert sandbox.api_secret not in result.out + result.err


def test_test_tells_whether_the_key_works(run: Run, sandbox: Sandbox) -> None:
    add(run, sandbox, "good")
    add(run, sandbox, "bad", "--no-verify", secret="wrong")
    assert run("keys", "test", "good", "-o", "json").json["version"] == "5.8.9"
    assert run("keys", "test", "bad").code == 4


def test_secret_command_runs_without_a_shell(run: Run, sandbox: Sandbox, home: Path) -> None:
    script = home / "give secret.sh"
    script.write_text(f"#!/bin/sh\necho {sandbox.api_secret}\n")
    script.chmod(0o700)
    words = ("--url", sandbox.url, "--api-key", sandbox.api_key, "--secret-command", f"'{script}'")
    assert run("keys", "add", "cmd", *words).code == 0
    assert run("-p", "cmd", "nodes", "list", "-o", "json").code == 0
    script.write_text("#!/bin/sh\necho no agent >&2; exit 3\n")
    result = run("-p", "cmd", "nodes", "list")
    assert result.code == 3
    assert "no agent" in result.err


def test_prompt_shows_the_profile_in_its_colour(run: Run, sandbox: Sandbox) -> None:
    assert run("keys", "prompt").out == ""
    add(run, sandbox, "prod", "--protected", "--banner", "red")
    assert run("keys", "prompt").out == "\x1b[31m(prod!)\x1b[0m\n"
    assert run("keys", "prompt", "--plain").out == "(prod!)\n"


def test_a_key_stays_at_its_own_server(run: Run, sandbox: Sandbox) -> None:
    add(run, sandbox, "prod")
    with Sandbox() as other:
        result = run("nodes", "list", "--url", other.url, "--retries", "0")
        assert result.code == 4
        assert [request.headers.get("authorization") for request in other.requests] == [None]


def test_a_key_that_stays_at_its_own_server_is_explained(run: Run, sandbox: Sandbox) -> None:
    add(run, sandbox, "prod")
    with Sandbox() as other:
        words = ("--url", other.url, "--retries", "0")
        message = f"no API key sent: {other.url} is not the server of profile 'prod'"
        for command in (("nodes", "list"), ("clients", "kick", "x", "--yes"), ("keys", "test")):
            result = run(*command, *words)
            assert result.code == 4
            assert message in result.err
            assert "--api-key KEY with EMQXCTL_API_SECRET" in result.err
        assert message in run("status", *words).err
        doctor = run("doctor", *words, "-o", "json")
        finding = next(row for row in doctor.json if row["check"] == "secret")
        assert (finding["code"], finding["result"]) == ("NO_KEY", message)
        assert "--replace" not in finding["fix"]  # which would replace the profile's own server
        no_secret = run("nodes", "list", *words, "--api-key", "k")
        assert no_secret.code == 3
        assert "that of profile 'prod' is only sent to its own server" in no_secret.err
        secret = {"EMQXCTL_API_SECRET": other.api_secret}
        assert run("nodes", "list", *words, "--api-key", other.api_key, env=secret).code == 0


def test_without_a_key_of_a_profile_the_hint_is_the_general_one(run: Run, sandbox: Sandbox) -> None:
    result = run("nodes", "list", "--url", sandbox.url)
    assert result.code == 4
    assert "no credentials in the request" in result.err


def test_a_readonly_profile_sends_no_write(run: Run, sandbox: Sandbox) -> None:
    add(run, sandbox, "prod", "--readonly")
    before = len(sandbox.requests)
    result = run("clients", "kick", "sensor-001", "--yes")
    assert result.code == 14
    assert "read-only" in result.err
    assert len(sandbox.requests) == before


def test_a_protected_profile_requires_its_name(run: Run, sandbox: Sandbox) -> None:
    add(run, sandbox, "prod", "--protected")
    client = next(iter(sandbox.cluster.clients))
    for words in (("--yes",), ("--confirm", "test")):
        result = run("clients", "kick", client, *words)
        assert result.code == 14
        assert "--confirm prod" in result.err
    assert run("clients", "kick", client, "--confirm", "prod").code == 0
    assert client not in sandbox.cluster.clients


def test_a_file_others_may_read_is_refused(run: Run, sandbox: Sandbox, config: Path) -> None:
    add(run, sandbox, "prod")
    config.chmod(0o644)
    result = run("nodes", "list")
    assert result.code == 3
    assert f"chmod 600 {config}" in result.err


def test_a_broken_file_names_its_line(run: Run, config: Path) -> None:
    config.parent.mkdir()
    config.write_text('current = "prod"\n[profiles.prod\n')
    config.chmod(0o600)
    result = run("keys", "list")
    assert result.code == 3
    assert "line 2" in result.err


def test_keys_of_a_newer_emqxctl_are_preserved_with_a_warning(
    run: Run, sandbox: Sandbox, config: Path
) -> None:
    add(run, sandbox, "prod")
    config.write_text(config.read_text() + 'shiny = "new"\n')
    result = run("keys", "rename", "prod", "live")
    assert result.code == 0
    assert "shiny" in result.err
    assert tomllib.loads(config.read_text())["profiles"]["live"]["shiny"] == "new"


def test_an_unknown_profile_has_the_existing_ones_as_hint(run: Run) -> None:
    hint = run("keys", "remove", "prod").err.splitlines()[-1]
    assert hint == "hint: there are no profiles; add one: emqxctl keys add NAME --url URL"
    for name in ("prod", "test"):
        run("keys", "add", name, "--url", "http://h:1", "--no-verify", "--secret-env", "S", "--api-key", "k")
    lines = run("keys", "remove", "prd").err.splitlines()
    assert lines[-2:] == [
        "hint: did you mean prod?",
        "hint: existing profiles: prod, test; show them: emqxctl keys list",
    ]
