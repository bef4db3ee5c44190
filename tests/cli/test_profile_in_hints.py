"""The profile in commands of hints, notes and reports: they are for the cluster of the run."""

import json
from pathlib import Path

import pytest

from emqxctl.cli.profile_in_hints import name_profile
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run


@pytest.fixture
def _config(home: Path, sandbox: Sandbox) -> None:
    """Write two profiles of the sandbox, of which `prod` is current."""
    profile = f'url = "{sandbox.url}"\napi_key = "{sandbox.api_key}"\napi_secret = "{sandbox.api_secret}"\n'
    path = home / "config" / "config.toml"
    path.parent.mkdir()
    path.write_text(f'current = "prod"\n[profiles.prod]\n{profile}[profiles.staging]\n{profile}')
    path.chmod(0o600)


@pytest.mark.usefixtures("_config")
def test_hints_name_the_profile_unless_it_is_used_anyway(run: Run) -> None:
    named, plain = "list clients: emqxctl -p staging clients list;", "list clients: emqxctl clients list;"
    assert named in run("-p", "staging", "clients", "get", "nope").err
    assert named in run("clients", "get", "nope", "-p", "staging", "-o", "json").err
    assert named in run("-p", "staging", "clients", "get", "nope", "no").err
    assert plain in run("-p", "prod", "clients", "get", "nope").err
    assert plain in run("clients", "get", "nope").err
    assert plain in run("-p", "staging", "clients", "get", "nope", env={"EMQXCTL_PROFILE": "staging"}).err
    several = run("-p", "staging,prod", "clients", "get", "nope").err
    assert named in several
    assert plain in several


@pytest.mark.usefixtures("_config")
def test_next_steps_name_the_profile(run: Run) -> None:
    command = "emqxctl -p staging banned delete clientid rogue-01"
    assert f"NEXT STEPS\n{command}\n" in run("-p", "staging", "clients", "why", "rogue-01").out
    report = json.loads(run("-p", "staging", "clients", "why", "rogue-01", "-o", "json").out)
    assert report["causes"][0]["next_step"] == command


def test_only_commands_for_a_cluster_name_a_profile() -> None:
    for text in (
        "list profiles: emqxctl keys list",
        "emqxctl rules create --help",
        "emqxctl -p prod status",
        "rejected by emqxctl: rules",
        "emqxctl rulesets",
        "this is a bug in emqxctl before 1.0",
    ):
        assert name_profile(text, "a b") == text
    hint = "options: emqxctl rules create --help; fields: emqxctl explain rules; emqxctl topic-metrics list"
    assert name_profile(hint, "a b") == (
        "options: emqxctl rules create --help; fields: emqxctl -p 'a b' explain rules; "
        "emqxctl -p 'a b' topic-metrics list"
    )
    assert name_profile("emqxctl rules list", "") == "emqxctl rules list"
