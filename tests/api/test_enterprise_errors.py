"""Errors of EMQX 6.2.2 in words: what was not found, what exists already, no module names."""

import pytest

from tests.conftest import Run
from tests.support.recordings import find_exchange, read_operation
from tests.support.replay import make_exchange, replay

CASES = [
    (
        ("GET /mt/ns/{ns}/config", "rec-nope"),
        ("namespaces", "config", "get"),
        (6, "namespace 'rec-nope' not", ""),
    ),
    (
        ("GET /certs/global/name/{name}", "unknown"),
        ("certs", "get"),
        (6, "certificate bundle '", "emqxctl certs list"),
    ),
    (
        ("POST /queues", "already exists"),
        ("message-queues", "create", "--no-lastvalue"),
        (7, "already_exists", "emqxctl message-queues get"),
    ),
    (
        ("POST /ai/providers", "already exists"),
        ("ai", "providers", "create", "--type", "openai"),
        (7, "duplicate provider name", "emqxctl ai providers get"),
    ),
    (
        ("POST /mt/ns/{ns}", "already exists"),
        ("namespaces", "create"),
        (7, "already_exists", "emqxctl namespaces list"),
    ),
    (
        ("POST /schema_registry_external", "already exists"),
        ("schemas", "external", "create", "--type", "confluent"),
        (7, "already exists", "emqxctl schemas external get"),
    ),
]


@pytest.mark.parametrize(("recorded", "words", "expected"), CASES)
def test_it_is_named_and_the_hint_helps(
    run: Run, recorded: tuple[str, str], words: tuple[str, ...], expected: tuple[int, str, str]
) -> None:
    exchange = find_exchange(*recorded, "6.2.2")
    body = exchange.request.get("body") or {}
    name = body.get("name") or recorded[1] if "body" in exchange.request else exchange.path.split("/")[-1]
    name = "rec-nope" if "/mt/ns/" in exchange.path and "config" in exchange.path else name
    result = replay(run, [exchange], *words, name, "--json", check_requests=False).result
    code, text, hint = expected
    assert result.code == code, result.err
    assert text in result.error["message"]
    assert "desc:" not in result.error["message"]
    assert "emqx_" not in result.error["message"]
    assert hint in result.error["hint"]


def test_the_hint_for_an_existing_name_has_whole_commands(run: Run) -> None:
    for operation, words, command in (
        ("POST /rules", ("rules", "create", "hot", "--sql", "SELECT 1"), "rules get hot;"),
        (
            "POST /connectors",
            ("connectors", "create", "http:c1", "--set", "url=x"),
            "connectors get http:c1;",
        ),
        (
            "POST /authorization/sources",
            ("authorization", "sources", "create", "file"),
            "authorization sources get NAME;",
        ),
        ("POST /exhooks", ("exhooks", "create", "a b", "--server", "http://x:1"), "exhooks get 'a b';"),
    ):
        exists = make_exchange(operation, 400, {"code": "ALREADY_EXISTS", "message": "already exists"})
        result = replay(run, [exists], *words, "--json", check_requests=False).result
        assert f"show it: emqxctl {command} change it: emqxctl" in result.error["hint"], result.err
        assert result.error["hint"].endswith(command.partition(" get ")[2].rstrip(";"))


def test_disabled_file_transfer_is_called_so(run: Run) -> None:
    off = find_exchange("GET /file_transfer/files", "off", "6.2.2")
    script = [off, make_exchange("GET /file_transfer", 200, {"enable": False})]
    result = replay(run, script, "file-transfer", "files", "list").result
    assert result.code == 10
    assert "file transfer is disabled" in result.err
    assert "emqxctl file-transfer config update --enable" in result.err


REASON = '{start_pool_failed,<<"connector:redis:r">>,#{port => 9,reason => econnrefused,host => "127.0.0.1"}}'


def test_reasons_and_alarms_are_words(run: Run) -> None:
    row = {"type": "redis", "name": "r", "enable": True, "status": "disconnected", "status_reason": REASON}
    out = replay(run, [make_exchange("GET /connectors", 200, [row])], "connectors", "list").result.out
    assert "start_pool_failed" in out
    assert "connection refused (econnrefused)" in out
    assert "<<" not in out
    assert "=>" not in out
    alarm = {"name": "x", "node": "n", "message": "resource down: #{error => not_added_yet,status => down}"}
    page = {"data": [alarm], "meta": {"hasnext": False}}
    out = replay(run, [make_exchange("GET /alarms", 200, page)], "alarms", "list").result.out
    assert "resource down: error: not_added_yet, status: down" in out


def test_times_are_times_and_a_bundle_has_a_path(run: Run) -> None:
    sample = {"time_stamp": 1795552040000, "received": 1}
    out = replay(run, [make_exchange("GET /monitor", 200, [sample])], "metrics", "history").result.out
    assert out.splitlines()[1].startswith("2026-11-24T20:27:20+00:00")
    schemas = next(item for item in read_operation("GET /schema_registry", "6.2.2") if item.status == 200)
    out = replay(run, [schemas], "schemas", "list", "-o", "wide").result.out
    assert "{'" not in out


def test_no_limits_are_said(run: Run) -> None:
    script = [make_exchange("GET /mt/ns/a/config", 200, {})]
    assert "namespace 'a' has no limits" in replay(run, script, "namespaces", "config", "get", "a").result.err


def test_the_configuration_of_what_uses_a_connector_is_not_printed(run: Run) -> None:
    exchange = find_exchange("DELETE /connectors/{id}", "in use by an action", "6.2.2")
    result = replay(run, [exchange], "connectors", "delete", "http:rec-http", "--yes").result
    assert result.code == 7
    assert "active channels defined for this connector: action:http:rec-act-http" in result.err
    assert "headers" not in result.err
    assert "rec-secret" not in result.err


def test_an_incomplete_order_names_what_is_missing(run: Run) -> None:
    exchange = find_exchange("POST /schema_validations/reorder", "missing one", "6.2.2")
    names = exchange.request["body"]["order"]
    result = replay(run, [exchange], "schema-validations", "reorder", *names, "--json").result
    assert result.code == 7
    assert "(not_reordered: rec-v1)" in result.error["message"]
    assert "91" not in result.err
    assert "emqxctl schema-validations list" in result.error["hint"]


def test_an_unknown_site_leads_to_the_sites(run: Run) -> None:
    exchange = find_exchange("PUT /ds/storages/{ds}/replicas/{site}", "unknown site", "6.2.2")
    site = exchange.path.rpartition("/")[2]
    words = ("durable-storage", "replicas", "add", "messages", site, "--yes", "--json")
    error = replay(run, [exchange], *words, check_requests=False).result.error
    assert error["code"] == "HTTP_400"
    assert error["hint"] == "list sites: emqxctl durable-storage sites list"


def test_a_trace_without_events_is_not_called_missing(run: Run) -> None:
    empty = make_exchange("GET /trace/t1/download", 404, {"code": "NOT_FOUND", "message": "Trace is empty"})
    result = replay(run, [empty], "traces", "download", "t1", "--json", check_requests=False).result
    assert result.code == 6
    assert result.error["message"] == "trace 't1' has no events: Trace is empty"
    assert "traces list" in result.error["hint"]


def test_a_node_that_may_be_stopped_is_not_only_called_missing(run: Run) -> None:
    body = {"code": "NOT_FOUND", "message": "Node not found: emqx@n2"}
    answer = make_exchange("GET /nodes/emqx%40n2", 404, body)
    result = replay(run, [answer], "nodes", "get", "emqx@n2", "--json", check_requests=False).result
    assert "EMQX finds only running nodes" in result.error["hint"]
