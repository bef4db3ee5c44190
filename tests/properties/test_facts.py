"""The recordings fit EMQX's documents, and the check of requests finds mistakes."""

import base64
import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.every_case import check_every
from tests.support.openapi import find_problems
from tests.support.recordings import (
    Exchange,
    ReceivedRequest,
    ReplayServer,
    find_exchange,
    iter_exchanges,
    read_index,
)

# Requests that EMQX 5.8.9 took though its documents do not allow them; a client should not send them.
TOLERATED = {
    ("GET /clients", "unknown parameter is ignored"): "that is its point",
    ("GET /clients/{clientid}", "query is ignored"): "that is its point",
    ("GET /clients/{clientid}", 'client "."'): "the dot is dropped: it is another operation",
    ("GET /clients/{clientid}", "empty id"): "the empty part is dropped: it is another operation",
    ("GET /{unknown}", "dot segments"): "the dots are dropped: it is another operation",
    ("GET /{unknown}", "encoded dot segments"): "the dots are dropped: it is another operation",
    ("GET /{unknown}", "trailing slash"): "the slash is dropped: it is another operation",
    ("GET /rules", "enable bad"): "a bad boolean is taken for no filter",
    ("POST /banned", "who is a number"): "numbers are taken for texts",
    ("POST /clients/kickout/bulk", "numbers"): "numbers are taken for ids",
    ("POST /login", "extra field"): "fields are not checked",
    ("POST /publish", "invalid UTF-8 in JSON"): "the JSON is not checked to be UTF-8",
    ("PUT /authorization/settings", "unknown field"): "fields are not checked",
    ("PUT /configs", "no content type"): "anything is taken for HOCON",
    ("PUT /configs", "octet-stream"): "anything is taken for HOCON",
    ("PUT /rules/{id}", "no SQL"): "what is not given stays",
}
# The same of EMQX 6.2.2.
TOLERATED_622 = {
    ("GET /clients", "unknown parameter is ignored"): "that is its point",
    ("GET /file_transfer/file", "one"): "the file is named by a link, not by its node",
    ("GET /file_transfer/file", "viewer"): "the file is named by a link, not by its node",
    ("GET /{unknown}", "path message_streams/streams"): "a hidden alias",
    ("POST /clients/kickout/bulk", "object"): "an object is taken for no list",
    ("POST /connectors", "example gcp_pubsub_producer"): "an object for the text of an account",
    ("POST /gateways/lwm2m/clients/{clientid}/observe", "bad enable"): "a bad boolean is taken for none",
    ("POST /mt/bulk_import_configs", "object instead of array"): "an object is taken for no list",
    ("POST /publish", "encoding instead of payload_encoding"): "fields are not checked",
    ("PUT /cluster", "bad type"): "types are not checked",
    ("PUT /cluster/links/link/{name}", "name in the body"): "a name that stays is taken",
    ("PUT /configs/dashboard", "same again"): "durations come out as numbers, and are taken back",
    ("PUT /configs/log", "same again"): "what the documents hide is taken back",
    ("PUT /rule_engine", "same again"): "durations come out as numbers, and are taken back",
    ("PUT /rules/{id}", "only enable"): "what is not given stays",
    ("PUT /tracing", "same again"): "sizes come out as numbers, and are taken back",
}
VERSIONS = {"5.8.9": TOLERATED, "6.2.2": TOLERATED_622}
JSON = {"Content-Type": "application/json"}


def encode_multipart(parts: list[Mapping[str, Any]]) -> bytes:
    body = b""
    for part in parts:
        file = f'; filename="{part["filename"]}"' if "filename" in part else ""
        kind = f"\r\nContent-Type: {part['content_type']}" if part.get("content_type") else ""
        body += (
            f'--edge\r\nContent-Disposition: form-data; name="{part["name"]}"{file}{kind}\r\n\r\n'.encode()
        )
        body += part["body_text"].encode() if "body_text" in part else base64.b64decode(part["body_base64"])
        body += b"\r\n"
    return body + b"--edge--\r\n"


def find_problems_of(exchange: Exchange) -> list[str]:
    headers, body = dict(exchange.request["headers"]), exchange.request_bytes
    if "multipart" in exchange.request:
        headers["Content-Type"] = "multipart/form-data; boundary=edge"
        body = encode_multipart(exchange.request["multipart"])
    return find_problems(exchange.method, exchange.path, exchange.query, headers, body)


def test_every_accepted_request_fits_a_document() -> None:
    def check(exchange: Exchange) -> None:
        assert find_problems_of(exchange) == []

    for version, tolerated in VERSIONS.items():
        exchanges = [item for item in iter_exchanges(version=version) if 200 <= item.status < 300]
        check_every([item for item in exchanges if (item.operation, item.title) not in tolerated], check)


def test_every_tolerated_request_has_a_problem() -> None:
    def check(exchange: Exchange) -> None:
        assert find_problems_of(exchange)

    for version, tolerated in VERSIONS.items():
        check_every([find_exchange(operation, title, version) for operation, title in tolerated], check)


