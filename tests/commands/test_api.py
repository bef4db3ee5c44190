"""`emqxctl api`: any operation, its fields, bodies, headers and pages; nothing it should not send."""

import json
from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run


def test_get_gives_the_servers_json(run: Run, cluster: Sandbox) -> None:
    assert run("api", "GET", "/cluster").json == run("api", "get", "/api/v5/cluster").json
    assert len(run("api", "GET", "nodes").json) == 3


def test_fields_of_a_get_are_its_query(run: Run, cluster: Sandbox) -> None:
    run(
        "api",
        "GET",
        "/clients?page=1",
        "-F",
        "limit=2",
        "--raw-field",
        "like_clientid=a+b&c",
        "-F",
        "clean_start=true",
    )
    expected_query = [("page", "1"), ("limit", "2"), ("clean_start", "true"), ("like_clientid", "a+b&c")]
    assert sorted(cluster.requests[-1].query) == sorted(expected_query)


def test_fields_of_a_post_are_its_body(run: Run, cluster: Sandbox, tmp_path: Path) -> None:
    payload = tmp_path / "payload"
    payload.write_text("from a file")
    fields = (
        "-F",
        "topic=a/b",
        "-F",
        f"payload=@{payload}",
        "-F",
        "qos=1",
        "-F",
        "properties[user_properties][k]=v",
    )
    assert run("api", "POST", "/publish", *fields).code == 0
    assert json.loads(cluster.requests[-1].body) == {
        "topic": "a/b",
        "payload": "from a file",
        "qos": 1,
        "properties": {"user_properties": {"k": "v"}},
    }
    assert cluster.requests[-1].headers["content-type"] == "application/json"


def test_a_body_comes_from_stdin_only_when_asked_for(run: Run, cluster: Sandbox) -> None:
    assert run("api", "POST", "/publish", "--input", "-", stdin=b'{"topic":"a","payload":"b"}').code == 0
    assert json.loads(cluster.requests[-1].body) == {"topic": "a", "payload": "b"}
    result = run("api", "POST", "/publish", stdin=b'{"topic":"a","payload":"b"}')
    assert result.code == 7
    assert cluster.requests[-1].body == b""


def test_paginate_gives_one_array_over_all_pages(run: Run, cluster: Sandbox) -> None:
    rows = run("api", "GET", "/clients", "-F", "limit=5", "--paginate").json
    assert sorted(row["clientid"] for row in rows) == sorted(cluster.cluster.clients)
    cursors = run("api", "GET", "/clients_v2", "-F", "limit=5", "--paginate").json
    assert sorted(row["clientid"] for row in cursors) == sorted(cluster.cluster.clients)


def test_include_shows_status_and_headers(run: Run, cluster: Sandbox) -> None:
    out = run("api", "GET", "/cluster", "--include").out
    assert out.startswith("HTTP/1.1 200 OK\n")
    assert "content-type: application/json" in out
    assert json.loads(out.partition("\n\n")[2])["name"] == "emqxcl"


def test_the_answer_goes_to_a_file_whole(run: Run, cluster: Sandbox, tmp_path: Path) -> None:
    target = tmp_path / "nodes.json"
    assert run("api", "GET", "/nodes", "--output-file", str(target)).code == 0
    assert len(json.loads(target.read_text())) == 3
    before = target.read_bytes()
    assert run("api", "GET", "/nodes/nobody@nowhere", "--output-file", str(target)).code == 6
    assert target.read_bytes() == before


def test_delete_wants_to_be_confirmed(run: Run, cluster: Sandbox) -> None:
    assert run("api", "DELETE", "/banned").code == 14
    assert cluster.requests == []
    assert run("api", "DELETE", "/banned", "--yes").code == 0
    assert cluster.cluster.bans == {}


@pytest.mark.parametrize(
    "path",
    ["/banned/clientid/..", "/clients/.", "/clients/%2e%2e", "/clients//x", "/trace/", "/x#y", "/a b", "/ü"],
)
def test_paths_that_would_widen_or_break_are_refused(run: Run, cluster: Sandbox, path: str) -> None:
    result = run("api", "DELETE", path, "--yes")
    assert result.code == 2
    assert cluster.requests == []


@pytest.mark.parametrize(
    "header", ["Authorization: Basic eA==", "no colon", "A: b\r\nC: d", "Host: elsewhere"]
)
def test_headers_that_would_harm_are_refused(run: Run, cluster: Sandbox, header: str) -> None:
    result = run("api", "GET", "/nodes", "-H", header)
    assert result.code == 2
    assert "eA==" not in result.err
    assert cluster.requests == []


def test_headers_are_sent(run: Run, cluster: Sandbox) -> None:
    run("api", "GET", "/nodes", "-H", "X-Trace: 1", "-H", "Accept: text/plain, application/json")
    assert cluster.requests[-1].headers["x-trace"] == "1"
    assert cluster.requests[-1].headers["accept"] == "text/plain, application/json"


def test_a_failure_leaves_stdout_empty(run: Run, cluster: Sandbox) -> None:
    result = run("api", "GET", "/nodes/nobody@nowhere", "-o", "json", "--include")
    assert (result.code, result.out) == (6, "")
    assert result.error["status"] == 404


def test_a_dry_run_writes_curl_without_the_secret(run: Run, cluster: Sandbox) -> None:
    result = run("api", "POST", "/publish", "-F", "topic=it's", "-F", "payload=$(x)", "--dry-run")
    assert result.code == 0
    assert "curl -X POST" in result.out
    assert cluster.api_secret not in result.out + result.err
    assert '"$EMQXCTL_API_KEY:$EMQXCTL_API_SECRET"' in result.out
    assert cluster.requests == []
