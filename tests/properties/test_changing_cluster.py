"""Exports of a cluster whose clients connect and disconnect between two pages."""

import csv
import io
import json
from random import Random

import pytest

from emqxctl.api import page_size
from emqxctl.sandbox.messages import Request, Response
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.sandboxes import bulk_ids, replace_clients

COUNT = 5000


class ChangingServer:
    """A cluster in which, after each page, some clients disconnect and others connect, some of them again."""

    def __init__(self, sandbox: Sandbox, *, disconnecting: int, connecting: int) -> None:
        """Create the clients."""
        self.cluster = sandbox.cluster
        self.respond_normally = sandbox._service.respond  # noqa: SLF001  # to act between its answers
        self.disconnecting, self.connecting, self.generator = disconnecting, connecting, Random(7)
        self.kept_ids = set(replace_clients(sandbox, bulk_ids(COUNT)))
        self.all_ids, self.removed_ids = set(self.kept_ids), list[str]()

    def respond(self, request: Request) -> Response:
        """Answer, then change."""
        response = self.respond_normally(request)
        with self.cluster.lock:
            for clientid in self.generator.sample(sorted(self.cluster.clients), self.disconnecting):
                self.cluster.clients.pop(clientid)
                self.removed_ids.append(clientid)
            new_ids = [f"new-{len(self.all_ids)}-{number}" for number in range(self.connecting)]
            for clientid in [*new_ids, *self.removed_ids[: self.connecting // 3]]:
                if clientid not in self.cluster.clients:
                    self.cluster.add_client(clientid)
        self.all_ids.update(new_ids)
        self.kept_ids.difference_update(self.removed_ids)
        return response


@pytest.mark.parametrize("format_", ["csv", "tsv", "jsonl", "json", "name", "table"])
@pytest.mark.parametrize(("disconnecting", "connecting"), [(0, 90), (200, 0), (150, 150)])
def test_an_export_lists_no_client_twice_and_no_other(
    run: Run,
    cluster: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    format_: str,
    disconnecting: int,
    connecting: int,
) -> None:
    changing_server = ChangingServer(cluster, disconnecting=disconnecting, connecting=connecting)
    monkeypatch.setattr(cluster, "_service", changing_server)
    monkeypatch.setattr(page_size, "MAX_PAGE_SIZE", 2000)  # larger than the first page, smaller than the list
    result = run("clients", "list", "--fields", "clientid,node", "-o", format_)
    assert (result.code, result.err) == (0, "")
    clientids = ids(result.out, format_)
    assert len(clientids) == len(set(clientids))
    assert set(clientids) <= changing_server.all_ids
    assert len([request for request in cluster.requests if request.path.endswith("/clients")]) >= 3, (
        "pages, not one"
    )
    if not disconnecting:
        assert set(clientids) >= changing_server.kept_ids, "who was there all the time is listed"


def ids(text: str, format_: str) -> list[str]:
    """Return the client ids in an export."""
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
