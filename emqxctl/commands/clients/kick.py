"""`emqxctl clients kick`: disconnect one client or many, with a result for each."""

from functools import partial
from typing import Annotated

import typer

from emqxctl.api.lookup import KeyLookup
from emqxctl.cli.bulk.targets import run_bulk, select_targets
from emqxctl.cli.bulk.task import BulkTask
from emqxctl.cli.command import command
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.clients._resource import CLIENTS
from emqxctl.output.results import Done, Result
from emqxctl.verbs.kick import KICK_CALLS, kick_batch

BATCH_SIZE = 100  # clients in one request; EMQX sets no limit, and a batch that fails is resolved one by one


@command(
    calls=KICK_CALLS,
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
