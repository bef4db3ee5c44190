"""Fallback actions and tags of actions, sources and connectors."""

from collections.abc import Iterator

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.sandboxes import sandbox_env

ACTION, SOURCE, CONNECTOR = "http:store-telemetry", "mqtt:cloud-commands", "http:telemetry-store"
REPUBLISH = '{"kind": "republish", "args": {"topic": "lost"}}'


@pytest.fixture
def enterprise(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Point the environment at a simulated EMQX 6.2.2."""
    with Sandbox(edition="enterprise") as sandbox:
        for name, value in sandbox_env(sandbox).items():
            monkeypatch.setenv(name, value)
        yield sandbox


def test_an_update_keeps_what_this_edition_adds(run: Run, enterprise: Sandbox) -> None:
    for group, key, option in (("actions", ACTION, "--path=/x"), ("sources", SOURCE, "--qos=0")):
        assert run(group, "update", key, option).code == 0
    rows = {group: run(group, "list", "--json").json for group in ("actions", "sources", "connectors")}
    assert {"fallback_actions" in row for row in rows["actions"]} == {True}
    assert {"fallback_actions" in row for row in rows["sources"] + rows["connectors"]} == {False}


def test_fallback_actions_are_ids_or_json(run: Run, enterprise: Sandbox) -> None:
    options = ("--fallback-action", "mqtt:mirror-status", "--fallback-action", REPUBLISH)
    assert run("actions", "update", ACTION, *options).code == 0
    row = run("actions", "get", ACTION, "--json").json
    assert row["fallback_actions"] == [
        {"kind": "reference", "type": "mqtt", "name": "mirror-status"},
        {"kind": "republish", "args": {"topic": "lost"}},
    ]
    assert run("actions", "update", ACTION, "--path", "/y").code == 0
    assert run("actions", "get", ACTION, "--json").json["fallback_actions"] == row["fallback_actions"]


def test_a_fallback_action_without_a_type_is_refused_here(run: Run, enterprise: Sandbox) -> None:
    assert run("actions", "update", ACTION, "--fallback-action", "archive").code == 2
    assert run("sources", "update", SOURCE, "--fallback-action", ACTION).code == 2
    assert [request for request in enterprise.requests if request.method != "GET"] == []


def test_tags_are_set_on_actions_sources_and_connectors(run: Run, enterprise: Sandbox) -> None:
    for group, key in (("actions", ACTION), ("sources", SOURCE), ("connectors", CONNECTOR)):
        assert run(group, "update", key, "--tag", "a", "--tag", "b").code == 0
        assert run(group, "get", key, "--json").json["tags"] == ["a", "b"]


def test_an_older_emqx_names_the_version_that_has_fallback_actions(run: Run, cluster: Sandbox) -> None:
    result = run("actions", "update", ACTION, "--fallback-action", "mqtt:mirror-status")
    assert (result.code, "fallback actions require EMQX 5.9.0 or later" in result.err) == (7, True)
