"""Why an operation is missing: a version, an edition, or a path that is not EMQX's."""

import json
from collections.abc import Mapping

import pytest

from emqxctl.api.availability import explain_missing_operation, find_missing_reason
from emqxctl.api.request import build_request
from emqxctl.api.status import BrokerStatus
from emqxctl.errors import EmqxctlError, ExitCode, ServerError, UnreachableError
from tests.api.stub_transport import STATUS_TEXT, transport

TOPOLOGY = build_request("GET", "/cluster/topology")


def status_body(version: str) -> tuple[int, str]:
    """Answer /status as a running broker of a version."""
    return 200, json.dumps({"node_name": "n@h", "rel_vsn": version, "app_status": "running"})


@pytest.mark.parametrize(
    ("answers", "exit_code"),
    [
        ({"below": UnreachableError("gone")}, ExitCode.NOT_FOUND),
        ({}, ExitCode.NOT_FOUND),
        ({"outside": (200, STATUS_TEXT)}, ExitCode.NOT_READY),
        ({"below": (503, "")}, ExitCode.NOT_READY),
        ({"below": status_body("e5.8.9")}, ExitCode.NOT_FOUND),
        ({"below": status_body("v5.0.26")}, ExitCode.UNSUPPORTED),
        ({"below": (200, STATUS_TEXT), "nodes": (200, '[{"version":"5.0.3","edition":"Opensource"}]')},
         ExitCode.UNSUPPORTED),
        ({"below": (200, STATUS_TEXT), "nodes": (401, "")}, ExitCode.NOT_FOUND),
        ({"below": (200, STATUS_TEXT), "nodes": (200, "[]")}, ExitCode.NOT_FOUND),
        ({"below": (200, STATUS_TEXT), "nodes": (200, '["odd"]')}, ExitCode.NOT_FOUND),
        ({"below": (200, STATUS_TEXT), "nodes": (200, '{"data": 1}')}, ExitCode.NOT_FOUND),
        ({"below": (200, STATUS_TEXT), "nodes": (200, "<html>")}, ExitCode.NOT_FOUND),
        ({"below": (200, STATUS_TEXT), "nodes": UnreachableError("gone")}, ExitCode.NOT_FOUND),
    ],
)  # fmt: skip
def test_why_a_path_is_unknown(
    answers: Mapping[str, tuple[int, str] | Exception], exit_code: ExitCode
) -> None:
    original: EmqxctlError = ServerError("unknown path", exit_code=ExitCode.NOT_FOUND)
    explained = explain_missing_operation(transport(**answers), TOPOLOGY, original)
    assert explained.exit_code is exit_code
    assert (explained is original) is (exit_code is ExitCode.NOT_FOUND)


def test_the_reason_names_the_version_that_is_needed() -> None:
    broker = BrokerStatus("n@h", "v5.0.26", "Opensource", is_running=True)
    assert find_missing_reason(transport(), TOPOLOGY.operation, broker).startswith("requires EMQX 5.")
    assert find_missing_reason(transport(), "GET /nodes", broker) == ""
    assert find_missing_reason(transport(), "GET /no/such/operation", broker) == ""
