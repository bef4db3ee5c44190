"""`emqxctl actions`: the table, the typed options, what EMQX says against a body."""

from collections.abc import Iterator

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay
from tests.support.sandboxes import sandbox_env


def test_the_table_shows_what_works_and_who_needs_it(run: Run) -> None:
    outcome = replay(run, [find_exchange("GET /actions", "plain")], "actions", "list")
    lines = outcome.result.out.splitlines()
    assert lines[0].split() == ["ID", "CONNECTOR", "ENABLED", "STATUS", "RULES", "REASON"]
    assert "http:post-dead         webhook-dead  true     disconnected  failing" in lines[1]
    assert lines[1].endswith("Resource not operational")
    assert "multi-line, to-webhook" in lines[3]


def test_the_typed_options_make_the_body(run: Run) -> None:
    words = (
        *("actions", "create", "http:rec-act", "--connector", "rec-http", "--method", "post"),
        *("--path", "/x", "--body", "${payload}", "--set", "resource_opts.inflight_window=7"),
    )
    outcome = replay(run, [find_exchange("POST /actions", "http")], *words, "--json")
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.calls == ["POST /actions"]
    assert outcome.bodies == [
        {
            "type": "http",
            "name": "rec-act",
            "connector": "rec-http",
            "parameters": {"method": "post", "path": "/x", "body": "${payload}"},
            "resource_opts": {"inflight_window": 7},
        }
    ]
    assert outcome.result.json["id"] == "http:rec-act"


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("already exists", "already exists"),
        ("unknown connector", "emqxctl: connector 'http:c' does not exist [BAD_REQUEST]"),
        ("bad method", "method"),
        ("no parameters", "parameters"),
        ("bad name", "must begin with a letter or number"),
    ],
)
def test_what_emqx_refuses_is_exit_7_in_plain_words(run: Run, title: str, text: str) -> None:
    outcome = replay(
        run, [find_exchange("POST /actions", title)], "actions", "create", "http:x", "--connector", "c"
    )
    assert (outcome.result.code, outcome.result.out) == (7, "")
    assert text in outcome.result.err
    assert '\\"' not in outcome.result.err


def test_an_update_to_an_unknown_connector_names_it(run: Run, cluster: Sandbox) -> None:
    result = run("actions", "update", "http:forward-billing", "--connector", "nope")
    assert result.code == 7
    assert "emqxctl: connector 'http:nope' does not exist" in result.err
    assert "hint: list connectors: emqxctl connectors list" in result.err


def test_an_action_that_cannot_work_yet_is_created_with_a_doubt(run: Run) -> None:
    words = ("actions", "create", "mqtt:x", "--connector", "c", "--topic", "t")
    outcome = replay(run, [find_exchange("POST /actions", "mqtt on a dead connector")], *words)
    assert outcome.result.code == 0, outcome.result.err
    assert "its status is disconnected" in outcome.result.err
    assert "it is" not in replay(run, [find_exchange("POST /actions", "http")], *words).result.err


def test_types_are_names(run: Run) -> None:
    outcome = replay(run, [find_exchange("GET /action_types", "plain")], "actions", "types", "-o", "name")
    assert outcome.result.out == "http\nmqtt\n"


def test_the_summary_is_another_list(run: Run) -> None:
    outcome = replay(run, [find_exchange("GET /actions_summary", "plain")], "actions", "summary")
    assert outcome.calls == ["GET /actions_summary"]
    assert "http:post-dead" in outcome.result.out


def test_the_summary_came_with_5_8_5(run: Run) -> None:
    script = [
        make_exchange(
            "GET /actions_summary", 404, {"code": "NOT_FOUND", "message": "Request Path Not Found"}
        ),
        make_exchange("GET /status", 200, {"node_name": "e@x", "rel_vsn": "v5.8.1", "app_status": "running"}),
    ]
    outcome = replay(run, script, "actions", "summary")
    assert outcome.result.code == 13
    assert "requires EMQX 5.8.5 or later (this is 5.8.1)" in outcome.result.err


def test_the_qos_of_an_action_is_checked(run: Run) -> None:
    words = ("create", "mqtt:up", "--connector", "c", "--topic", "t", "--qos")
    outcome = replay(run, [], "actions", *words, "5")
    assert (outcome.result.code, outcome.calls) == (2, [])
    assert "invalid --qos 5: use 0, 1, 2" in outcome.result.err
    created = make_exchange("POST /actions", 201, {"type": "mqtt", "name": "up"})
    assert replay(run, [created], "actions", *words, "2").bodies[0]["parameters"]["qos"] == 2


def test_a_connector_may_be_named_with_its_type(run: Run) -> None:
    created = make_exchange("POST /actions", 201, {"type": "http", "name": "a"})
    words = ("actions", "create", "http:a", "--method", "post", "--connector")
    assert replay(run, [created], *words, "http:warehouse").bodies[0]["connector"] == "warehouse"
    assert replay(run, [created], *words, "warehouse").bodies[0]["connector"] == "warehouse"
    refused = replay(run, [created], *words, "mqtt:warehouse")
    assert (refused.result.code, refused.calls) == (2, [])
    assert "not of type http" in refused.result.err


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
    assert (result.code, "--fallback-action requires EMQX 5.9 or later" in result.err) == (13, True)
    result = run("actions", "update", ACTION, "--set", "fallback_actions=[]")
    assert (result.code, "fallback actions require EMQX 5.9.0 or later" in result.err) == (7, True)
