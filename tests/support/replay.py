"""Command lines run against answers that were recorded or made up, and the requests that they sent."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from tests.conftest import Ran, Run
from tests.support.openapi import problems
from tests.support.recorded import Exchange, Received, ReplayServer

BASE = "/api/v5"


@dataclass(frozen=True)
class Talk:
    """What a command came to, and what it sent."""

    ran: Ran
    received: Sequence[Received]

    @property
    def calls(self) -> list[str]:
        """The requests as `GET /api/v5/nodes?limit=1`, in order, without the base."""
        return [
            f"{one.method} {one.path.removeprefix(BASE)}" + (f"?{one.query}" if one.query else "")
            for one in self.received
        ]

    @property
    def bodies(self) -> list[Any]:
        """The JSON bodies that were sent, in order."""
        return [json.loads(one.body) for one in self.received if one.body]


def made(call: str, status: int = 200, body: object = None) -> Exchange:
    """Make an answer up: `made("GET /nodes", 200, [])`; no body is an empty one."""
    method, _, path = call.partition(" ")
    content = {"body_text": ""} if body is None else {"body": body}
    headers = {} if body is None else {"content-type": "application/json"}
    response = {"status": status, "reason": "Made Up", "headers": headers, **content}
    return Exchange(call, "", "", "", {"method": method, "path": BASE + path}, response)


def talk(
    run: Run,
    script: Sequence[Exchange],
    *words: str,
    env: Mapping[str, str] | None = None,
    checked: bool = True,
    **more: Any,
) -> Talk:
    """Run a command against answers; whatever it sent must fit EMQX's documents, unless it was refused."""
    with ReplayServer(script) as server:
        known = {
            "EMQXCTL_URL": server.url,
            "EMQXCTL_API_KEY": "k" * 16,
            "EMQXCTL_API_SECRET": "s3cret-of-the-test",
            "EMQXCTL_RETRIES": "0",
        }
        ran = run(*words, env={**known, **(env or {})}, **more)
    assert "Traceback" not in ran.err
    assert "s3cret-of-the-test" not in ran.err + ran.out
    if ran.code == 0 and checked:
        for one in server.received:
            query = parse_qsl(one.query, keep_blank_values=True)
            assert problems(one.method, one.path, query, one.headers, one.body or None) == []
    return Talk(ran, server.received)
