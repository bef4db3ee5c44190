"""The client by itself: what it sends, what it keeps back, and what it imports."""

import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from emqxctl.api.client import Client
from emqxctl.api.connection import Connection, client_certificate, tls_verification
from emqxctl.api.request import build_request
from emqxctl.api.transfers import download, upload
from emqxctl.errors import (
    ConfigError,
    EmqxctlError,
    ExitCode,
    GuardError,
    ServerError,
    TimedOutError,
    UnreachableError,
    UsageError,
)
from tests.faults.server import (
    FaultServer,
    drip_forever,
    format_head,
    never_respond,
    reset_connection,
    respond,
    respond_raw,
)
from tests.support.waiting import wait_until

PNG = bytes(range(256)) * 4096


@pytest.fixture
def log_lines() -> list[str]:
    """Keep what the client writes to stderr."""
    return []


def make_client(server: FaultServer, log_lines: list[str], **options: Any) -> Client:
    """Make a client that never really waits."""
    settings = {"api_key": "the-key", "api_secret": "the-secret", "timeout": 5.0, "retries": 2, **options}
    client = Client(Connection(server.url, **settings), log_lines.append)
    client.transport.sleep = lambda _seconds: None
    return client


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


def test_an_upload_tells_how_far_it_is(log_lines: list[str]) -> None:
    steps: list[tuple[int, int]] = []
    with FaultServer([respond(204)]) as server:
        upload(
            make_client(server, log_lines),
            "/data/files",
            file=("filename", "b x.tar.gz", PNG),
            on_progress=lambda done, size: steps.append((done, size)),
        )
        request = server.received[0]
    assert steps[-1][0] == steps[-1][1] == int(request.headers["content-length"])
    assert PNG in request.body
    assert b'filename="b x.tar.gz"' in request.body


@pytest.mark.parametrize("name", ['a"b', "a\r\nb", "a\\b", "a\0b", "a\x7fb"])
def test_a_file_name_that_would_break_a_form_is_refused(log_lines: list[str], name: str) -> None:
    with FaultServer([respond(204)]) as server, pytest.raises(UsageError, match="invalid file name"):
        upload(make_client(server, log_lines), "/data/files", file=("filename", name, PNG))
    assert server.received == []


def download_chunks(api: Client) -> Iterator[bytes]:
    """Download a file."""
    return download(api, "/data/files/{name}", "x", on_progress=lambda _done, _size: None)


@pytest.mark.parametrize("length", [None, "1048576", "garbage"])
def test_a_download_comes_in_pieces(log_lines: list[str], length: str | None) -> None:
    told_length = {"Content-Length": length} if length else {}
    with FaultServer([respond_raw(format_head(200, {**told_length}) + PNG)]) as server:
        assert b"".join(download_chunks(make_client(server, log_lines))) == PNG


@pytest.mark.parametrize(
    ("play", "exit_code"),
    [
        (reset_connection(), ExitCode.UNREACHABLE),
        (respond_raw(format_head(200, {"Content-Length": "99"}) + b"x"), ExitCode.UNREACHABLE),
        (never_respond(), ExitCode.TIMED_OUT),
        (drip_forever(b"HTTP/1.1 200 OK\r\nX: ", b"x"), ExitCode.TIMED_OUT),
        (respond(404, '{"code":"NOT_FOUND","message":"no such file"}'), ExitCode.NOT_FOUND),
        (respond(302, "", {"Location": "http://elsewhere.invalid/"}), ExitCode.UNREACHABLE),
    ],
)
def test_a_download_that_fails_says_why(log_lines: list[str], play: Any, exit_code: ExitCode) -> None:
    timeout = 0.2 if exit_code is ExitCode.TIMED_OUT else 5
    with FaultServer([play]) as server, pytest.raises(EmqxctlError) as caught:
        list(download_chunks(make_client(server, log_lines, timeout=timeout)))
    assert caught.value.exit_code is exit_code


def test_a_long_download_has_no_limit_to_the_whole(
    log_lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = count(0.0, 200.0)  # the clock advances with each read, so that a busy machine changes nothing
    monkeypatch.setattr("emqxctl.api.timeouts.monotonic", lambda: next(readings))
    with FaultServer([drip_forever(format_head(200, {"Content-Length": "30"}), b"x")]) as server:
        assert len(b"".join(download_chunks(make_client(server, log_lines, timeout=300)))) == 30


def test_files_of_tls_are_named_in_full(tmp_path: Path) -> None:
    connection = Connection("https://h")
    both = tmp_path / "both.pem"
    both.touch()
    assert tls_verification(connection) is True
    assert tls_verification(connection._replace(insecure=True, ca_file="x")) is False
    assert tls_verification(connection._replace(ca_file=str(both))) == str(both)
    assert client_certificate(connection) is None
    assert client_certificate(connection._replace(client_cert=str(both))) == (str(both), str(both))
    for wrong in (connection._replace(ca_file="/nowhere/x"), connection._replace(client_cert="/nowhere/x")):
        with pytest.raises(ConfigError, match="/nowhere/x"):
            (tls_verification if wrong.ca_file else client_certificate)(wrong)


def test_a_connection_shows_no_secret() -> None:
    assert "the-secret" not in repr(Connection("http://h", "k", "the-secret", "the-secret"))


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
