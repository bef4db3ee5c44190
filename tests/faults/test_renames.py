"""A broker that knows only the former name of a path is asked under it."""

import json

import pytest

from emqxctl.api.legacy_paths import find_legacy_operation, to_legacy_request
from emqxctl.api.request import build_request
from tests.faults.conftest import RunAgainst, Serve
from tests.faults.server import respond

LOST_PATH = respond(404, '{"code":"NOT_FOUND","message":"Request Path Not Found"}')
OLD = respond(
    200,
    json.dumps({"app_status": "running", "broker_status": "started", "rel_vsn": "v5.0.5", "node_name": "n"}),
)


def test_the_legacy_path_is_tried_if_the_current_one_is_unknown(
    serve: Serve, run_against: RunAgainst
) -> None:
    server = serve(LOST_PATH, OLD, respond(200, '[{"name":"stomp","status":"running"}]'))
    result = run_against(server, "gateways", "list", "-o", "json")
    assert result.code == 0, result.err
    assert result.json == [{"name": "stomp", "status": "running"}]
    assert [target.partition("?")[0] for target in server.targets()] == [
        "/api/v5/gateways",
        "/api/v5/status",
        "/api/v5/gateway",
    ]


def test_an_unknown_legacy_path_keeps_the_current_error(serve: Serve, run_against: RunAgainst) -> None:
    server = serve(LOST_PATH, OLD, LOST_PATH)
    result = run_against(server, "gateways", "list")
    assert result.code == 13
    assert "requires EMQX" in result.err


@pytest.mark.parametrize(
    ("operation", "old"),
    [
        ("GET /gateways", "GET /gateway"),
        ("GET /gateways/{name}/clients", "GET /gateway/{name}/clients"),
        (
            "PUT /authorization/sources/built_in_database/rules/users/{username}",
            "PUT /authorization/sources/built_in_database/username/{username}",
        ),
        (
            "DELETE /authorization/sources/built_in_database/rules",
            "DELETE /authorization/sources/built_in_database/purge-all",
        ),
        ("GET /gatewaysx", None),
        ("GET /nodes", None),
    ],
)
def test_operations_have_their_legacy_paths(operation: str, old: str | None) -> None:
    assert find_legacy_operation(operation) == old


def test_arguments_of_a_legacy_path_are_encoded() -> None:
    renamed = to_legacy_request(build_request("GET", "/gateways/{name}/clients/{clientid}", "coap", "a/b"))
    assert renamed is not None
    assert renamed.path == "/gateway/coap/clients/a%2Fb"


def test_the_legacy_move_has_the_position_in_its_body() -> None:
    path = "/authentication/{id}/position/{position}"
    renamed = to_legacy_request(build_request("PUT", path, "a:b", "before:jwt"))
    assert renamed is not None
    assert (renamed.method, renamed.path) == ("POST", "/authentication/a%3Ab/move")
    assert (renamed.content, renamed.content_type) == (b'{"position": "before:jwt"}', "application/json")
