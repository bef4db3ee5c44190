"""`emqxctl clients kick`: disconnect one client or many, with a result for each."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from emqxctl.api.pagination import page_rows
from emqxctl.cli.bulk.targets import run_bulk, select_targets
from emqxctl.cli.bulk.task import BulkTask, TargetResult, failed_result, is_rate_limited, one_by_one
from emqxctl.cli.command import command
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.clients._resource import CLIENTS
from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.output.results import Done, Result

if TYPE_CHECKING:
    from emqxctl.api.client import Client

BATCH_SIZE = 100  # clients in one request; EMQX sets no limit, and a batch that fails is resolved one by one
MAX_QUERY_BYTES = 6000  # of ids in one query: the whole request line may have 8 000 (api.md §5.5)


@command(
    calls=(
        "DELETE /clients/{clientid}",
        "POST /clients/kickout/bulk",
        "GET /clients",
        "GET /clients/{clientid}",
    ),
    examples=(
        "emqxctl clients kick dev-1 --yes",
        "emqxctl clients kick --where 'mqueue_len>1000' --rate 50/s",
        "emqxctl clients kick --ids gone.txt --report kicked.jsonl --yes",
        "emqxctl clients kick --resume kicked.jsonl --yes",
    ),
    effect=Effect.DESTROY,
    bulk=True,
)
def kick(
    session: Session,
    clientids: Annotated[list[str] | None, typer.Argument(metavar="CLIENT_ID", help="Client IDs.")] = None,
) -> Result:
    """Disconnect clients and end their sessions.

    EMQX does not report whether the clients of a batch exist, so each batch is looked up first.
    """
    targets = select_targets(session, clientids or [], "kick", CLIENTS)
    if len(targets) == 1 and clientids and not session.settings.report:
        if session.settings.dry_run:
            session.client.get("/clients/{clientid}", targets[0])  # not found is an error of the dry run too
        session.confirm(f"kick client {targets[0]!r}")
        session.client.delete("/clients/{clientid}", targets[0])
        return Done(f"kicked client {targets[0]!r}", {"clientid": targets[0]}, key="clientid")
    task = BulkTask(
        "kick",
        "kicked",
        "client",
        "clientid",
        targets,
        kick_batch,
        batch_size=BATCH_SIZE,
        find_existing=None if session.settings.where or session.settings.all else find_existing,
    )
    return run_bulk(session, task)


def kick_batch(client: "Client", batch: Sequence[str]) -> list[TargetResult]:
    """Kick clients in one request; those that do not exist fail."""
    existing_ids = find_existing(client, batch)
    failures = [
        TargetResult(clientid, "failed", "client not found", ExitCode.NOT_FOUND)
        for clientid in batch
        if clientid not in existing_ids
    ]
    clientids = [clientid for clientid in batch if clientid in existing_ids]
    if not clientids:
        return failures
    try:
        client.post("/clients/kickout/bulk", body=clientids)
    except EmqxctlError as error:
        return failures + resolve_failed_batch(client, clientids, error)
    return failures + [TargetResult(clientid) for clientid in clientids]


def resolve_failed_batch(
    client: "Client", clientids: Sequence[str], error: EmqxctlError
) -> list[TargetResult]:
    """Return the results of a batch that failed: look the clients up again if its response was lost.

    A batch that was refused is kicked one by one: a single id with an unprintable character has the whole
    batch refused (api.md §8.4), and EMQX 5.0 has no batches.
    """
    if error.details.get("unknown"):
        try:
            remaining_ids = find_existing(client, clientids)
        except EmqxctlError:  # the lookup failed, which proves nothing about the kick
            remaining_ids = set(clientids)
        return [
            failed_result(clientid, error) if clientid in remaining_ids else TargetResult(clientid)
            for clientid in clientids
        ]
    is_refused = error.exit_code in {ExitCode.REJECTED, ExitCode.UNSUPPORTED, ExitCode.NOT_FOUND}
    if is_refused and not is_rate_limited(error):
        return kick_singly(client, clientids)
    return [failed_result(clientid, error) for clientid in clientids]


kick_singly = one_by_one(
    lambda client, clientid: client.delete("/clients/{clientid}", clientid),
    skip_exit_code=ExitCode.NOT_FOUND,
    skip_reason="no longer exists",
)


def find_existing(client: "Client", clientids: Sequence[str]) -> set[str]:
    """Return the ids of the clients that exist.

    Ids that a query does not list are looked up one by one: EMQX 5.0 to 5.5 accept one id in a query.
    """
    listed_ids: set[str] = set()
    for chunk in split_for_query(clientids):
        query = {"clientid": list(chunk), "limit": len(chunk) + 1, "fields": "clientid"}
        try:
            listed_ids |= {str(row.get("clientid")) for row in page_rows(client.get("/clients", query=query))}
        except EmqxctlError as error:
            if error.exit_code is not ExitCode.REJECTED:  # one of the ids is not accepted in a query
                raise
    unlisted_ids = [clientid for clientid in clientids if clientid not in listed_ids]
    return listed_ids & set(clientids) | {
        clientid for clientid in unlisted_ids if client_exists(client, clientid)
    }


def client_exists(client: "Client", clientid: str) -> bool:
    """Return whether a client exists, by its own path; True if the server refuses to look the id up."""
    try:
        client.get("/clients/{clientid}", clientid)
    except EmqxctlError as error:
        if error.exit_code in {ExitCode.NOT_FOUND, ExitCode.USAGE}:
            return False
        if error.exit_code is not ExitCode.REJECTED:
            raise
    return True


def split_for_query(clientids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Split ids into chunks that fit a request line."""
    from urllib.parse import quote

    start, length = 0, 0
    for index, clientid in enumerate(clientids):
        size = len(quote(clientid, safe="", errors="replace")) + len("&clientid=")
        if index > start and length + size > MAX_QUERY_BYTES:
            yield clientids[start:index]
            start, length = index, 0
        length += size
    if start < len(clientids):
        yield clientids[start:]
