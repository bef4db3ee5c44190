"""`emqxctl clients kick`: disconnect one client or many, with a result for each."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from emqxctl.api.lookup import KeyLookup
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
    lookup = KeyLookup(CLIENTS, len(targets))
    task = BulkTask(
        "kick",
        "kicked",
        "client",
        "clientid",
        targets,
        partial(kick_batch, lookup),
        batch_size=BATCH_SIZE,
        find_existing=None if session.settings.where or session.settings.all else lookup.find,
    )
    return run_bulk(session, task)


def kick_batch(lookup: KeyLookup, client: "Client", batch: Sequence[str]) -> list[TargetResult]:
    """Kick clients in one request; those that do not exist fail."""
    existing_ids = lookup.find(client, batch)
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
            remaining_ids = KeyLookup(CLIENTS, len(clientids)).find(client, clientids)
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
