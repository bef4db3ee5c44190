"""Exports of a cluster whose clients come and go between two pages."""

import csv
import io
import json
from random import Random

import pytest

from emqxctl.sandbox.messages import Request, Response
from emqxctl.sandbox.server import Sandbox
from tests.commands.clients.test_kick import crowd
from tests.conftest import Run

COUNT = 5000


class Restless:
    """A cluster of which, after each page, some clients leave and others come, some of them back."""

    def __init__(self, sandbox: Sandbox, *, leaving: int, coming: int) -> None:
        """Begin with a crowd."""
        self.cluster = sandbox.cluster
        self.answered = sandbox._service.respond  # noqa: SLF001  # to act between its answers
        self.leaving, self.coming, self.chance = leaving, coming, Random(7)
        self.stayed = set(crowd(sandbox, COUNT))
        self.known, self.gone = set(self.stayed), list[str]()

    def respond(self, request: Request) -> Response:
        """Answer, then change."""
        answer = self.answered(request)
        with self.cluster.lock:
            for clientid in self.chance.sample(sorted(self.cluster.clients), self.leaving):
                self.cluster.clients.pop(clientid)
                self.gone.append(clientid)
            new = [f"new-{len(self.known)}-{number}" for number in range(self.coming)]
            for clientid in [*new, *self.gone[: self.coming // 3]]:
                if clientid not in self.cluster.clients:
                    self.cluster.add_client(clientid)
        self.known.update(new)
        self.stayed.difference_update(self.gone)
        return answer


@pytest.mark.parametrize("format_", ["csv", "tsv", "jsonl", "json", "name", "table"])
@pytest.mark.parametrize(("leaving", "coming"), [(0, 90), (200, 0), (150, 150)])
def test_an_export_names_nobody_twice_and_nobody_else(
    run: Run, cluster: Sandbox, monkeypatch: pytest.MonkeyPatch, format_: str, leaving: int, coming: int
) -> None:
    restless = Restless(cluster, leaving=leaving, coming=coming)
    monkeypatch.setattr(cluster, "_service", restless)
    ran = run("clients", "list", "--fields", "clientid,node", "-o", format_)
    assert (ran.code, ran.err) == (0, "")
    found = ids(ran.out, format_)
    assert len(found) == len(set(found))
    assert set(found) <= restless.known
    assert len([one for one in cluster.requests if one.path.endswith("/clients")]) >= 3, "pages, not one"
    if not leaving:
        assert set(found) >= restless.stayed, "who was there all the time is listed"


def ids(text: str, format_: str) -> list[str]:
    """Read the clients' ids from an export."""
    match format_:
        case "csv" | "tsv":
            rows = csv.DictReader(io.StringIO(text), delimiter="," if format_ == "csv" else "\t")
            return [row["clientid"] for row in rows]
        case "jsonl":
            return [json.loads(line)["clientid"] for line in text.splitlines()]
        case "json":
            return [row["clientid"] for row in json.loads(text)]
        case "name":
            return text.splitlines()
        case _:
            return [line.split()[0] for line in text.splitlines()[1:]]
