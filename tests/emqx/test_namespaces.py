"""Objects in namespaces: which operations take one, and how one object is found."""

import json
from typing import Any
from urllib.parse import parse_qs

import pytest

from emqxctl.emqx.namespaces import LISTS_WITH_GLOBAL_FILTER, NAMESPACED_OPERATIONS
from tests.conftest import Run
from tests.support.openapi import read_document
from tests.support.recordings import Exchange, find_exchange
from tests.support.replay import make_exchange, replay

NOT_FOUND = {"code": "NOT_FOUND", "message": "not found"}


def test_they_are_those_of_the_document() -> None:
    document = read_document("6.2.2-ee")
    found: dict[str, set[str]] = {"ns": set(), "only_global": set()}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for parameter in operation.get("parameters", []):
                name = parameter.get("$ref", "").rpartition("/")[2]
                item = document["components"]["parameters"][name] if name else parameter
                if item["name"] in found and item["in"] == "query":
                    found[item["name"]].add(f"{method.upper()} {path}")
    assert NAMESPACED_OPERATIONS - {"POST /authentication/{id}/import_users"} == found["ns"]
    assert found["only_global"] == LISTS_WITH_GLOBAL_FILTER


def connector(name: str, namespace: str | None) -> dict[str, Any]:
    """Make up a connector of EMQX 6."""
    return {"type": "http", "name": name, "namespace": namespace, "enable": True, "status": "connected"}


def script(found: dict[str, Any] | None, *rows: dict[str, Any]) -> list[Exchange]:
    """Make up the answers about http:x; `found` is the global one."""
    get = make_exchange("GET /connectors/http:x", 200 if found else 404, found or NOT_FOUND)
    return [
        get,
        make_exchange("GET /connectors", 200, list(rows)),
        make_exchange("PUT /connectors/http:x/enable/false", 204),
        make_exchange("DELETE /connectors/http:x", 204),
        make_exchange("PUT /connectors/http:x", 200, found or rows[0]),
    ]


VERBS = [
    ("disable", "http:x"),
    ("delete", "http:x", "--yes"),
    ("update", "http:x", "--description", "new"),
]


@pytest.mark.parametrize("words", VERBS)
def test_an_object_of_a_namespace_is_found_and_changed_there(run: Run, words: tuple[str, ...]) -> None:
    answers = script(None, connector("x", "plant"), connector("y", None))
    found = make_exchange("GET /connectors/http:x", 200, connector("x", "plant"))
    replayed = replay(run, [answers[0], found, *answers[1:]], "connectors", *words)
    assert replayed.result.code == 0, replayed.result.err
    assert "connector 'http:x' is in namespace plant" in replayed.result.err
    (write,) = [request for request in replayed.received if request.method != "GET"]
    assert parse_qs(write.query) == {"ns": ["plant"]}


@pytest.mark.parametrize("words", [*VERBS, ("get", "http:x")])
def test_a_key_of_several_objects_is_ambiguous(run: Run, words: tuple[str, ...]) -> None:
    answers = script(connector("x", None), connector("x", None), connector("x", "plant"))
    replayed = replay(run, answers, "connectors", *words)
    assert replayed.result.code == 2
    assert "connector 'http:x' exists globally and in namespace plant" in replayed.result.err
    assert {request.method for request in replayed.received} == {"GET"}
    chosen = replay(run, answers, "connectors", *words, "--only-global")
    assert chosen.result.code == 0, chosen.result.err
    assert all("ns=" not in request.query for request in chosen.received)


def test_before_emqx_6_nothing_is_searched(run: Run) -> None:
    found = {"type": "http", "name": "x", "enable": True, "status": "connected"}
    replayed = replay(run, script(found), "connectors", "get", "http:x")
    assert (replayed.result.code, replayed.calls) == (0, ["GET /connectors/http%3Ax"])


def test_a_namespace_is_sent_with_every_operation_that_takes_one(run: Run) -> None:
    rule = find_exchange("GET /rules/{id}", "rec-r0", "6.2.2").body
    answers = [
        make_exchange("GET /rules/rec-r0", 200, rule),
        make_exchange("PUT /rules/rec-r0", 200, rule),
        make_exchange("POST /rules", 201, rule),
        make_exchange("GET /rules/rec-r0/metrics", 200, {"metrics": {"matched": 1}, "node_metrics": []}),
        make_exchange("PUT /rules/rec-r0/metrics/reset", 204),
        make_exchange("POST /rule_test", 200, {}),
        make_exchange("DELETE /rules/rec-r0", 204),
    ]
    for words in (
        ("get", "rec-r0"),
        ("update", "rec-r0", "--description", "x"),
        ("create", "r1", "--sql", "SELECT 1"),
        ("metrics", "rec-r0"),
        ("reset-metrics", "rec-r0", "--yes"),
        ("test", "--sql", "SELECT 1"),
        ("delete", "rec-r0", "--yes"),
    ):
        replayed = replay(run, answers, "rules", *words, "--namespace", "plant")
        assert replayed.result.code == 0, replayed.result.err
        sent = [request for request in replayed.received if request.path.startswith("/api/v5/rule")]
        assert [parse_qs(request.query).get("ns") for request in sent] == [["plant"]] * len(sent)


def test_an_older_emqx_would_ignore_it(run: Run) -> None:
    status = make_exchange(
        "GET /status", 200, {"node_name": "e@x", "rel_vsn": "v5.8.9", "app_status": "running"}
    )
    words = ("connectors", "delete", "http:x", "--yes", "--namespace", "plant")
    replayed = replay(run, [status], *words)
    assert (replayed.result.code, replayed.calls) == (13, ["GET /status?format=json"])
    assert "--namespace requires EMQX 6.0 or later (this is 5.8.9)" in replayed.result.err


def test_commands_without_namespaces_refuse_the_option(run: Run) -> None:
    result = run("--namespace", "plant", "clients", "list", env={"EMQXCTL_URL": "http://127.0.0.1:1"})
    assert result.code == 2
    assert "--namespace is not supported by emqxctl clients list" in result.err


def test_what_get_printed_is_created_in_its_namespace(run: Run) -> None:
    body = {"url": "http://a.example", "namespace": "plant"}
    created = make_exchange("POST /connectors", 201, connector("x", "plant"))
    replayed = replay(
        run, [created], "connectors", "create", "http:x", "-f", "-", stdin=json.dumps(body).encode()
    )
    assert replayed.result.code == 0, replayed.result.err
    assert parse_qs(replayed.received[-1].query) == {"ns": ["plant"]}
    assert "namespace" not in replayed.bodies[0]
    words = ("connectors", "create", "http:x", "-f", "-", "--namespace", "other")
    assert replay(run, [created], *words, stdin=json.dumps(body).encode()).result.code == 2


def test_lists_show_namespaces_only_if_there_are_any(run: Run) -> None:
    rows = [connector("x", "plant"), connector("y", None)]
    result = replay(run, [make_exchange("GET /connectors", 200, rows)], "connectors", "list").result
    assert result.out.splitlines()[0].split()[:2] == ["ID", "NAMESPACE"]
    assert result.out.splitlines()[1].split()[:2] == ["http:x", "plant"]
    result = replay(run, [make_exchange("GET /connectors", 200, rows[1:])], "connectors", "list").result
    assert "NAMESPACE" not in result.out
