"""Command lines run against recorded or invented responses, and the requests that they sent."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from tests.conftest import Run, RunResult
from tests.support.openapi import find_problems
from tests.support.recordings import Exchange, ReceivedRequest, ReplayServer

BASE = "/api/v5"


@dataclass(frozen=True)
class ReplayedRun:
    """The result of a command, and the requests that it sent."""

    result: RunResult
    received: Sequence[ReceivedRequest]

    @property
    def calls(self) -> list[str]:
        """The requests as `GET /api/v5/nodes?limit=1`, in order, without the base."""
        return [
            f"{request.method} {request.path.removeprefix(BASE)}"
            + (f"?{request.query}" if request.query else "")
            for request in self.received
        ]

    @property
    def bodies(self) -> list[Any]:
        """The JSON bodies that were sent, in order."""
        return [json.loads(request.body) for request in self.received if request.body]


def make_exchange(call: str, status: int = 200, body: object = None) -> Exchange:
    """Return an invented exchange: `make_exchange("GET /nodes", 200, [])`; without a body it is empty."""
    method, _, path = call.partition(" ")
    content = {"body_text": ""} if body is None else {"body": body}
    headers = {} if body is None else {"content-type": "application/json"}
    response = {"status": status, "reason": "Made Up", "headers": headers, **content}
    return Exchange(call, "", "", "", {"method": method, "path": BASE + path}, response)


def replay(
    run: Run,
    script: Sequence[Exchange],
    *words: str,
    env: Mapping[str, str] | None = None,
    check_requests: bool | Callable[[], bool] = True,
    **options: Any,
) -> ReplayedRun:
    """Run a command against exchanges; what it sends must fit EMQX's documents, unless it failed."""
    with ReplayServer(script) as server:
        connection = {
            "EMQXCTL_URL": server.url,
            "EMQXCTL_API_KEY": "k" * 16,
            "EMQXCTL_API_SECRET": "s3cret-of-the-test",
            "EMQXCTL_RETRIES": "0",
            "EMQXCTL_WORKERS": "1",  # the responses are in the order of the script
        }
        result = run(*words, env={**connection, **(env or {})}, **options)
    assert "Traceback" not in result.err
    assert "s3cret-of-the-test" not in result.err + result.out
    if result.code == 0 and (check_requests() if callable(check_requests) else check_requests):
        for request in server.received:
            query = parse_qsl(request.query, keep_blank_values=True)
            assert (
                find_problems(request.method, request.path, query, request.headers, request.body or None)
                == []
            )
    return ReplayedRun(result, server.received)
