"""The client by itself: what it sends, what it keeps back, and what it imports."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from emqxctl.api.client import Client
from emqxctl.api.connection import Connection
from emqxctl.api.request import build_request
from emqxctl.errors import EmqxctlError, GuardError, ServerError, TimedOutError, UnreachableError, UsageError
from tests.api.conftest import make_client
from tests.faults.server import FaultServer, never_respond, reset_connection, respond
from tests.support.waiting import wait_until


def test_a_read_only_client_sends_nothing_but_reads(log_lines: list[str]) -> None:
    with FaultServer() as server:
        api = make_client(server, log_lines, readonly=True)
        for method in ("POST", "PUT", "PATCH", "DELETE", "post", "BREW"):
            with pytest.raises(GuardError):
                api.send(build_request(method, "/x"))
        assert api.get("/nodes") == []
        assert server.methods == ["GET"]


def test_a_dry_run_keeps_writes_and_sends_reads(log_lines: list[str]) -> None:
    with FaultServer() as server:
        api = make_client(server, log_lines, dry_run=True)
        assert api.delete("/banned/{who}", "a b") is None
        assert api.post("/publish", body={"password": "hunter2"}) is None
        assert api.get("/nodes") == []
        assert [call.operation for call in api.transport.dry_run_requests] == [
            "DELETE /banned/{who}",
            "POST /publish",
        ]
        assert server.methods == ["GET"]
    line = api.transport.to_curl(api.transport.dry_run_requests[1])
    assert "hunter2" not in line
    assert "the-secret" not in line


def test_a_call_that_cannot_be_sent_is_refused_in_a_dry_run_too(log_lines: list[str]) -> None:
    with FaultServer() as server:
        api = make_client(server, log_lines, dry_run=True)
        with pytest.raises(UsageError):
            api.send(build_request("POST", "/x")._replace(headers=(("X", "a\nb"),)))
    assert api.transport.dry_run_requests == []


def test_a_bearer_token_goes_in_place_of_the_key(log_lines: list[str]) -> None:
    with FaultServer() as server:
        make_client(server, log_lines, token="tok-123456").get("/nodes")
        assert server.received[0].headers["authorization"] == "Bearer tok-123456"


def test_nobody_sends_no_credentials(log_lines: list[str], home: Path) -> None:
    (home / ".netrc").write_text("machine 127.0.0.1 login jane password hunter2\n")
    (home / ".netrc").chmod(0o600)
    with FaultServer() as server:
        make_client(server, log_lines, api_key="", api_secret="").get("/nodes")
        assert "authorization" not in server.received[0].headers


def test_cookies_of_the_server_do_no_harm(log_lines: list[str]) -> None:
    with FaultServer([respond(200, "[]", {"Set-Cookie": "sid=1; Path=/"})]) as server:
        api = make_client(server, log_lines)
        assert [api.get("/nodes"), api.get("/nodes")] == [[], []]


@pytest.mark.parametrize(
    ("answers", "error", "times"),
    [
        ([reset_connection()], UnreachableError, 3),
        ([never_respond()], TimedOutError, 1),
        ([respond(503)], ServerError, 3),
        ([respond(500)], ServerError, 1),
    ],
)
def test_attempts_are_counted(
    log_lines: list[str], answers: list[Any], error: type[Exception], times: int
) -> None:
    timeout = 0.2 if error is TimedOutError else 5
    with FaultServer(answers) as server:
        with pytest.raises(error):
            make_client(server, log_lines, timeout=timeout).get("/nodes")
        wait_until(lambda: len(server.received) == times)


def test_a_status_that_tells_is_not_waited_to_pass(log_lines: list[str]) -> None:
    with FaultServer([respond(503)]) as server:
        transport = make_client(server, log_lines).transport
        assert transport.send(build_request("GET", "/status"), expected_status=503).status == 503
        assert len(server.received) == 1


def test_verbose_tells_each_attempt_without_secrets(log_lines: list[str]) -> None:
    with FaultServer([reset_connection(), respond(200, "[]")]) as server:
        make_client(server, log_lines, verbose=True).get("/nodes", query={"password": "hunter2"})
    assert len(log_lines) == 3
    assert "retry in" in log_lines[1]
    assert "-> 200 in" in log_lines[2]
    assert "hunter2" not in "".join(log_lines)


def test_success_imports_nothing_that_only_failures_need() -> None:
    code = (
        "import sys\n"
        "from emqxctl.api.client import Client\n"
        "from emqxctl.api.connection import Connection\n"
        "assert Client(Connection(sys.argv[1]), print).get('/nodes') == []\n"
        "print(*[name for name in sys.modules if name.startswith('emqxctl.api.')])\n"
    )
    with FaultServer() as server:
        result = subprocess.run(
            [sys.executable, "-c", code, server.url], capture_output=True, text=True, check=True
        )
    loaded = {name.rpartition(".")[2] for name in result.stdout.split()}
    assert loaded == {
        "client",
        "connection",
        "content_encoding",
        "http_session",
        "request",
        "request_body",
        "request_log",
        "response",
        "retry",
        "size_limits",
        "timeouts",
        "transport",
    }


def test_a_cookie_comes_back_and_redirects_are_not_followed() -> None:
    """A load balancer may keep a session on one node by a cookie."""
    cookie = respond(200, "[]", {"Set-Cookie": "node=n2; Path=/"})
    with FaultServer((cookie, respond(302, "", {"Location": "/elsewhere"}))) as server:
        client = Client(Connection(server.url, retries=0), print)
        assert client.get("/nodes") == []
        with pytest.raises(EmqxctlError):
            client.get("/nodes")
    cookies = [request.headers.get("cookie") for request in server.received]
    assert cookies == [None, "node=n2"]
