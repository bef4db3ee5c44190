"""`emqxctl nodes drain`: move all clients away from a node before it is stopped."""

import time
from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.options import NodeArgument
from emqxctl.cli.param_types import DURATION
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._evacuation import (
    EVACUATION_PATH,
    GLOBAL_STATUS_PATH,
    ConnectionRateOption,
    Evacuation,
    HealthCheckWaitOption,
    MigrateOption,
    RedirectOption,
    SessionRateOption,
    TakeoverWaitOption,
    build_body,
    read_evacuation,
)
from emqxctl.commands.nodes._members import require_node, require_other_node
from emqxctl.errors import NotReadyError, UnsupportedError, UsageError
from emqxctl.output.results import Done, Result
from emqxctl.text.units import format_duration
from emqxctl.verbs.kick import KICK_CALLS

INTERVAL = 2.0  # seconds between two reads of an evacuation
LOG_INTERVAL = 10.0  # seconds between two lines about the same state
STARTING = Evacuation("starting", None, None)


@command(
    calls=(
        "GET /nodes",
        f"GET {GLOBAL_STATUS_PATH}",
        f"POST {EVACUATION_PATH}",
        "GET /listeners",
        *KICK_CALLS,
    ),
    examples=(
        "emqxctl nodes drain emqx@10.0.0.1 --dry-run",
        "emqxctl nodes drain emqx@10.0.0.1 --wait --yes",
        "emqxctl nodes drain emqx@10.0.0.1 --rate 50/s --yes",
    ),
    effect=Effect.DESTROY,
    rate_limited=True,
)
def drain(
    session: Session,
    node: NodeArgument,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until the node is safe to stop.")] = False,
    max_wait: Annotated[
        float, typer.Option("--max-wait", click_type=DURATION, help="Total time to wait (default 1h).")
    ] = 3600.0,
    migrate_to: MigrateOption = None,
    redirect_to: RedirectOption = None,
    conn_evict_rate: ConnectionRateOption = None,
    sess_evict_rate: SessionRateOption = None,
    wait_health_check: HealthCheckWaitOption = None,
    wait_takeover: TakeoverWaitOption = None,
) -> Result:
    """Move all clients away from a node before it is stopped.

    EMQX Enterprise evacuates the node: it disconnects clients and moves sessions at a rate, so that the
    others are not overloaded. --wait shows the progress and exits with 0 when the node is safe to stop, with
    8 after --max-wait; run it again to continue to wait. Ctrl-C ends the waiting, not the evacuation. The
    node accepts no clients until `nodes undrain`, even after a restart.

    Without evacuations (community edition) the clients of the node are kicked at --rate (default 100/s),
    which ends their sessions; exits with 8 if clients connect to the node again. Remove it from the load
    balancer first: the API of EMQX stops listeners only on all nodes at once. With evacuations --rate is the
    number of connections to disconnect per second.
    """
    client = session.client
    row = require_node(client, node)
    require_other_node(client, node)
    body = build_body(
        migrate_to=migrate_to,
        redirect_to=redirect_to,
        conn_evict_rate=conn_evict_rate,
        sess_evict_rate=sess_evict_rate,
        wait_health_check=wait_health_check,
        wait_takeover=wait_takeover,
    )
    try:
        evacuation = read_evacuation(client, node)
    except UnsupportedError as error:
        return kick_instead(session, row, body, error)
    body = add_rate(session, body)
    if evacuation is None:
        start_evacuation(session, row, body)
    elif body:
        message = f"node {node!r} is being evacuated already: the options of an evacuation cannot be changed"
        raise UsageError(message, hint=f"cancel it first: emqxctl nodes undrain {node}")
    if session.settings.dry_run:
        return Done(f"dry run: {node} would be evacuated", {"node": node}, key="node")
    if not wait:
        return build_result(node, evacuation or STARTING)
    try:
        return build_result(node, wait_until_finished(session, node, max_wait))
    except KeyboardInterrupt:
        session.log(f"the evacuation of {node} continues; cancel it: emqxctl nodes undrain {node}")
        raise


