"""Values that need no cluster: choices, fields, profiles, checks, conditions, files."""

from pathlib import Path

import pytest

from tests.support.completion import press_tab

VALUES: tuple[tuple[str, list[str]], ...] = (
    ("clients list --conn-state ", ["connected", "idle", "disconnected"]),
    ("clients list --conn-state=d", ["--conn-state=disconnected"]),
    ("nodes list -o j", ["json", "jsonl"]),
    ("nodes list --color ", ["auto", "always", "never"]),
    ("-p ", ["prod", "test-eu", "sandbox"]),
    ("keys use ", ["prod", "test-eu", "sandbox"]),
    ("keys add ", []),
    ("nodes list -p prod,te", ["prod,test-eu"]),
    ("clients list --fields clientid,username,mqueue_l", ["clientid,username,mqueue_len"]),
    ("clients list --sort clientid,-mqueue_l", ["clientid,-mqueue_len"]),
    ("clients list --where mqueue_l", ["mqueue_len"]),
    ("clients list --where 'username=a and mqueue_l", ["username=a and mqueue_len"]),
    ("rules get --fields sq", ["sql"]),
    ("check --only nodes,mem", ["nodes,memory"]),
    ("check --crit mem", ["memory="]),
    ("wait --for cl", ["cluster=healthy", "client/"]),
    ("wait --for rule/a=", ["rule/a=enabled", "rule/a=disabled", "rule/a=gone"]),
    ("traces create t ", ["clientid", "topic", "ip_address", "ruleid"]),
    ("exhooks move a ", ["front", "rear", "before:", "after:"]),
    ("errors BAD_API", ["BAD_API_KEY_OR_SECRET"]),
    ("help clients wh", ["why"]),
    ("api GET /cluster/t", ["/cluster/topology"]),
    ("export --only auto_", ["auto_subscribe"]),
    ("top clients --sort -mqueue_l", ["-mqueue_len"]),
    ("completion f", ["fish"]),
    ("clients list --conn-", ["--conn-state"]),
    ("clients w", ["why"]),
    ("rules create ", []),
    ("connectors create ht", ["http:"]),
    ("authorization sources create re", ["redis"]),
    ("connectors create http:x --set resource_opts.health_check_i", ["resource_opts.health_check_interval="]),
    ("rules create x --set descr", ["description="]),
    ("connectors create http:x --set pool_type=", ["pool_type=random", "pool_type=hash"]),
    ("actions create http:x --method p", ["post", "put"]),
    ("explain connectors ht", ["http"]),
    ("explain connectors http connect_", ["connect_timeout"]),
)
FILES = (
    "apply -f ",
    "publish t -f ",
    "nodes list --ca-file ",
    "backups get x --output-file ",
    "certs upload a --key ",
    "publish-bulk ",
    "keys add a --secret-file=x",
)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """Return the environment of a user with two profiles."""
    config = '[profiles.prod]\nurl = "http://127.0.0.1:1"\n[profiles.test-eu]\nurl = "http://127.0.0.1:2"\n'
    (tmp_path / "config.toml").write_text(config)
    return {"EMQXCTL_CONFIG": str(tmp_path), "EMQXCTL_COMPLETE_OFFLINE": "1"}


def test_values_are_those_that_the_command_takes(env: dict[str, str]) -> None:
    offered = {line: press_tab(line, env).values for line, _ in VALUES}
    assert {line: offered[line] for line, values in VALUES if offered[line] != values} == {}


def test_files_are_completed_only_where_files_are_meant(env: dict[str, str]) -> None:
    assert [line for line in FILES if press_tab(line, env).lines != ["files"]] == []
    assert [line for line, _ in VALUES if press_tab(line, env).lines[:1] == ["files"]] == []
