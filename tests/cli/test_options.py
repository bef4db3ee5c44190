"""Shared options: before the group and after the command, by the order of precedence."""

from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run


def test_options_are_accepted_before_the_group_and_after_the_command(run: Run, cluster: Sandbox) -> None:
    before = run("-o", "json", "nodes", "list")
    after = run("nodes", "list", "-o", "json")
    assert before.code == after.code == 0
    assert [row["node"] for row in before.json] == [row["node"] for row in after.json]
    assert len(before.json) == 3


def test_the_option_after_the_command_takes_precedence(run: Run, cluster: Sandbox) -> None:
    assert run("-o", "yaml", "nodes", "list", "-o", "json").json


@pytest.mark.parametrize(
    ("option", "variable", "preference", "expected"),
    [
        ("json", "yaml", "csv", "json"),
        (None, "json", "csv", "json"),
        (None, None, "json", "json"),
    ],
)
def test_options_override_variables_and_variables_override_preferences(
    run: Run,
    cluster: Sandbox,
    home: Path,
    *,
    option: str | None,
    variable: str | None,
    preference: str,
    expected: str,
) -> None:
    (home / "config").mkdir()
    (home / "config" / "preferences.toml").write_text(f'output = "{preference}"\n')
    words = ["-o", option] if option else []
    result = run("nodes", "list", *words, env={"EMQXCTL_OUTPUT": variable} if variable else {})
    assert expected == "json"
    assert len(result.json) == 3


def test_json_is_short_for_o_json(run: Run, cluster: Sandbox) -> None:
    assert len(run("nodes", "list", "--json").json) == 3


def test_the_secret_on_the_command_line_is_refused(run: Run, cluster: Sandbox) -> None:
    result = run("nodes", "list", "--api-secret", "s3cret-value")
    assert result.code == 2
    assert "--api-secret-file" in result.err
    assert "s3cret-value" not in result.err
    assert cluster.requests == []


@pytest.mark.parametrize("option", [("--limit", "5"), ("--sort", "node"), ("--where", "node=x")])
def test_list_options_are_refused_where_nothing_is_listed(
    run: Run, cluster: Sandbox, option: tuple[str, str]
) -> None:
    for words in ([*option, "cluster", "get"], ["cluster", "get", *option]):
        result = run(*words)
        assert result.code == 2
        assert option[0] in result.err
    assert cluster.requests == []


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("EMQXCTL_TIMEOUT", "soon"),
        ("EMQXCTL_INSECURE", "maybe"),
        ("EMQXCTL_OUTPUT", "xml"),
        ("EMQXCTL_RETRIES", "x"),
    ],
)
def test_a_bad_variable_is_named(run: Run, cluster: Sandbox, variable: str, value: str) -> None:
    result = run("nodes", "list", env={variable: value})
    assert result.code == 3
    assert variable in result.err
    assert value in result.err
    assert cluster.requests == []


def test_a_usage_error_is_json_with_json_output(run: Run) -> None:
    for words in (["nodes", "lst", "-o", "json"], ["--json", "nodes", "lst"], ["-ojsonl", "nodes", "lst"]):
        result = run(*words)
        assert result.code == 2
        assert result.stdout == b""
        assert result.error["code"] == "USAGE"
        assert "list" in result.error["hint"]


def test_a_group_without_a_command_shows_its_help_as_a_usage_error(run: Run) -> None:
    for words, part in (((), "Messaging:"), (("clients",), "kick")):
        result = run(*words)
        assert (result.code, result.out) == (2, "")
        assert result.err.startswith("Usage: emqxctl")
        assert part in result.err
        assert run(*words, "--help").code == 0


ON_THE_COMMAND_LINE_ONLY = {
    "ALL": "1",
    "WHERE": "clientid~.",
    "YES": "1",
    "IDS": "ids.txt",
    "RESUME": "report.jsonl",
    "CONFIRM": "prod",
    "LIMIT": "1",
}


@pytest.mark.parametrize("name", ON_THE_COMMAND_LINE_ONLY)
def test_a_variable_neither_selects_targets_nor_confirms(run: Run, cluster: Sandbox, name: str) -> None:
    env = {f"EMQXCTL_{name}": ON_THE_COMMAND_LINE_ONLY[name]}
    before = set(cluster.cluster.clients)
    warning = f"warning: EMQXCTL_{name} is ignored: --{name.lower()} is read from the command line only\n"
    result = run("clients", "kick", env=env)
    assert result.code == 2  # no clients are selected
    assert warning in result.err
    assert run("clients", "kick", "--all", env=env).code == 14  # nobody has confirmed
    assert len(run("clients", "list", "-o", "json", env=env).json) == len(before)
    assert set(cluster.cluster.clients) == before
    assert f"EMQXCTL_{name}" not in run("help", "environment", "-o", "name").out.split()


def test_a_variable_does_not_confirm_for_a_protected_profile(run: Run, cluster: Sandbox, home: Path) -> None:
    config = home / "config" / "config.toml"
    config.parent.mkdir()
    key = f'api_key = "{cluster.api_key}"\napi_secret = "{cluster.api_secret}"\n'
    config.write_text(f'[profiles.prod]\nurl = "{cluster.url}"\n{key}protected = true\n')
    config.chmod(0o600)
    result = run("-p", "prod", "clients", "kick", "--all", env={"EMQXCTL_CONFIRM": "prod"})
    assert result.code == 14
    assert "warning: EMQXCTL_CONFIRM is ignored" in result.err


def test_an_empty_variable_is_ignored(run: Run, cluster: Sandbox) -> None:
    assert run("nodes", "list", env={"EMQXCTL_YES": ""}).err == ""


def test_a_preferred_limit_does_not_narrow_what_is_changed(run: Run, cluster: Sandbox, home: Path) -> None:
    (home / "config").mkdir()
    (home / "config" / "preferences.toml").write_text("limit = 1\n")
    result = run("clients", "kick", "--all", "--dry-run", "-o", "json")
    assert len(result.json) == len(cluster.cluster.clients)
