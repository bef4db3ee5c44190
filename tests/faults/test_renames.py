"""A broker that knows only the former name of a path is asked under it."""

import json

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
