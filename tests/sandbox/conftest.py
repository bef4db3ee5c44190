"""A sandbox of its own for each test, and a plain HTTP client that changes nothing on its way."""

import base64
import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from emqxctl.sandbox.server import Sandbox
from emqxctl.sandbox.state.cluster import Cluster


@dataclass
class Clock:
    """A clock that stops until it is moved."""

    now: float = 1_795_391_603.0

    def __call__(self) -> float:
        """Read it."""
        return self.now


@dataclass(frozen=True)
class Caller:
    """Calls a sandbox with its API key; paths are sent as they are."""

    sandbox: Sandbox

    @property
    def cluster(self) -> Cluster:
        """Give the state behind it."""
        return self.sandbox.cluster

    def __call__(
        self, method: str, path: str, body: Any = None, authorization: str | None = None
    ) -> tuple[int, Any]:
        """Send one request; gives the status and the JSON of the answer."""
        key = base64.b64encode(f"{self.sandbox.api_key}:{self.sandbox.api_secret}".encode()).decode()
        headers = {"Accept": "application/json", "Authorization": authorization or f"Basic {key}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection = http.client.HTTPConnection("127.0.0.1", self.sandbox.port, timeout=10)
        connection.request(
            method, f"/api/v5{path}", None if body is None else json.dumps(body).encode(), headers
        )
        response = connection.getresponse()
        raw = response.read()
        connection.close()
        return response.status, json.loads(raw) if raw else None


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def call(clock: Clock) -> Iterator[Caller]:
    with Sandbox(clock=clock) as sandbox:
        yield Caller(sandbox)
