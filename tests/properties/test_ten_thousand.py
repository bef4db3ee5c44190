"""Ten thousand hostile ids, topics and payloads: a request names exactly that one, or is not sent."""

import json
import random
import socket
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emqxctl.api.client import Client
from emqxctl.api.connection import Connection
from emqxctl.errors import UsageError
from emqxctl.text.escaping import control_character_pattern
from tests.conftest import Run
from tests.faults.server import FaultServer, respond
from tests.properties.test_hostile_ids import FORMATS, HOSTILE_IDS
from tests.support.every_case import check_every

PIECES = (
    *(
        "..",
        ".",
        "/",
        "//",
        "%2F",
        "%2e%2e",
        "%00",
        "\x00",
        "?",
        "#",
        "&",
        "=",
        ";",
        "\\",
        "+",
        " ",
        "\t",
        "\n",
    ),
    *(
        "\r\n",
        "\r\nHost: evil",
        "\x1b[2J",
        "\x9b31m",
        "\x7f",
        "\u202e",
        "\u2028",
        "\u200b",
        "\ufeff",
        "'",
        '"',
    ),
    *(
        "$(reboot)",
        "`id`",
        "{{x}}",
        "${a}",
        "[bold]",
        "=1+1",
        "@a",
        "-1",
        "--yes",
        "é",
        "中",
        "👩\u200d👧",
        "\udcff",
    ),
    *(
        "\ud800",
        "a",
        "x" * 300,
        "{",
        "}",
        "{clientid}",
        "\U000e0041",
        "api/v5",
        ":",
        "@",
        "<b>",
        "|",
        "~",
        "*",
    ),
)
NAMES = st.text() | st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map("".join)
WIDENING = {"", ".", ".."}


def iterate_names() -> Iterator[str]:
    """Yield hostile names: the known ones, every pair of pieces, then random pieces, the same in each run."""
    yield from HOSTILE_IDS
    yield from (first + second for first in PIECES for second in PIECES)
    generator = random.Random(2026)  # only has to be the same each time
    while True:
        yield "".join(generator.choices(PIECES, k=generator.randint(3, 6)))


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """Yield a server that records requests and answers with an object."""
    with FaultServer(
        responders=[respond(200, '{"clientid": "x", "topic": "x", "payload": "eA==", "qos": 0}')]
    ) as server:
        yield server


@pytest.fixture
def env(server: FaultServer) -> dict[str, str]:
    """Return the environment that reaches the server."""
    variables = {"URL": server.url, "API_KEY": "k", "API_SECRET": "s", "RETRIES": "0"}
    return {"NO_COLOR": "1"} | {f"EMQXCTL_{name}": value for name, value in variables.items()}


def decode_target(target: str) -> bytes:
    """Return the name in a request target: all behind the fourth slash, decoded."""
    path = target.partition("?")[0]
    assert path.isascii()
    assert path.count("/") == 4, path
    return unquote_to_bytes(path.rpartition("/")[2])


