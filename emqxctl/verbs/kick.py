"""Clients kicked in batches: what `clients kick` and `nodes drain` share."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from emqxctl.api.lookup import KeyLookup
from emqxctl.cli.bulk.task import TargetResult, failed_result, is_rate_limited, one_by_one
from emqxctl.errors import EmqxctlError, ExitCode

if TYPE_CHECKING:
    from emqxctl.api.client import Client

KICK_CALLS = (
    "DELETE /clients/{clientid}",
    "POST /clients/kickout/bulk",
    "GET /clients",
    "GET /clients/{clientid}",
)


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
        return failures + resolve_failed_batch(lookup, client, clientids, error)
    return failures + [TargetResult(clientid) for clientid in clientids]


def resolve_failed_batch(
    lookup: KeyLookup, client: "Client", clientids: Sequence[str], error: EmqxctlError
) -> list[TargetResult]:
    """Return the results of a batch that failed: the clients are read again if its response was lost.

    A batch that was refused is kicked one by one: a single id with an unprintable character has the whole
    batch refused (api.md §8.4), and EMQX 5.0 has no batches.
    """
    if error.details.get("unknown"):
        try:
            remaining_ids = KeyLookup(lookup.resource, len(clientids)).find(client, clientids)
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
