"""`emqxctl clients kick`: one client, or ten thousand, each accounted for."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from emqxctl.api.pagination import page_rows
from emqxctl.cli.bulk.targets import run_bulk, select_targets
from emqxctl.cli.bulk.task import BulkTask, TargetResult, failed_result
from emqxctl.cli.command import command
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.clients._resource import CLIENTS
from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.output.results import Done, Result

if TYPE_CHECKING:
    from emqxctl.api.client import Client

TOGETHER = 100  # clients in one request; EMQX sets no limit, and a batch that fails is told client by client
LONGEST_QUERY = 6000  # bytes of ids in a query: the whole request line may have 8 000 (api.md §5.5)


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
    clientids: Annotated[
        list[str] | None, typer.Argument(metavar="[CLIENTID]...", help="The clients' ids.")
    ] = None,
) -> Result:
    """Disconnect clients and end their sessions.

    EMQX does not tell whether a client of a batch was there, so it is looked up before.
    """
    targets = select_targets(session, clientids or [], "kick", CLIENTS)
    if len(targets) == 1 and clientids and not session.settings.report:
        session.confirm(f"kick client {targets[0]!r}")
        session.client.delete("/clients/{clientid}", targets[0])
        return Done(f"kicked {targets[0]!r}", {"clientid": targets[0]}, key="clientid")
    return run_bulk(
        session, BulkTask("kick", "kicked", "client", "clientid", targets, kick_batch, batch_size=TOGETHER)
    )


def kick_batch(api: "Client", batch: Sequence[str]) -> list[TargetResult]:
    """Kick clients in one request, and tell those that were there from those that were not."""
    present = existing(api, batch)
    absent = [
        TargetResult(target, "failed", "no such client", ExitCode.NOT_FOUND)
        for target in batch
        if target not in present
    ]
    there = [target for target in batch if target in present]
    if not there:
        return absent
    try:
        api.post("/clients/kickout/bulk", body=there)
    except EmqxctlError as error:
        return absent + after_failure(api, there, error)
    return absent + [TargetResult(target) for target in there]


def after_failure(api: "Client", there: Sequence[str], error: EmqxctlError) -> list[TargetResult]:
    """Settle a batch that failed: look again when its answer was lost, kick one by one when it was refused.

    One id with an unprintable character has a whole batch refused (api.md §8.4), and 5.0 knows no batches.
    """
    if error.details.get("unknown"):
        try:
            still = existing(api, there)
        except EmqxctlError:  # the look failed, which tells nothing about the kick
            still = set(there)
        return [failed_result(target, error) if target in still else TargetResult(target) for target in there]
    if error.exit_code in {ExitCode.REFUSED, ExitCode.UNSUPPORTED, ExitCode.NOT_FOUND}:
        return [kick_one(api, target) for target in there]
    return [failed_result(target, error) for target in there]


def kick_one(api: "Client", target: str) -> TargetResult:
    """Kick one client."""
    try:
        api.delete("/clients/{clientid}", target)
    except EmqxctlError as error:
        gone = error.exit_code is ExitCode.NOT_FOUND
        return TargetResult(target, "skipped", "already gone") if gone else failed_result(target, error)
    return TargetResult(target)


def existing(api: "Client", ids: Sequence[str]) -> set[str]:
    """Tell which clients there are. Those a query missed are asked for singly: 5.0 to 5.5 take one id."""
    found: set[str] = set()
    for some in chunks(ids):
        query = {"clientid": list(some), "limit": len(some) + 1, "fields": "clientid"}
        try:
            found |= {str(row.get("clientid")) for row in page_rows(api.get("/clients", query=query))}
        except EmqxctlError as error:
            if error.exit_code is not ExitCode.REFUSED:  # one id the server takes no query for
                raise
    return found & set(ids) | {one for one in ids if one not in found and is_there(api, one)}


def is_there(api: "Client", clientid: str) -> bool:
    """Tell whether one client is there, by its own path; one that the server will not look up may be."""
    try:
        api.get("/clients/{clientid}", clientid)
    except EmqxctlError as error:
        if error.exit_code in {ExitCode.NOT_FOUND, ExitCode.USAGE}:
            return False
        if error.exit_code is not ExitCode.REFUSED:
            raise
    return True


def chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut ids into pieces that fit a request line."""
    from urllib.parse import quote

    start, length = 0, 0
    for at, one in enumerate(ids):
        size = len(quote(one, safe="", errors="replace")) + len("&clientid=")
        if at > start and length + size > LONGEST_QUERY:
            yield ids[start:at]
            start, length = at, 0
        length += size
    if start < len(ids):
        yield ids[start:]
