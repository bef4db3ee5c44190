"""Clients and responses for the tests of the API's parts."""

import json
from typing import Any

import pytest

from emqxctl.api.client import Client
from emqxctl.api.connection import Connection
from emqxctl.api.response import Response
from tests.faults.server import FaultServer


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


def make_response(
    status: int,
    body: Any = b"",
    operation: str = "GET /clients",
    *arguments: str,
    **headers: str,
) -> Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    method = operation.partition(" ")[0]
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(operation, method, "http://127.0.0.1:18083", status, "", names, content, 0.0, arguments)
