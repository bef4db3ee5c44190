"""A dashboard user of the simulated cluster, and the file of the profiles."""

from pathlib import Path
from typing import Any

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.commands.keys.dashboard_keys import Login, keys
from tests.conftest import Run, RunResult
from tests.support.openapi import find_problems


@pytest.fixture
def config(home: Path) -> Path:
    """Return the file of the profiles."""
    return home / "config" / "config.toml"


@pytest.fixture
def login(run: Run, sandbox: Sandbox) -> Login:
    """Run a command as the sandbox's dashboard user; its output contains no secret."""

    def run_with_password(*words: str, **more: Any) -> RunResult:
        result = run(*words, "--username", "admin", "--password-file", "-", stdin=b"public\n", **more)
        secrets = [key.secret for key in keys(sandbox).values()] + list(sandbox.cluster.tokens)
        assert [secret for secret in secrets if secret in result.out + result.err] == []
        return result

    return run_with_password


@pytest.fixture
def sound(sandbox: Sandbox) -> Any:
    """Start without API keys, and check that every accepted request fits EMQX's documents."""
    sandbox.cluster.access.api_keys.clear()
    yield
    for request in sandbox.requests:
        if request.status < 300:
            assert (
                find_problems(request.method, request.path, request.query, request.headers, request.body)
                == []
            )
