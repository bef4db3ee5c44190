"""The sandbox as a server: connections, what it remembers, and its process."""

import base64
import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
from typing import Any

import pytest

from emqxctl.errors import EmqxctlError
from emqxctl.sandbox.messages import EarlyResponse, split_path
from emqxctl.sandbox.server import Sandbox


def exchange(port: int, raw: bytes) -> bytes:
    """Send raw bytes and read until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(raw)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_requests_are_remembered_as_they_came(call: Any) -> None:
    call("POST", "/publish?a=1&b=x+y%2Bz", {"topic": "t", "payload": "p"})
    received = call.sandbox.requests[-1]
    assert (received.method, received.path, received.status) == ("POST", "/api/v5/publish", 202)
    assert received.query == [("a", "1"), ("b", "x y+z")]
    assert received.headers["content-type"] == "application/json"
    assert json.loads(received.body) == {"topic": "t", "payload": "p"}


def test_a_daemon_remembers_only_the_last_requests() -> None:
    with Sandbox(keep=2) as sandbox:
        for number in range(4):
            head = f"GET /status?n={number} HTTP/1.1\r\nConnection: close\r\n\r\n"
            exchange(sandbox.port, head.encode())
        assert [received.query for received in sandbox.requests] == [[("n", "2")], [("n", "3")]]


def test_one_connection_serves_many_requests(call: Any) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", call.sandbox.port, timeout=10)
    connection.connect()
    used = connection.sock
    for method, path, status in (("GET", "/status", 200), ("HEAD", "/api/v5/nodes", 405), ("GET", "/x", 404)):
        connection.request(method, path)
        response = connection.getresponse()
        response.read()
        assert response.status == status
        assert connection.sock is used
    connection.close()


def test_many_connections_are_served_at_once(call: Any) -> None:
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(call("GET", "/clients")[0])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 8
    assert len(call.sandbox.requests) == 8


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET /status HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET /status HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
        (b"GET /api/v5/clients/%zz HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
        (b"GET /status HTTP/1.1\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(101)) + b"\r\n", 431),
        (b"GET /" + b"x" * 66_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"HEAD /x HTTP/1.1\r\nConnection: close\r\n\r\n", 404),
    ],
)
def test_what_cowboy_refuses_has_no_body(call: Any, raw: bytes, status: int) -> None:
    answer = exchange(call.sandbox.port, raw)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert answer.endswith(b"\r\n\r\n")


def test_a_chunked_body_is_read(call: Any) -> None:
    body = b'{"username":"admin","password":"public"}'
    head = (
        b"POST /api/v5/login HTTP/1.1\r\nContent-Type: application/json\r\n"
        b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    assert exchange(call.sandbox.port, head + chunks).startswith(b"HTTP/1.1 200 ")


def test_a_client_that_waits_for_100_gets_it(call: Any) -> None:
    head = (
        b"POST /api/v5/login HTTP/1.1\r\nExpect: 100-continue\r\n"
        b"Connection: close\r\nContent-Length: 0\r\n\r\n"
    )
    answer = exchange(call.sandbox.port, head)
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400 ")


def test_a_body_above_8_mb_crashes_the_handler(call: Any) -> None:
    assert call("POST", "/publish", {"topic": "t", "payload": "x" * 8_000_000}) == (500, None)


def test_stopping_closes_idle_connections_and_the_port() -> None:
    sandbox = Sandbox(api_key="only-here", api_secret="none-else").start()
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=10) as idle:
        idle.sendall(b"GET /status HTTP/1.1\r\n\r\n")
        assert idle.recv(9) == b"HTTP/1.1 "
        assert knows(sandbox.port, sandbox)
        sandbox.stop()
        sandbox.stop()
        while idle.recv(65_536):
            pass
    assert not knows(sandbox.port, sandbox)


def knows(port: int, sandbox: Sandbox) -> bool:
    """Tell whether a port knows a sandbox's key: a stopped one's may be another process's already."""
    pair = base64.b64encode(f"{sandbox.api_key}:{sandbox.api_secret}".encode()).decode()
    head = f"GET /api/v5/nodes HTTP/1.1\r\nAuthorization: Basic {pair}\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(head.encode())
            return connection.recv(12) == b"HTTP/1.1 200"
    except OSError:
        return False


def test_a_taken_port_is_an_error_with_a_hint(call: Any) -> None:
    with pytest.raises(EmqxctlError) as caught:
        Sandbox(port=call.sandbox.port).start()
    assert caught.value.code == "PORT_TAKEN"
    assert caught.value.hint


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_process_says_where_it_is_and_ends_on_a_signal(number: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "emqxctl.sandbox", "--clients", "3"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    assert ready["pid"] == process.pid
    assert (ready["api_key"], ready["api_secret"]) == ("sandbox", "sandbox-secret")
    port = int(ready["url"].rpartition(":")[2])
    answer = exchange(port, b"GET /status HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert b"emqx is running" in answer
    process.send_signal(number)
    assert process.wait(timeout=10) == 0
    process.stdout.close()


@pytest.mark.parametrize(
    ("path", "segments"),
    [
        ("/", []),
        ("/a/b/", ["a", "b"]),
        ("/a//b", ["a", "", "b"]),
        ("/a/./b", ["a", "b"]),
        ("/a/../b", ["b"]),
        ("/../../a", ["a"]),
        ("/a/%2E%2e/b", ["b"]),
        ("/a/x%2F..%2Fy", ["a", "x/../y"]),
        ("/a/b/..", ["a"]),
        ("/%E4%B8%AD+%20", ["中+ "]),
    ],
)
def test_paths_are_split_as_cowboy_does(path: str, segments: list[str]) -> None:
    assert split_path(path) == segments


def test_a_broken_escape_is_refused() -> None:
    with pytest.raises(EarlyResponse):
        split_path("/a/%g1")


def test_nobody_reaches_a_sandbox_that_was_stopped() -> None:
    sandbox, connected = Sandbox(clients=1), 0
    for _ in range(400):  # without a wait for the thread that accepts, one of 60 was still reached
        sandbox.port = 0
        sandbox.start()
        sandbox.stop()
        with socket.socket() as client:
            is_connected = client.connect_ex(("127.0.0.1", sandbox.port)) == 0
            connected += is_connected and client.getsockname() != client.getpeername()  # TCP may reach itself
    assert connected == 0
