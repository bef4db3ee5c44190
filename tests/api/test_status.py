"""What a broker is, read from /status and /nodes of several versions."""

import json
from collections.abc import Mapping
from typing import cast

import pytest

from emqxctl.api.availability import explain_missing_operation, find_missing_reason
from emqxctl.api.connection import Connection
from emqxctl.api.request import Request, build_request
from emqxctl.api.response import Response
from emqxctl.api.status import BrokerStatus, fetch_status, parse_status
from emqxctl.api.transport import Transport
from emqxctl.errors import EmqxctlError, ExitCode, ServerError, UnreachableError

TOPOLOGY = build_request("GET", "/cluster/topology")
TEXT = "Node emqx@10.0.0.1 is started\nemqx is running"


class Stub:
    """Answers from a table of targets, as Transport.send would."""

    connection = Connection("http://h:1")

    def __init__(self, answers: Mapping[str, tuple[int, str] | Exception]) -> None:
        """Answer 404 for all else."""
        self.responses = answers
        self.requested_targets: list[str] = []

    def send(self, call: Request, *, expected_status: int = 0) -> Response:
        """Answer."""
        assert expected_status == (503 if call.path == "/status" else 0)
        target = call.url_path.partition("?")[0]
        self.requested_targets.append(target)
        status_and_text = self.responses.get(target, (404, ""))
        if isinstance(status_and_text, Exception):
            raise status_and_text
        return Response(
            call.operation, call.method, "", status_and_text[0], "", {}, status_and_text[1].encode()
        )


def transport(**answers: tuple[int, str] | Exception) -> Transport:
    """Create a transport from the responses for `below` (/api/v5/status), `outside` (/status) and `nodes`."""
    targets = {"below": "/api/v5/status", "outside": "/status", "nodes": "/api/v5/nodes"}
    return cast("Transport", Stub({targets[name]: answer for name, answer in answers.items()}))


@pytest.mark.parametrize(
    ("text", "broker"),
    [
        (TEXT, BrokerStatus(node="emqx@10.0.0.1", is_running=True)),
        ("Node emqx@10.0.0.1 is started\nemqx is not_running", BrokerStatus(node="emqx@10.0.0.1")),
        ('{"node_name":"n@h","rel_vsn":"e5.8.9","app_status":"running","broker_status":"started"}',
         BrokerStatus("n@h", "e5.8.9", "Enterprise", is_running=True)),
        ('{"node_name":"n@h","rel_vsn":"v5.1.0","app_status":"running"}',
         BrokerStatus("n@h", "v5.1.0", "Opensource", is_running=True)),
        ('{"node_name":"n@h","rel_vsn":"5.8.9","app_status":"not_running","broker_status":"started"}',
         BrokerStatus("n@h", "5.8.9")),
        ('{"app_status":"running","broker_status":"stopped"}', BrokerStatus()),
        ("", BrokerStatus()),
        ("Node", BrokerStatus()),
        ("[]", BrokerStatus()),
        ("<html>", BrokerStatus()),
    ],
)  # fmt: skip
def test_a_status_is_read(text: str, broker: BrokerStatus) -> None:
    assert parse_status(text) == broker


def test_a_broker_is_asked_below_and_then_outside() -> None:
    assert fetch_status(transport(below=(200, TEXT))) == BrokerStatus("emqx@10.0.0.1", is_running=True)
    assert fetch_status(transport(below=(503, ""))) == BrokerStatus()
    booting = fetch_status(transport(outside=(200, TEXT)))
    assert booting == BrokerStatus("emqx@10.0.0.1", is_running=False)
    assert fetch_status(transport(outside=(503, ""))) == BrokerStatus()


def test_what_is_no_emqx_is_nobody() -> None:
    page = "<!doctype html><title>Node emqx@a is started</title>"
    assert fetch_status(transport()) is None
    assert fetch_status(transport(below=(200, page), outside=(200, page))) is None
    assert fetch_status(transport(below=(302, ""), outside=(401, ""))) is None


def status_body(version: str) -> tuple[int, str]:
    """Answer /status as a running broker of a version."""
    return 200, json.dumps({"node_name": "n@h", "rel_vsn": version, "app_status": "running"})


@pytest.mark.parametrize(
    ("answers", "exit_code"),
    [
        ({"below": UnreachableError("gone")}, ExitCode.NOT_FOUND),
        ({}, ExitCode.NOT_FOUND),
        ({"outside": (200, TEXT)}, ExitCode.NOT_READY),
        ({"below": (503, "")}, ExitCode.NOT_READY),
        ({"below": status_body("e5.8.9")}, ExitCode.NOT_FOUND),
        ({"below": status_body("v5.0.26")}, ExitCode.UNSUPPORTED),
        ({"below": (200, TEXT), "nodes": (200, '[{"version":"5.0.3","edition":"Opensource"}]')},
         ExitCode.UNSUPPORTED),
        ({"below": (200, TEXT), "nodes": (401, "")}, ExitCode.NOT_FOUND),
        ({"below": (200, TEXT), "nodes": (200, "[]")}, ExitCode.NOT_FOUND),
        ({"below": (200, TEXT), "nodes": (200, '["odd"]')}, ExitCode.NOT_FOUND),
        ({"below": (200, TEXT), "nodes": (200, '{"data": 1}')}, ExitCode.NOT_FOUND),
        ({"below": (200, TEXT), "nodes": (200, "<html>")}, ExitCode.NOT_FOUND),
        ({"below": (200, TEXT), "nodes": UnreachableError("gone")}, ExitCode.NOT_FOUND),
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
