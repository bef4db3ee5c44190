"""`nodes drain` without evacuations (community edition): the clients of a node are kicked at a rate."""

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from emqxctl.api.lookup import KeyLookup
from emqxctl.cli.bulk.resume import complete_options
from emqxctl.cli.bulk.targets import explicit_targets, run_bulk
from emqxctl.cli.bulk.task import BulkTask
from emqxctl.cli.server_filters import select_fields
from emqxctl.cli.session import Session
from emqxctl.commands.clients._resource import CLIENTS
from emqxctl.commands.nodes._members import list_running_listeners
from emqxctl.errors import ExitCode
from emqxctl.output.results import BulkResult, Result
from emqxctl.text.nouns import count_noun
from emqxctl.verbs.kick import kick_batch

DEFAULT_RATE = 100.0  # clients per second: a reconnect costs the other nodes more than a kick costs this one
BATCH_SIZE = 20  # the rate is spread over the second
FIELDS = ("clientid", "node", "connected", "expiry_interval")


class NodeClients(NamedTuple):
    """The connected clients of a node, and how many of them have a session that survives a disconnect."""

    clientids: list[str]
    persistent_count: int


def read_clients(session: Session, node: str) -> NodeClients:
    """Read the connected clients of a node."""
    query: dict[str, object] = {"node": node, "conn_state": "connected"}
    query = {**query, **select_fields(CLIENTS, query, FIELDS)}
    clientids, persistent_count = [], 0
    for page in session.rows(CLIENTS, query, limited=False, fields=FIELDS).pages:
        for row in page.read(list(FIELDS)):
            if row.get("node") == node and row.get("connected") is True and row.get("clientid"):
                clientids.append(str(row["clientid"]))
                expiry = row.get("expiry_interval")
                persistent_count += isinstance(expiry, int | float) and expiry > 0
    return NodeClients(list(dict.fromkeys(clientids)), persistent_count)


def count_disconnected(row: Mapping[str, object]) -> int:
    """Return how many sessions of a node have no connection, 0 if it does not report them."""
    sessions, connections = row.get("connections"), row.get("live_connections")
    return max(0, sessions - connections) if isinstance(sessions, int) and isinstance(connections, int) else 0


def kick_clients(session: Session, node: str, row: Mapping[str, object]) -> Result:
    """Explain what is done instead of an evacuation, ask, and kick the clients of a node at a rate.

    Clients that are connected to the node afterwards make the exit code 8.
    """
    settings = session.settings
    resumed = explicit_targets(session, [], "kick", "clientid") if settings.resume else None
    options = complete_options(session, {"NODE": node})
    clients = read_clients(session, node) if resumed is None else NodeClients(resumed, 0)
    rate = settings.rate or DEFAULT_RATE
    session.info("this EMQX has no evacuation, and its API stops listeners on all nodes only")
    session.info(f"instead the clients of {node} are kicked, {rate:g} a second")
    session.info(f"first remove {node} from the load balancer, otherwise they connect to it again")
    warn_of_losses(session, node, clients.persistent_count, count_disconnected(row))
    if clients.clientids:
        count = len(clients.clientids)
        session.confirm(f"kick {count_noun(count, 'client')} of {node}", count)
    result = run_bulk(session, build_task(clients.clientids)._replace(options=options))
    if settings.dry_run or not isinstance(result, BulkResult):
        return result
    if result.exit_code in {ExitCode.INTERRUPTED, ExitCode.TERMINATED, ExitCode.HUNG_UP}:
        return result
    return add_outcome(session, node, result)


def warn_of_losses(session: Session, node: str, persistent_count: int, disconnected: int) -> None:
    """Print how many persistent sessions of clients, and how many sessions without a client, are lost."""
    if persistent_count == 1:
        session.info("1 of them has a persistent session, which is lost with its queued messages")
    elif persistent_count:
        session.info(
            f"{persistent_count} of them have persistent sessions, which are lost with their queued messages"
        )
    if disconnected == 1:
        session.info(f"1 disconnected session is lost when {node} is stopped, unless it is durable")
    elif disconnected:
        session.info(
            f"{disconnected} disconnected sessions are lost when {node} is stopped, unless they are durable"
        )


def build_task(clientids: list[str]) -> BulkTask:
    """Return the bulk change that kicks clients; it has been confirmed."""
    return BulkTask(
        "kick",
        "kicked",
        "client",
        "clientid",
        clientids,
        partial(kick_batch, KeyLookup(CLIENTS, len(clientids))),
        batch_size=BATCH_SIZE,
        needs_confirmation=False,
        default_rate=DEFAULT_RATE,
    )


def add_outcome(session: Session, node: str, result: BulkResult) -> BulkResult:
    """Add to a result whether the node can be stopped: whether a client is connected to it."""
    remaining = len(read_clients(session, node).clientids)
    if not remaining:
        note = f"no client is connected to {node}: safe to stop"
        return result._replace(notes=(*result.notes, note))
    commands = "; ".join(
        f"emqx ctl listeners stop {name}" for name in list_running_listeners(session.client, node)
    )
    notes = (
        f"{count_noun(remaining, 'client')} connected to {node}: not safe to stop yet",
        "they connected again: remove the node from the load balancer, and run the command again",
        f"or refuse them, which disconnects the rest at once; on the node: {commands}",
    )
    exit_code = ExitCode.NOT_READY if result.exit_code is ExitCode.OK else result.exit_code
    return result._replace(notes=(*result.notes, *notes), exit_code=exit_code)
