"""API keys and profiles that the tests of `keys login` and `keys rotate` create and read."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from emqxctl.sandbox.server import Sandbox
from emqxctl.sandbox.state.access import ApiKey
from tests.conftest import RunResult

PASSWORD = "public"
TOKEN = {"token": "dashboard-token-1", "version": "5.8.9", "license": {"edition": "ee"}}
Login = Callable[..., RunResult]


def keys(sandbox: Sandbox) -> dict[str, ApiKey]:
    """Return the API keys of the server by name."""
    return sandbox.cluster.access.api_keys


def profiles(config: Path) -> dict[str, Any]:
    """Read the stored profiles."""
    stored_profiles: dict[str, Any] = tomllib.loads(config.read_text())["profiles"]
    return stored_profiles


def sent_requests(sandbox: Sandbox) -> list[str]:
    """Return the requests, without the base path."""
    return [f"{request.method} {request.path.removeprefix('/api/v5')}" for request in sandbox.requests]