RULE = {"sql": "SELECT 1", "actions": [], "enable": True}


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "expected"),
    [
        ("GET", "/clients", {"like_clientid": "a", "limits": "5"}, None, "no query parameter limits"),
        ("GET", "/clients", {"conn_state": "conected"}, None, "'conected' is not one of"),
        ("GET", "/clients", {"limit": "many"}, None, "many"),
        ("GET", "/clients", {"limit": "0"}, None, "minimum"),
        ("GET", "/clients", {"clean_start": "True?"}, None, "boolean"),
        ("GET", "/clients", {"fields": "clientid,usrname"}, None, "'usrname' is not one of"),
        ("GET", "/clients_v2", {"cursors": "x"}, None, "no query parameter cursors"),
        ("GET", "/clients_v2", {"page": "1"}, None, "no query parameter page"),
        ("GET", "/nodes", {"ns": "a"}, None, "no query parameter ns"),
        ("DELETE", "/banned/client/x", {}, None, "'client' is not one of"),
        ("POST", "/rules", {}, {"actions": []}, "'sql' is a required property"),
        ("POST", "/rules", {}, RULE | {"enabled": True}, "'enabled' was unexpected"),
        ("POST", "/rules", {}, RULE | {"enable": "yes"}, "'yes' is not of type 'boolean'"),
        ("POST", "/rules", {}, None, "takes a body"),
        ("DELETE", "/clients/x", {}, {"why": "no"}, "takes no body"),
        ("GET", "/client/x", {}, None, "no EMQX serves"),
        ("GET", "/clients/", {}, None, "no EMQX serves"),
        ("DELETE", "/banned/clientid/..", {}, None, "no EMQX serves"),
        ("DELETE", "/clients/a/b", {}, None, "no EMQX serves"),
        ("PATCH", "/clients/x", {}, None, "no EMQX serves"),
    ],
)
def test_an_undocumented_request_has_a_problem(
    method: str, path: str, query: dict[str, str], body: Any, expected: str
) -> None:
    content = None if body is None else json.dumps(body).encode()
    problems = find_problems(method, f"/api/v5{path}", list(query.items()), JSON, content)
    assert expected in " ".join(problems)


@pytest.mark.parametrize(
    ("method", "path", "query", "body"),
    [
        ("GET", "/status", {"format": "json"}, None),
        ("GET", "/api/v5/clients_v2", {"cursor": "x", "limit": "10", "conn_state": "connected"}, None),
        ("PUT", "/api/v5/clients/a%2Fb/keepalive", {}, {"interval": 5}),
        ("GET", "/api/v5/ai/providers", {}, None),
        ("GET", "/api/v5/plugin_api/mine/some/path", {}, None),
        ("GET", "/api/v5/clients/a%2F%2E%2E%2Fb%3Fc%25", {}, None),
        ("GET", "/api/v5/rules", {"ns": "team", "page": "1"}, None),
        ("POST", "/api/v5/rules", {}, RULE | {"id": "mine"}),
        ("POST", "/api/v5/login", {}, {"username": "a", "password": "b", "mfa_token": "1"}),
        ("DELETE", "/api/v5/banned/clientid/%E4%BD%A0", {}, None),
        ("PUT", "/api/v5/authentication/order", {}, [{"id": "password_based:http"}]),
    ],
)
def test_a_documented_request_has_no_problem(
    method: str, path: str, query: dict[str, str], body: Any
) -> None:
    content = None if body is None else json.dumps(body).encode()
    assert find_problems(method, path, list(query.items()), JSON, content) == []


def test_a_body_needs_its_content_type() -> None:
    assert find_problems("POST", "/api/v5/rules", (), {}, json.dumps(RULE).encode())


def test_a_path_needs_the_base() -> None:
    assert find_problems("GET", "/nodes") == ["/nodes is outside /api/v5"]


def test_all_exchanges_of_the_index_are_read() -> None:
    assert len(list(iter_exchanges())) == sum(entry["count"] for entry in read_index().values()) > 1600
    assert len({str(exchange) for exchange in iter_exchanges()}) == len(list(iter_exchanges()))
    assert {exchange.tag for exchange in iter_exchanges(tag="Nodes")} == {"Nodes"}


def fetch(server: ReplayServer, method: str, target: str, body: bytes | None = None) -> tuple[int, bytes]:
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=5)
    try:
        connection.request(method, target, body, {"X-Mark": "1"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def test_the_replay_server_answers_what_was_recorded() -> None:
    def check(exchange: Exchange) -> None:
        with ReplayServer(exchange) as server:
            response = fetch(server, exchange.method, exchange.target, exchange.request_bytes)
            assert response == (exchange.status, exchange.response_bytes)
            assert server.received[0].body == (exchange.request_bytes or b"")

    check_every(iter_exchanges(tag="Banned"), check)


def test_the_replay_server_answers_599_to_what_was_not_recorded() -> None:
    with ReplayServer(next(iter_exchanges(operation="GET /nodes"))) as server:
        status, body = fetch(server, "GET", "/api/v5/stats?x=1")
    assert status == 599
    assert json.loads(body)["code"] == "NOT_RECORDED"
    (request,) = server.received
    assert isinstance(request, ReceivedRequest)
    assert (request.method, request.path, request.query) == ("GET", "/api/v5/stats", "x=1")
    assert request.headers["x-mark"] == "1"


def test_the_replay_server_answers_in_order_and_repeats_the_last() -> None:
    first, last = list(iter_exchanges(operation="GET /nodes"))[:2]
    with ReplayServer({"GET /api/v5/nodes/a%2Fb": [first, last]}) as server:
        answers = [fetch(server, "GET", "/api/v5/nodes/a%2fb")[1] for _ in range(3)]
    assert answers == [first.response_bytes, last.response_bytes, last.response_bytes]


def test_the_replay_server_answers_599_if_no_response_was_recorded() -> None:
    unanswered = next(exchange for exchange in iter_exchanges() if exchange.response is None)
    with ReplayServer([unanswered]) as server:
        assert fetch(server, "GET", unanswered.target)[0] == 599
