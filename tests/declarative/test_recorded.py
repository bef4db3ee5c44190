"""Recorded lists of real servers: what is exported of them differs in nothing when it is read back."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from emqxctl.declarative.changes import Options
from emqxctl.declarative.export import Choice, Export, read_kind
from emqxctl.declarative.kinds import all_kinds
from emqxctl.declarative.planner import Planner
from emqxctl.declarative.server import Server
from emqxctl.declarative.write import write_document
from emqxctl.errors import ExitCode, ServerError
from tests.support.recordings import iter_exchanges
from tests.support.state_files import outline, parse

FACTS = Path(__file__).parent.parent / "facts"


class Recorded:
    """A client whose answers are those that a real EMQX gave, the longest for each path."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        """Answer from paths and bodies."""
        self.answers = answers

    def get(self, path: str, *arguments: str, query: Mapping[str, object] = {}) -> Any:
        """Return what was recorded for a path. Raises ServerError (404) where nothing was."""
        given = iter(arguments)
        full = re.sub(r"\{[^}]*\}", lambda _: next(given), path)
        if full not in self.answers:
            raise ServerError(full, exit_code=ExitCode.NOT_FOUND)
        if query.get("page", 1) != 1:
            return {"data": []}
        return json.loads(json.dumps(self.answers[full]))

    def post(self, path: str, *_arguments: str, **_options: object) -> Any:
        """Refuse to write."""
        raise AssertionError(path)

    put = post

    def delete(self, path: str, *_arguments: str) -> Any:
        """Refuse to write."""
        raise AssertionError(path)


@cache
def answers(version: str) -> dict[str, Any]:
    """Return the longest body that was recorded for each path."""
    if version != "5.8.9":
        found: dict[str, Any] = json.loads((FACTS / f"lists-{version}.json").read_text("utf-8"))
        return found
    result: dict[str, Any] = {}
    for one in iter_exchanges():
        response = one.response
        if one.method != "GET" or response is None or response["status"] not in {200, 204}:
            continue
        path, body = unquote(one.path).removeprefix("/api/v5"), response.get("body")
        if {name for name, _ in one.query} <= {"limit", "page"} and len(str(body)) >= len(
            str(result.get(path, ""))
        ):
            result[path] = body
    return result


PAIRS = [(version, name) for version in ("5.8.9", "6.2.2") for name in all_kinds()]
# Objects whose bodies are in no recording.
UNRECORDED = {
    ("5.8.9", "gateways"),
    ("6.2.2", "gateways"),
    ("6.2.2", "gateway_authentication"),
    ("6.2.2", "gateway_listeners"),
    ("6.2.2", "namespaces"),
}


@pytest.mark.parametrize(("version", "name"), [pair for pair in PAIRS if pair not in UNRECORDED])
def test_an_export_of_a_recorded_cluster_differs_in_nothing(version: str, name: str) -> None:
    client = Recorded(answers(version))
    server, kind = Server(client, client), all_kinds()[name]
    assert server.read_version() == version
    if kind.members is None and server.missing_reason(kind):
        pytest.skip(server.missing_reason(kind))
    found = Export()
    choice = Choice(only=(name,))
    rows = list(read_kind(server, kind, [], choice, found))
    assert rows, "nothing was recorded"
    text = write_document({name: rows}, all_kinds(), version)
    assert outline(Planner(server, parse(text, {}), None, Options()).build()) == []
    for row in rows:
        body = row.body if isinstance(row.body, dict) else {}
        assert set(body) & (kind.added | set(kind.key)) == set()
    assert "******" not in text