def start_evacuation(session: Session, row: dict[str, object], body: dict[str, object]) -> None:
    """Start the evacuation of a node after confirmation."""
    node = str(row["node"])
    counts = f"{row.get('live_connections', '?')} connected clients"
    session.confirm(f"move all clients away from {node}, which has {counts}")
    session.client.post(EVACUATION_PATH, node, body=body)


def kick_instead(
    session: Session, row: dict[str, object], body: dict[str, object], error: UnsupportedError
) -> Result:
    """Kick the clients of a node where EMQX has no evacuations. Raises UsageError for options of these."""
    node = str(row["node"])
    if body:
        names = ", ".join("--" + name.replace("_", "-") for name in body)
        message = f"{names}: {error.message}"
        hint = f"without evacuations: emqxctl nodes drain {node} --rate 100/s"
        raise UsageError(message, hint=hint)
    from emqxctl.commands.nodes._kick_all import kick_clients

    return kick_clients(session, node, row)


def add_rate(session: Session, body: dict[str, object]) -> dict[str, object]:
    """Return the body of an evacuation with --rate. Raises UsageError for options of bulk changes."""
    settings = session.settings
    bulk_options = {
        "--batch": settings.batch,
        "--workers": settings.workers,
        "--fail-fast": settings.fail_fast,
        "--report": settings.report,
        "--resume": settings.resume,
    }
    names = [
        name
        for name, value in bulk_options.items()
        if value and name[2:].replace("-", "_") in session.options
    ]
    if names:
        message = f"{', '.join(names)}: not supported, since this EMQX evacuates the node itself"
        raise UsageError(message, hint="use --rate, or the options of the evacuation")
    if not settings.rate:
        return body
    if "conn_evict_rate" in body:
        message = "--rate and --conn-evict-rate cannot be used together"
        raise UsageError(message)
    return {**body, "conn_evict_rate": max(1, round(settings.rate))}


def wait_until_finished(session: Session, node: str, max_wait: float) -> Evacuation:
    """Wait until the evacuation of a node is finished; its progress is logged.

    Raises NotReadyError if it takes too long, or ends before it is finished.
    """
    start = time.monotonic()
    logged_state, logged_at = "", start
    while True:
        evacuation = read_evacuation(session.client, node)
        elapsed = time.monotonic() - start
        if evacuation is None:
            message = f"the evacuation of {node} ended before it was finished"
            raise NotReadyError(message, hint=f"start it again: emqxctl nodes drain {node}")
        if evacuation.is_finished:
            return evacuation
        is_due = time.monotonic() - logged_at >= LOG_INTERVAL
        if evacuation.state != logged_state or is_due:
            session.info(f"{node}: {evacuation.describe()}")
            logged_state, logged_at = evacuation.state, time.monotonic()
        if elapsed >= max_wait:
            message = f"timed out after {format_duration(elapsed)}: {node} is not safe to stop"
            message += f" ({evacuation.describe()})"
            hint = f"continue to wait: emqxctl nodes drain {node} --wait"
            raise NotReadyError(message, hint=hint, details=build_fields(node, evacuation))
        time.sleep(min(INTERVAL, max(0.0, max_wait - elapsed)))


def build_fields(node: str, evacuation: Evacuation) -> dict[str, object]:
    """Return what JSON shows of an evacuation."""
    return {
        "node": node,
        "method": "evacuation",
        "state": evacuation.state,
        "connections": evacuation.connections,
        "sessions": evacuation.sessions,
        "safe_to_stop": evacuation.is_finished,
    }


def build_result(node: str, evacuation: Evacuation) -> Done:
    """Return how far the evacuation of a node is, and what to do next."""
    data = build_fields(node, evacuation)
    if evacuation.is_finished:
        note = f"after the restart, accept clients again: emqxctl nodes undrain {node}"
        return Done(f"{node} is safe to stop", data, key="node", notes=(note,))
    notes = (
        f"wait until it is safe to stop: emqxctl nodes drain {node} --wait",
        f"cancel it: emqxctl nodes undrain {node}",
    )
    return Done(f"evacuating {node}: {evacuation.describe()}", data, key="node", notes=notes)