class PreparedServer:
    """Connections whose response is there before the request: thousands need no second thread."""

    RESPONSE = b"\r\n".join(
        (
            b"HTTP/1.1 200 OK",
            b"Connection: close",
            b"Content-Type: application/json",
            b"Content-Length: 2",
            b"",
            b"{}",
        )
    )

    def __init__(self) -> None:
        """Start without a connection."""
        self.peers: list[socket.socket] = []

    def connect(self, *_arguments: object, **_options: object) -> socket.socket:
        """Return the client's end of a new connection."""
        client, peer = socket.socketpair()
        peer.sendall(self.RESPONSE)
        self.peers.append(peer)
        return client

    def take_heads(self) -> list[bytes]:
        """Return the head of the request of each connection, and close them."""
        heads = []
        for peer in self.peers:
            with peer:
                heads.append(peer.recv(1 << 16).partition(b"\r\n\r\n")[0])
        self.peers.clear()
        return heads


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_five_thousand_ids_are_each_named_exactly_or_refused(
    monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    server = PreparedServer()
    monkeypatch.setattr("urllib3.util.connection.create_connection", server.connect)
    client = Client(Connection(url="http://127.0.0.1:1", retries=0), lambda _line: None)
    send = client.get if method == "GET" else client.delete
    names = islice(iterate_names(), method == "DELETE", 10_000, 2)
    refused = []

    def check(name: str) -> None:
        try:
            send("/clients/{clientid}", name)
        except UsageError:
            assert server.take_heads() == []
            refused.append(name)
            return
        (head,) = server.take_heads()
        first_method, target, version = head.split(b"\r\n")[0].decode("ascii").split(" ")
        assert (first_method, version) == (method, "HTTP/1.1")
        assert decode_target(target) == name.encode("utf-8", "surrogateescape")

    check_every(names, check, name=repr)
    assert 0 < len(refused) < 1500


COMMANDS = {
    "clients get": ("clients", "get", "-o", "json"),
    "clients kick": ("clients", "kick"),
    "topics get": ("topics", "get", "-o", "yaml"),
    "nodes get": ("nodes", "get", "-o", "csv"),
    "rules get": ("rules", "get", "-o", "tsv"),
    "rules delete": ("rules", "delete"),
    "listeners delete": ("listeners", "delete"),
    "connectors get": ("connectors", "get", "-o", "md"),
    "traces delete": ("traces", "delete"),
    "exhooks delete": ("exhooks", "delete"),
    "plugins get": ("plugins", "get", "-o", "wide"),
    "gateways get": ("gateways", "get", "-o", "name"),
}


@pytest.mark.parametrize("command", COMMANDS)
@given(name=NAMES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_command_requests_exactly_its_argument(
    run: Run, server: FaultServer, env: dict[str, str], command: str, name: str
) -> None:
    server.received.clear()
    result = run("--yes", *COMMANDS[command], "--", name, env={**env, "NO_COLOR": "1"}, terminal=True)
    assert "UNEXPECTED" not in result.err
    assert not control_character_pattern("\n").search(result.err.replace("\n", ""))
    if not server.received:
        assert result.code == 2, result.err
    for request in server.received:
        if command == "nodes get" and request.target == "/api/v5/nodes":
            continue  # a name without a host may be the short name of a node
        assert decode_target(request.target) == name.encode("utf-8", "surrogateescape")


@given(topic=NAMES, payload=(st.text() | NAMES).filter(lambda text: text != "-"))  # - is stdin
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_message_is_published_unchanged_or_refused(
    run: Run, server: FaultServer, env: dict[str, str], topic: str, payload: str
) -> None:
    server.received.clear()
    result = run("publish", "--", topic, payload, env=env)
    assert "UNEXPECTED" not in result.err
    if not server.received:
        assert result.code in {2, 7}, result.err
        return
    (request,) = server.received
    assert request.target == "/api/v5/publish"
    body: dict[str, Any] = json.loads(request.body.decode("utf-8", "surrogatepass"))
    assert body["topic"] == topic
    content = body["payload"].encode("utf-8", "surrogateescape")
    if body.get("payload_encoding") == "base64":
        from base64 import b64decode

        content = b64decode(content)
    assert content == payload.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize("format_", FORMATS)
def test_a_list_of_a_thousand_hostile_ids_prints_no_control_characters(run: Run, format_: str) -> None:
    rows = [
        {
            "clientid": name,
            "username": name,
            "topic": name,
            "node": name,
            "connected": True,
            "n": {name: name},
        }
        for _, name in zip(range(1100), iterate_names(), strict=False)
    ]
    pages = [respond(200, json.dumps({"data": rows, "meta": {"hasnext": False, "count": len(rows)}}))]
    with FaultServer(responders=pages) as server:
        env = {"EMQXCTL_URL": server.url, "EMQXCTL_API_KEY": "k", "EMQXCTL_API_SECRET": "s", "NO_COLOR": "1"}
        result = run("clients", "list", "--limit", "1000", "-o", format_, env=env, terminal=True)
    assert result.code == 0, result.err
    for output in (result.out, result.err):
        assert not control_character_pattern().search(
            output.replace("\n", "").replace("\t" if format_ == "tsv" else "\n", "")
        )
    assert len(result.out.splitlines()) >= 1000
