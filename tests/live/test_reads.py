"""What only reads: lists equal the raw lists, and failures have their exit codes."""

from typing import Any

import pytest

from tests.live.environment import PREFIX, Emqxctl, RawApi, Server

pytestmark = pytest.mark.live

# Command, operation, and the field that identifies a row.
LISTS = (
    ("nodes list", "/nodes", "node"),
    ("connectors list", "/connectors", "name"),
    ("actions list", "/actions", "name"),
    ("sources list", "/sources", "name"),
    ("bridges list", "/bridges", "name"),
    ("rules list", "/rules", "id"),
    ("rules events", "/rule_events", "event"),
    ("authentication list", "/authentication", "id"),
    ("authorization sources list", "/authorization/sources", "type"),
    ("banned list", "/banned", "who"),
    ("listeners list", "/listeners", "id"),
    ("gateways list", "/gateways", "name"),
    ("exhooks list", "/exhooks", "name"),
    ("traces list", "/trace", "name"),
    ("plugins list", "/plugins", "name"),
    ("topic-metrics list", "/mqtt/topic_metrics", "topic"),
    ("backups list", "/data/files", "filename"),
    ("schemas list", "/schema_registry", "name"),
    ("schema-validations list", "/schema_validations", "name"),
    ("message-transformations list", "/message_transformations", "name"),
    ("message-queues list", "/queues", "name"),
    ("streams list", "/streams", "name"),
    ("ai providers list", "/ai/providers", "name"),
    ("cluster-links list", "/cluster/links", "name"),
)
PAGED = ("/rules", "/banned", "/data/files", "/queues", "/streams")


@pytest.mark.parametrize(
    ("words", "path", "key"), LISTS, ids=[words.replace(" ", "-") for words, *_ in LISTS]
)
def test_a_list_has_the_rows_of_the_api(
    emqxctl: Emqxctl, raw: RawApi, server: Server, words: str, path: str, key: str
) -> None:
    server.require(f"GET {path}")
    response = raw.get(path, {"limit": 1000} if path in PAGED else None)
    assert response.status == 200, response
    rows: list[Any] = emqxctl.read(*words.split())
    assert sorted(row[key] for row in rows) == sorted(row[key] for row in response.rows)
    names = emqxctl.succeed(*words.split(), "-o", "name").splitlines()
    assert len(names) == len(rows)


def test_the_version_is_that_of_the_node(emqxctl: Emqxctl, server: Server) -> None:
    assert {node["version"] for node in emqxctl.read("nodes", "list")} == {server.version}
    status = emqxctl.run("status", "-o", "json")
    assert status.returncode in {0, 8}, status.stderr  # 8: it runs, and has problems such as an alarm
    assert server.version in status.stdout


def test_the_liveness_check_needs_no_key(emqxctl: Emqxctl) -> None:
    ran = emqxctl.run("status", "--alive", env={"EMQXCTL_API_KEY": "", "EMQXCTL_API_SECRET": ""})
    assert ran.returncode == 0, ran.stderr


def test_a_wrong_secret_is_not_authenticated(emqxctl: Emqxctl) -> None:
    ran = emqxctl.run("nodes", "list", env={"EMQXCTL_API_SECRET": "wrong"})
    assert ran.returncode == 4
    assert "wrong" not in ran.stdout + ran.stderr.replace("wrong secret", "").replace("wrong key", "")


def test_waiting_for_the_nodes_ends_at_once(emqxctl: Emqxctl, server: Server) -> None:
    emqxctl.succeed("wait", "--for", f"nodes={len(server.nodes)}", "--timeout", "20s")


@pytest.mark.parametrize("words", ["metrics get", "stats get", "monitor", "cluster get"])
def test_counters_are_objects(emqxctl: Emqxctl, words: str) -> None:
    assert isinstance(emqxctl.read(*words.split()), dict)


def test_the_configuration_is_shown_as_hocon_and_as_fields(emqxctl: Emqxctl, raw: RawApi) -> None:
    shown = emqxctl.read("configs", "get", "alarm")
    response = raw.get("/configs/alarm")
    assert shown == response.body
    assert "alarm" in emqxctl.succeed("configs", "get", "--key", "alarm")


@pytest.mark.parametrize(
    "words", ["clients get", "rules get", "listeners get", "banned delete clientid", "clients kick"]
)
def test_what_does_not_exist_is_not_found(emqxctl: Emqxctl, words: str) -> None:
    name = f"tcp:{PREFIX}_absent" if words.startswith("listeners") else f"{PREFIX}-absent"
    flags = ["--yes"] if words.endswith(("clientid", "kick")) else []
    ran = emqxctl.run(*words.split(), name, *flags)
    assert ran.returncode == 6, f"{ran.returncode}: {ran.stderr}"
    assert "hint:" in ran.stderr
