"""What connectors, actions, sources and bridges share: ids, bodies, users, states, former names."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import ReplayedRun, make_exchange, replay

KINDS = ("connectors", "actions", "sources", "bridges")
ID = {
    "connectors": "http:webhook-sink",
    "actions": "http:post-telemetry",
    "sources": "mqtt:from-node2",
    "bridges": "mqtt:rec-br",
}
ONE = {
    "connectors": find_exchange("GET /connectors/{id}", "id http:webhook-sink"),
    "actions": find_exchange("GET /actions/{id}", "id http:post-telemetry"),
    "sources": find_exchange("GET /sources/{id}", "id mqtt:from-node2"),
    "bridges": find_exchange("GET /bridges/{id}", "mqtt"),
}
OLD = make_exchange("GET /status", 200, {"node_name": "e@x", "rel_vsn": "v5.0.9", "app_status": "running"})
NO_PATH: dict[str, Any] = {"code": "API_NOT_EXIST", "message": "Request Path Not Found"}


@pytest.mark.parametrize("kind", KINDS)
def test_rows_have_the_id_that_other_commands_take(run: Run, kind: str) -> None:
    exchange = find_exchange(f"GET /{kind}", "plain")
    outcome = replay(run, [exchange], kind, "list", "--json")
    assert [row["id"] for row in outcome.result.json] == [
        f"{row['type']}:{row['name']}" for row in exchange.body
    ]
    assert [{key: row[key] for key in row if key != "id"} for row in outcome.result.json] == exchange.body
    names = replay(run, [exchange], kind, "list", "-o", "name").result.out.splitlines()
    assert names == [row["id"] for row in outcome.result.json]


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_cluster_has_none(run: Run, kind: str) -> None:
    outcome = replay(run, [find_exchange(f"GET /{kind}", "empty cluster")], kind, "list", "--json")
    assert (outcome.result.code, outcome.result.json) == (0, [])


@pytest.mark.parametrize("kind", KINDS)
def test_rows_may_lack_everything(run: Run, kind: str) -> None:
    outcome = replay(
        run, [make_exchange(f"GET /{kind}", 200, [{}, {"type": "http"}, {"status": None}])], kind, "list"
    )
    assert outcome.result.code == 0, outcome.result.err
    assert len(outcome.result.out.splitlines()) == 4


@pytest.mark.parametrize("kind", KINDS)
def test_get_gives_the_id_and_all_that_was_sent(run: Run, kind: str) -> None:
    outcome = replay(run, [ONE[kind]], kind, "get", ID[kind], "--json")
    assert outcome.calls == [f"GET /{kind}/{ID[kind].replace(':', '%3A')}"]
    assert outcome.result.json == {"id": ID[kind], **ONE[kind].body}


@pytest.mark.parametrize("kind", ["connectors", "actions", "sources"])
def test_get_of_an_unknown_one_is_exit_6(run: Run, kind: str) -> None:
    script = [make_exchange(f"GET /{kind}/http:nope", 404, {"code": "NOT_FOUND", "message": "lookup failed"})]
    outcome = replay(run, script, kind, "get", "http:nope")
    assert outcome.result.code == 6
    assert f"{kind[:-1]} 'http:nope' not found" in outcome.result.err


@pytest.mark.parametrize("kind", KINDS)
def test_update_sends_the_whole_without_what_emqx_computes(run: Run, kind: str) -> None:
    answer = make_exchange(f"PUT /{kind}/{ID[kind]}", 200, {**ONE[kind].body, "description": "new"})
    outcome = replay(run, [ONE[kind], answer], kind, "update", ID[kind], "--set", "description=new", "--json")
    assert outcome.result.code == 0, outcome.result.err  # and fits EMQX's documents, which `talk` checks
    assert outcome.calls[1].startswith("PUT ")
    body = outcome.bodies[0]
    assert body["description"] == "new"
    removed_fields = set(ONE[kind].body) - set(body)
    assert removed_fields <= {
        *("name", "type", "status", "status_reason", "node_status", "error"),
        *("created_at", "last_modified_at", "rules", "actions", "sources"),
    }
    assert {key: body[key] for key in body if key != "description"} == {
        key: value for key, value in ONE[kind].body.items() if key not in removed_fields | {"description"}
    }
    assert outcome.result.json["id"] == ID[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_what_get_gave_can_be_sent_back_from_a_file(run: Run, kind: str, tmp_path: Path) -> None:
    file = tmp_path / "one.json"
    file.write_bytes(replay(run, [ONE[kind]], kind, "get", ID[kind], "--json").result.stdout)
    answer = make_exchange(f"PUT /{kind}/{ID[kind]}", 200, ONE[kind].body)
    outcome = replay(run, [ONE[kind], answer], kind, "update", ID[kind], "-f", str(file))
    assert outcome.result.code == 0, outcome.result.err
    assert not {"id", "type", "name", "status", "node_status"} & set(outcome.bodies[0])


def test_a_stored_secret_goes_back_masked_because_emqx_keeps_it(run: Run) -> None:
    answer = make_exchange("PUT /connectors/http:webhook-sink", 200, ONE["connectors"].body)
    words = ("connectors", "update", "http:webhook-sink", "--pool-size", "3")
    outcome = replay(run, [ONE["connectors"], answer], *words)
    assert outcome.bodies[0]["headers"]["authorization"] == "******"
    assert outcome.bodies[0]["pool_size"] == 3


def test_a_new_thing_cannot_be_made_of_a_masked_secret(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "copy.json"
    file.write_text(json.dumps(ONE["connectors"].body))
    outcome = replay(run, [], "connectors", "create", "http:copy", "-f", str(file))
    assert (outcome.result.code, outcome.calls) == (14, [])
    assert "headers.authorization" in outcome.result.err
    words = ("connectors", "create", "http:copy", "-f", str(file), "--set", "headers.authorization=Basic abc")
    outcome = replay(
        run, [make_exchange("POST /connectors", 201, {"type": "http", "name": "copy"})], *words, "--json"
    )
    assert outcome.result.code == 0, outcome.result.err
    assert (outcome.bodies[0]["name"], outcome.bodies[0]["headers"]["authorization"]) == (
        "copy",
        "Basic abc",
    )
    assert not {"status", "actions", "sources", "node_status"} & set(outcome.bodies[0])
    assert outcome.result.json["id"] == "http:copy"


def test_a_body_about_another_thing_changes_nothing(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text(json.dumps({"type": "http", "name": "other", "url": "http://x"}))
    outcome = replay(run, [ONE["connectors"]], "connectors", "update", "http:webhook-sink", "-f", str(file))
    assert (outcome.result.code, outcome.calls) == (2, [])
    assert "the body has name 'other'" in outcome.result.err


@pytest.mark.parametrize("kind", KINDS)
def test_update_of_nothing_is_refused_here(run: Run, kind: str) -> None:
    outcome = replay(run, [ONE[kind]], kind, "update", ID[kind])
    assert (outcome.result.code, outcome.calls) == (2, [])


@pytest.mark.parametrize("kind", KINDS)
def test_update_of_an_unknown_one_sends_no_change(run: Run, kind: str) -> None:
    script = [make_exchange(f"GET /{kind}/http:nope", 404, {"code": "NOT_FOUND", "message": "lookup failed"})]
    outcome = replay(run, script, kind, "update", "http:nope", "--set", "description=x")
    assert (outcome.result.code, outcome.calls) == (
        6,
        [f"GET /{kind}/http%3Anope", *([f"GET /{kind}"] if kind != "bridges" else [])],
    )


def test_a_dry_run_of_update_shows_the_difference(run: Run) -> None:
    words = ("actions", "update", ID["actions"], "--path", "/v2", "--dry-run")
    outcome = replay(run, [ONE["actions"]], *words)
    assert outcome.calls == ["GET /actions/http%3Apost-telemetry"]
    changed = [line for line in outcome.result.out.splitlines() if re.match(r"[-+] ", line)]
    assert changed == ['-    "path": "/telemetry"', '+    "path": "/v2"']


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("key", ["nonsense", "http:", ":name"])
def test_create_wants_a_type_and_a_name(run: Run, kind: str, key: str) -> None:
    outcome = replay(run, [], kind, "create", key, "--enable")
    assert (outcome.result.code, outcome.calls) == (2, [])
    assert "TYPE:NAME" in outcome.result.err


# --- delete: who uses it


def test_deleting_what_rules_use_names_them_and_the_way_out(run: Run) -> None:
    script = [
        find_exchange("GET /actions/{id}", "just created"),
        find_exchange("DELETE /actions/{id}", "in use by a rule"),
    ]
    outcome = replay(run, script, "actions", "delete", "http:rec-act", "--yes", "-o", "json")
    assert outcome.result.code == 7
    assert outcome.calls[-1] == "DELETE /actions/http%3Arec-act"
    assert "rec-dep" in outcome.result.error["message"]
    assert outcome.result.error["rules"] == ["rec-dep"]
    assert "--with-actions" in outcome.result.error["hint"]


@pytest.mark.parametrize("option", ["--with-actions", "--with-dependants"])
@pytest.mark.parametrize("kind", ["actions", "sources", "bridges"])
def test_with_actions_asks_the_server_to_cascade(run: Run, kind: str, option: str) -> None:
    body = {"type": "mqtt", "name": "x", "rules": ["a", "b"]}
    script = [make_exchange(f"GET /{kind}/mqtt:x", 200, body), make_exchange(f"DELETE /{kind}/mqtt:x", 204)]
    outcome = replay(run, script, kind, "delete", "mqtt:x", option, "--yes")
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.calls[-1] == f"DELETE /{kind}/mqtt%3Ax?also_delete_dep_actions=true"
    assert "rules a, b" in outcome.result.err


def test_the_users_of_a_connector_are_named_before_it_goes(run: Run) -> None:
    script = [find_exchange("GET /connectors/{id}", "id mqtt:to-node2")]
    outcome = replay(run, script, "connectors", "delete", "mqtt:to-node2")
    assert (outcome.result.code, len(outcome.calls)) == (14, 1)
    assert "actions forward-alerts, forward-disabled and sources from-node2" in outcome.result.err


def test_a_connector_in_use_tells_what_to_delete_first(run: Run) -> None:
    body = {"code": "BAD_REQUEST", "message": "Cannot delete connector while there are active channels"}
    script = [
        find_exchange("GET /connectors/{id}", "id mqtt:to-node2"),
        make_exchange("DELETE /connectors/mqtt:to-node2", 400, body),
    ]
    outcome = replay(run, script, "connectors", "delete", "mqtt:to-node2", "--yes")
    assert outcome.result.code == 7
    assert "active channels (used by actions forward-alerts, forward-disabled and" in outcome.result.err
    assert "hint: delete these first" in outcome.result.err


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_deleted_without_confirmation(run: Run, kind: str) -> None:
    outcome = replay(run, [ONE[kind]], kind, "delete", ID[kind])
    assert outcome.result.code == 14
    assert not [call for call in outcome.calls if not call.startswith("GET ")]


@pytest.mark.parametrize("kind", KINDS)
def test_several_are_deleted_and_each_is_accounted_for(run: Run, kind: str) -> None:
    not_found = {"code": "NOT_FOUND", "message": "lookup failed"}
    script = [
        make_exchange(f"GET /{kind}/http:a", 200, {}),
        make_exchange(f"GET /{kind}/http:b", 404, not_found),
        make_exchange(f"DELETE /{kind}/http:a", 204),
        make_exchange(f"DELETE /{kind}/http:b", 404, not_found),
    ]
    outcome = replay(run, script, kind, "delete", "http:a", "http:b", "--yes", "--json")
    assert outcome.result.code == 9
    assert [(row["id"], row["status"]) for row in outcome.result.json] == [
        ("http:a", "done"),
        ("http:b", "failed"),
    ]


@pytest.mark.parametrize("key", ["", ".", ".."])
@pytest.mark.parametrize(
    "words",
    [("get",), ("delete", "--yes"), ("enable",), ("start",), ("restart", "--yes"), ("test",), ("update",)],
)
def test_what_would_widen_a_call_is_refused(run: Run, words: tuple[str, ...], key: str) -> None:
    more = ("--set", "a=1") if words == ("update",) else ()
    outcome = replay(run, [], "connectors", *words, *more, key)
    assert (outcome.result.code, outcome.calls) == (2, [])


# --- states


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("verb", "value"), [("enable", "true"), ("disable", "false")])
def test_a_switch_is_one_put_after_the_object_was_found(run: Run, kind: str, verb: str, value: str) -> None:
    outcome = replay(
        run, [make_exchange(f"PUT /{kind}/mqtt:x/enable/{value}", 204)], kind, verb, "mqtt:x", "--json"
    )
    assert outcome.result.code == 0, outcome.result.err
    reads = [] if kind == "bridges" else [f"GET /{kind}/mqtt%3Ax"]
    calls = [*reads, f"PUT /{kind}/mqtt%3Ax/enable/{value}"]
    assert (outcome.calls, outcome.bodies) == (calls, [])
    assert outcome.result.json == {"id": "mqtt:x"}


@pytest.mark.parametrize("kind", KINDS)
def test_start_is_for_every_node_or_for_one(run: Run, kind: str) -> None:
    script = [
        make_exchange(f"POST /{kind}/mqtt:x/start", 204),
        make_exchange(f"POST /nodes/emqx2@127.0.0.1/{kind}/mqtt:x/start", 204),
    ]
    assert replay(run, script, kind, "start", "mqtt:x").calls == [f"POST /{kind}/mqtt%3Ax/start"]
    outcome = replay(run, script, kind, "start", "mqtt:x", "--node", "emqx2@127.0.0.1")
    assert outcome.calls == [f"POST /nodes/emqx2%40127.0.0.1/{kind}/mqtt%3Ax/start"]
    assert "emqx2@127.0.0.1" in outcome.result.err


@pytest.mark.parametrize("kind", ["connectors", "sources", "bridges"])
def test_an_unknown_node_is_exit_6(run: Run, kind: str) -> None:
    failure = find_exchange(f"POST /nodes/{{node}}/{kind}/{{id}}/{{operation}}", "unknown node")
    key = failure.path.split("/")[-2].replace("%3A", ":")
    outcome = replay(run, [failure], kind, "start", key, "--node", "emqx9@127.0.0.1")
    assert outcome.result.code == 6
    assert "emqx9@127.0.0.1" in outcome.result.err


def test_a_dead_target_is_told_in_plain_words(run: Run) -> None:
    failure = find_exchange("POST /actions/{id}/{operation}", "start with a dead connector")
    outcome = replay(run, [failure], "actions", "start", "http:post-dead")
    assert outcome.result.code == 7
    assert "Connection refused" in outcome.result.err


@pytest.mark.parametrize("kind", ["connectors", "actions", "sources"])
def test_restart_disables_and_enables(run: Run, kind: str) -> None:
    script = [
        ONE[kind],
        make_exchange(f"PUT /{kind}/{ID[kind]}/enable/false", 204),
        make_exchange(f"PUT /{kind}/{ID[kind]}/enable/true", 204),
    ]
    outcome = replay(run, script, kind, "restart", ID[kind], "--yes")
    assert outcome.result.code == 0, outcome.result.err
    key = ID[kind].replace(":", "%3A")
    assert outcome.calls[1:] == [f"PUT /{kind}/{key}/enable/false", f"PUT /{kind}/{key}/enable/true"]
    assert replay(run, script, kind, "restart", ID[kind]).result.code == 14


def test_restart_does_not_enable_what_is_disabled(run: Run) -> None:
    script = [find_exchange("GET /actions/{id}", "id mqtt:forward-disabled")]
    outcome = replay(run, script, "actions", "restart", "mqtt:forward-disabled", "--yes")
    assert (outcome.result.code, len(outcome.calls)) == (14, 1)
    assert "emqxctl actions enable mqtt:forward-disabled" in outcome.result.err


def test_a_restart_that_stops_half_way_says_what_is_left(run: Run) -> None:
    script = [
        ONE["actions"],
        make_exchange(f"PUT /actions/{ID['actions']}/enable/false", 204),
        make_exchange(
            f"PUT /actions/{ID['actions']}/enable/true", 500, {"code": "INTERNAL_ERROR", "message": "boom"}
        ),
    ]
    outcome = replay(run, script, "actions", "restart", ID["actions"], "--yes")
    assert outcome.result.code == 10
    assert "is now disabled" in outcome.result.err
    assert f"hint: enable it: emqxctl actions enable {ID['actions']}" in outcome.result.err


# --- tests of definitions


@pytest.mark.parametrize("kind", KINDS)
def test_an_existing_one_is_tested_as_it_is_with_changes_on_top(run: Run, kind: str) -> None:
    script = [ONE[kind], make_exchange(f"POST /{kind}_probe", 204)]
    outcome = replay(run, script, kind, "test", ID[kind], "--set", "description=probe", "--json")
    assert outcome.result.code == 0, outcome.result.err
    body = outcome.bodies[0]
    assert f"{body['type']}:{body['name']}" == ID[kind]
    assert body["description"] == "probe"
    assert not {"id", "status", "node_status", "rules"} & set(body)
    assert outcome.result.json == {"id": ID[kind], "result": "ok"}


@pytest.mark.parametrize("kind", ["connectors", "actions", "sources"])
def test_a_file_is_tested_as_it_stands(run: Run, kind: str, tmp_path: Path) -> None:
    probe = find_exchange(f"POST /{kind}_probe", "reachable")
    expected_body = dict(probe.request["body"])
    file = tmp_path / "one.json"
    file.write_text(
        json.dumps({key: expected_body[key] for key in expected_body if key not in {"type", "name"}})
    )
    outcome = replay(
        run, [probe], kind, "test", f"{expected_body['type']}:{expected_body['name']}", "-f", str(file)
    )
    assert outcome.result.code == 0, outcome.result.err
    assert (outcome.calls, outcome.bodies) == ([f"POST /{kind}_probe"], [expected_body])


@pytest.mark.parametrize(
    ("kind", "title", "words"),
    [
        ("connectors", "refused", "Connection refused"),
        ("connectors", "mqtt wrong password", "Bad username or password"),
        ("connectors", "name does not resolve", "Could not resolve host"),
        ("connectors", "schema error", "url: required field is missing"),
        ("actions", "connector unknown", "nope"),
        ("sources", "schema error", "parameters: required field is missing"),
        ("bridges", "refused", "Connection refused"),
    ],
)
def test_a_failed_test_says_why(run: Run, kind: str, title: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text("url: http://127.0.0.1:9\n")
    outcome = replay(
        run, [find_exchange(f"POST /{kind}_probe", title)], kind, "test", "http:probe", "-f", str(file)
    )
    assert outcome.result.code == 7
    assert words in outcome.result.err
    assert '{\\"' not in outcome.result.err


# --- metrics


@pytest.mark.parametrize("kind", ["actions", "sources"])
def test_metrics_are_the_sum_or_each_node(run: Run, kind: str) -> None:
    exchange = find_exchange(f"GET /{kind}/{{id}}/metrics", f"id {ID[kind]}")
    outcome = replay(run, [exchange, ONE[kind]], kind, "metrics", ID[kind], "--json")
    assert outcome.result.json == exchange.body["metrics"]
    rows = replay(run, [exchange, ONE[kind]], kind, "metrics", ID[kind], "--per-node", "--json").result.json
    assert rows == [{"node": row["node"], **row["metrics"]} for row in exchange.body["node_metrics"]]
    assert len(rows) == 3


def test_zeros_of_what_is_not_there_are_exit_6(run: Run) -> None:
    script = [
        find_exchange("GET /actions/{id}/metrics", "id http:nope"),
        find_exchange("GET /actions/{id}", "id http:nope"),
    ]
    outcome = replay(run, script, "actions", "metrics", "http:nope")
    assert (outcome.result.code, outcome.result.out) == (6, "")


def test_zeros_of_what_is_idle_are_shown(run: Run) -> None:
    script = [
        find_exchange("GET /actions/{id}/metrics", "id mqtt:forward-disabled"),
        find_exchange("GET /actions/{id}", "id mqtt:forward-disabled"),
    ]
    outcome = replay(run, script, "actions", "metrics", "mqtt:forward-disabled", "--json")
    assert (outcome.result.code, outcome.result.json["matched"]) == (0, 0)


@pytest.mark.parametrize("kind", ["actions", "sources", "bridges"])
def test_reset_metrics_wants_a_yes(run: Run, kind: str) -> None:
    script = [make_exchange(f"PUT /{kind}/mqtt:x/metrics/reset", 204)]
    outcome = replay(run, script, kind, "reset-metrics", "mqtt:x")
    assert (outcome.result.code, outcome.calls) == (14, [])
    outcome = replay(run, script, kind, "reset-metrics", "mqtt:x", "--yes")
    assert (outcome.result.code, outcome.calls) == (0, [f"PUT /{kind}/mqtt%3Ax/metrics/reset"])


def test_a_crash_over_an_unknown_source_is_exit_6_all_the_same(run: Run) -> None:
    script = [
        find_exchange("PUT /sources/{id}/metrics/reset", "unknown"),
        make_exchange("GET /sources/mqtt:nope", 404, {"code": "NOT_FOUND", "message": "lookup failed"}),
    ]
    outcome = replay(run, script, "sources", "reset-metrics", "mqtt:nope", "--yes")
    assert outcome.result.code == 6
    assert "emqx_bridge_v2_api" not in outcome.result.err


# --- other versions


def replay_on_older_broker(run: Run, operation: str, legacy_operation: str, *words: str) -> ReplayedRun:
    """Run a command against an EMQX that knows only the former name of its operation."""
    return replay(
        run, [make_exchange(operation, 404, NO_PATH), OLD, make_exchange(legacy_operation, 204)], *words
    )


@pytest.mark.parametrize(
    ("words", "operation", "legacy_operation"),
    [
        (("start",), "POST /bridges/mqtt:x/start", "POST /bridges/mqtt:x/operation/start"),
        (("restart", "--yes"), "POST /bridges/mqtt:x/restart", "POST /bridges/mqtt:x/operation/restart"),
        (
            ("stop", "--yes", "--node", "e1@h"),
            "POST /nodes/e1@h/bridges/mqtt:x/stop",
            "POST /nodes/e1@h/bridges/mqtt:x/operation/stop",
        ),
        (("enable",), "PUT /bridges/mqtt:x/enable/true", "POST /bridges/mqtt:x/operation/enable"),
        (("disable",), "PUT /bridges/mqtt:x/enable/false", "POST /bridges/mqtt:x/operation/disable"),
        (
            ("reset-metrics", "--yes"),
            "PUT /bridges/mqtt:x/metrics/reset",
            "PUT /bridges/mqtt:x/reset_metrics",
        ),
    ],
)
def test_former_names_of_bridges_are_followed(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], operation: str, legacy_operation: str
) -> None:
    monkeypatch.setattr("tests.support.replay.find_problems", lambda *_: [])  # no document is that old
    outcome = replay_on_older_broker(
        run, operation, legacy_operation, "bridges", words[0], "mqtt:x", *words[1:]
    )
    assert outcome.result.code == 0, outcome.result.err
    assert [outcome.calls[0], outcome.calls[-1]] == [
        row.replace("mqtt:x", "mqtt%3Ax").replace("e1@h", "e1%40h") for row in (operation, legacy_operation)
    ]


def test_the_former_name_of_the_connectors_test_is_followed(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tests.support.replay.find_problems", lambda *_: [])
    file = tmp_path / "one.json"
    file.write_text('{"server": "127.0.0.1:1883"}')
    words = ("connectors", "test", "mqtt:x", "-f", str(file))
    outcome = replay_on_older_broker(run, "POST /connectors_probe", "POST /connectors_test", *words)
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies[0] == outcome.bodies[1] == {"server": "127.0.0.1:1883", "type": "mqtt", "name": "x"}


def test_bridges_are_gone_in_6(run: Run) -> None:
    new = make_exchange(
        "GET /status", 200, {"node_name": "e@x", "rel_vsn": "e6.0.1", "app_status": "running"}
    )
    not_found = {"code": "NOT_FOUND", "message": "Request Path Not Found"}
    script = [
        make_exchange("GET /bridges", 404, not_found),
        new,
        make_exchange("POST /bridges/mqtt:x/start", 404, not_found),
    ]
    outcome = replay(run, script, "bridges", "list")
    assert outcome.result.code == 13
    assert "was removed in EMQX 6.0" in outcome.result.err
    script.append(make_exchange("POST /bridges/mqtt:x/operation/start", 404, not_found))
    outcome = replay(run, script, "bridges", "start", "mqtt:x")
    assert outcome.result.code == 13
    assert "POST /bridges/{id}/{operation} was removed in EMQX 6.0" in outcome.result.err


@pytest.mark.parametrize("kind", ["connectors", "actions", "sources", "rules"])
def test_a_filter_that_the_server_would_ignore_is_refused(run: Run, kind: str) -> None:
    script = [
        make_exchange("GET /status", 200, {"node_name": "e@x", "rel_vsn": "v5.8.9", "app_status": "running"}),
        make_exchange(f"GET /{kind}", 200, []),
    ]
    outcome = replay(run, script, kind, "list", "--ns", "plant")
    assert (outcome.result.code, outcome.calls) == (13, ["GET /status?format=json"])
    assert "--namespace requires EMQX 6.0 or later (this is 5.8.9)" in outcome.result.err


@pytest.mark.parametrize("kind", ["connectors", "actions", "sources", "rules"])
def test_namespaces_are_filters_of_emqx_6(run: Run, kind: str) -> None:
    script = [
        make_exchange("GET /status", 200, {"node_name": "e@x", "rel_vsn": "e6.0.1", "app_status": "running"}),
        make_exchange(f"GET /{kind}", 200, []),
    ]
    for option, sent in (
        (("--ns", "plant"), "ns=plant"),
        (("--namespace", "plant"), "ns=plant"),
        (("--only-global",), "only_global=true"),
    ):
        outcome = replay(run, script, kind, "list", *option, "--json")
        assert outcome.result.code == 0, outcome.result.err
        assert sent in outcome.calls[-1]
    assert replay(run, script, kind, "list", "--namespace", "plant", "--only-global").result.code == 2


@pytest.mark.parametrize("group", ["rules", "actions", "sources", "connectors"])
def test_an_update_reads_standard_input_once(run: Run, cluster: Sandbox, group: str) -> None:
    name = run(group, "list", "-o", "name").out.split()[0]
    result = run(group, "update", name, "-f", "-", stdin=b'{"description": "from a pipe"}')
    assert result.code == 0, result.err
    assert run(group, "get", name, "--json").json["description"] == "from a pipe"


def test_names_that_emqx_crashes_on_are_refused(run: Run, cluster: Sandbox) -> None:
    verbs = ("get", "create", "update", "delete", "enable", "disable", "start", "test")
    refused = {}
    for group in ("connectors", "actions", "sources", "bridges"):
        for verb in (*verbs, *(("metrics", "reset-metrics") if group != "connectors" else ())):
            for key in ("http:", "http:" + "x" * 255):
                result = run(group, verb, key, "--set", "a=1") if verb == "update" else run(group, verb, key)
                refused[group, verb, key[:6]] = result.code if "invalid id" in result.err else result.err
    assert {code for code in refused.values() if code != 2} == set()
    assert cluster.requests == []
    assert run("connectors", "get", "http:" + "x" * 254).code == 6
