"""Wait until what was applied runs: connectors connected, listeners started."""

from collections.abc import Callable, Iterator
from time import monotonic

from emqxctl.declarative.changes import Action, Change, Outcome, Plan
from emqxctl.declarative.kind import Body
from emqxctl.declarative.server import Server

WATCHED = frozenset({"connectors", "actions", "sources", "listeners"})
RUNNING = frozenset({"connected", "running", "true"})
PAUSE = 1.0  # seconds between two requests


def wait_until_running(
    plan: Plan, server: Server, seconds: float, pause: Callable[[float], None], stop: Callable[[], bool]
) -> None:
    """Wait for every enabled object that was applied; one that does not run in time has failed."""
    until = monotonic() + seconds
    pending = [watched_change for watched_change in plan.changes if is_watched(watched_change)]
    while pending and not stop():
        pending = [change for change in pending if not is_running(change, server)]
        if not pending or monotonic() >= until:
            break
        pause(PAUSE)
    for change in pending:
        change.outcome = Outcome.FAILED
        message = f"{change.kind.noun} {change.key!r} was applied but does not run after {seconds:.0f} s"
        change.error = {"code": "NOT_RUNNING", "message": message, "exit_code": 8}


def is_watched(change: Change) -> bool:
    """Return whether a change made something that should run now."""
    is_made = change.action in {Action.CREATE, Action.UPDATE, Action.ENABLE}
    body = change.body if isinstance(change.body, dict) else {}
    return (
        is_made
        and change.outcome is Outcome.DONE
        and change.kind.name in WATCHED
        and body.get("enable") is not False
    )


def is_running(change: Change, server: Server) -> bool:
    """Return whether an object runs on all nodes."""
    row = server.read(change.kind, change.key)
    return row is not None and all(state in RUNNING for state in running_states(row))


def running_states(row: Body) -> Iterator[str]:
    """Yield the states that an object contains, in lower case."""
    if "running" in row:
        yield str(row["running"]).lower()
    elif isinstance(row.get("status"), str):
        yield row["status"].lower()
