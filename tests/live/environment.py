"""The cluster that the environment names: its variables, its raw API, and emqxctl run against it."""

import base64
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest

from emqxctl.emqx.operations import parse_numbers, unavailable_reason

# Read when the tests are collected: the fixture `home` removes these variables before each test.
LIVE_VARIABLES = {name: value for name, value in os.environ.items() if name.startswith("EMQXCTL_")}
URL = LIVE_VARIABLES.get("EMQXCTL_URL", "")
DASHBOARD_USERNAME = os.environ.get("EMQX_DASHBOARD_USERNAME", "")
DASHBOARD_PASSWORD = os.environ.get("EMQX_DASHBOARD_PASSWORD", "")
MQTT_HOST = os.environ.get("EMQX_MQTT_HOST") or urlsplit(URL).hostname or "127.0.0.1"
MQTT_PORT = int(os.environ.get("EMQX_MQTT_PORT") or 1883)

PREFIX = "emqxctl-live"  # of every object that these tests create
IDENTIFIER = PREFIX.replace("-", "_")  # for names without hyphens

Query = Mapping[str, str | int]


@dataclass(frozen=True)
class RawResponse:
    """The status and the parsed JSON of a response; `body` is text if it is not JSON, None if it is empty."""

    status: int
    body: Any

    @property
    def rows(self) -> list[Any]:
        """The rows of a list: a bare array, `data` of a page, or `sources` and `rules` of authorization."""
        body = self.body
        if isinstance(body, dict):
            body = next((body[key] for key in ("data", "sources", "rules") if key in body), None)
        assert isinstance(body, list), f"no list: {self.status} {self.body}"
        return body


class RawApi:
    """EMQX's REST API through urllib: what emqxctl reports is compared with this."""

    def __init__(self, url: str, authorization: str) -> None:
        """Keep the base URL, without `/api/v5`, and the value of the Authorization header."""
        self.base = url.rstrip("/") + "/api/v5"
        self.authorization = authorization

    def request(self, method: str, path: str, body: Any = None, query: Query | None = None) -> RawResponse:
        """Send one request and return the response, whatever its status. `path` is already quoted."""
        url = self.base + path + (f"?{urlencode(query)}" if query else "")
        headers = {"Authorization": self.authorization, "Accept": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(url, data=content, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return RawResponse(response.status, parse_body(response.read()))
        except urllib.error.HTTPError as error:
            with error:
                return RawResponse(error.code, parse_body(error.read()))

    def get(self, path: str, query: Query | None = None) -> RawResponse:
        """Send a GET."""
        return self.request("GET", path, query=query)

    def read_object(self, path: str) -> dict[str, Any] | None:
        """Return the object at a path; None if there is none (404)."""
        response = self.get(path)
        if response.status == 404:
            return None
        assert response.status == 200, f"GET {path}: {response}"
        assert isinstance(response.body, dict)
        return response.body


class Emqxctl:
    """The command line, run as a process of its own against the live cluster."""

    def run(
        self,
        *words: str,
        stdin: str = "",
        env: Mapping[str, str] | None = None,
        timeout: float = 120,
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command and return what became of it."""
        return subprocess.run(
            [sys.executable, "-m", "emqxctl", *words],
            env={**os.environ, **LIVE_VARIABLES, "EMQXCTL_NO_INPUT": "1", **(env or {})},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )

    def succeed(self, *words: str, stdin: str = "", env: Mapping[str, str] | None = None) -> str:
        """Run a command that must succeed and return its stdout. Skips what a sandbox does not simulate."""
        ran = self.run(*words, stdin=stdin, env=env)
        if ran.returncode and "does not simulate" in ran.stderr:
            pytest.skip(ran.stderr.strip().splitlines()[0])
        assert ran.returncode == 0, f"emqxctl {' '.join(words)}: {ran.returncode}\n{ran.stderr}"
        return ran.stdout

    def read(self, *words: str, env: Mapping[str, str] | None = None) -> Any:
        """Run a command that must succeed with -o json and return the parsed result."""
        return json.loads(self.succeed(*words, "-o", "json", env=env))


@dataclass(frozen=True)
class Server:
    """What the cluster is: version and edition as in `GET /nodes`, and the names of its nodes."""

    version: str
    edition: str
    nodes: tuple[str, ...]

    @property
    def release(self) -> tuple[int, int, int]:
        """The version as numbers."""
        return parse_numbers(self.version)

    def missing_reason(self, *operations: str) -> str | None:
        """Return why the first missing one of the operations is not there; None if all are."""
        for operation in operations:
            if reason := unavailable_reason(operation, self.version, self.edition):
                return f"{operation} {reason}"
        return None

    def require(self, *operations: str) -> None:
        """Skip the test, with the reason, if this version or edition lacks an operation."""
        if reason := self.missing_reason(*operations):
            pytest.skip(reason)

    def require_release(self, since: tuple[int, int, int], subject: str) -> None:
        """Skip the test unless the server is at least of a release."""
        if self.release < since:
            pytest.skip(f"{subject} requires EMQX {'.'.join(map(str, since))} (this is {self.version})")


def parse_body(content: bytes) -> Any:
    """Parse a body: JSON, else text; None if it is empty."""
    if not content:
        return None
    try:
        return json.loads(content)
    except ValueError:
        return content.decode("utf-8", "replace")


def open_raw_api() -> RawApi:
    """Return the raw API with the API key of the environment."""
    pair = f"{LIVE_VARIABLES.get('EMQXCTL_API_KEY', '')}:{LIVE_VARIABLES.get('EMQXCTL_API_SECRET', '')}"
    return RawApi(URL, "Basic " + base64.b64encode(pair.encode()).decode())


def quote_segment(value: str) -> str:
    """Quote one segment of a path."""
    return quote(value, safe="")


def wait_until(condition: Callable[[], bool], subject: str, seconds: float = 15) -> None:
    """Poll a condition until it holds; fail with the subject after some seconds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {subject}"
        time.sleep(0.1)
