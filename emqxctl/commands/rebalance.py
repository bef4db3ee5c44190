"""`emqxctl rebalance`: move clients between nodes, or away from a node."""

from typing import Annotated

import typer

from emqxctl.api.request import build_request
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.options import NodeArgument
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._evacuation import (
    EVACUATION_PATH,
    EVACUATION_STOP_PATH,
    ConnectionRateOption,
    HealthCheckWaitOption,
    MigrateOption,
    RedirectOption,
    SessionRateOption,
    TakeoverWaitOption,
    build_body,
)
from emqxctl.diagnosis.health import dict_rows
from emqxctl.errors import ExitCode
from emqxctl.output.formatters import color_state
from emqxctl.output.results import Done, Record, Rows
from emqxctl.resource import Column

START_PATH = "/load_rebalance/{node}/start"
COLUMNS = (
    Column("kind"),
    Column("node"),
    Column("state", style=color_state),
    Column("stats.current_connected", "CONNECTIONS", align_right=True),
    Column("stats.initial_connected", "OF", align_right=True),
    Column("stats.current_sessions", "SESSIONS", align_right=True),
    Column("coordinator_node", "COORDINATOR", wide=True),
    Column("recipients", wide=True),
)

STATUS_NOTE = "show the progress: emqxctl rebalance global-status"

app = new_group("Move clients between nodes (Enterprise).")
evacuation = new_group("Move all clients away from a node.")
app.add_typer(evacuation, name="evacuation")


@app.command()
@command(calls="GET /load_rebalance/status", examples=("emqxctl rebalance status",))
def status(session: Session) -> Record:
    """Show the status of the node that responds."""
    return Record(session.client.get_object("/load_rebalance/status"), (Column("status", style=color_state),))


@app.command("global-status")
@command(calls="GET /load_rebalance/global_status", examples=("emqxctl rebalance global-status",))
def global_status(session: Session) -> Rows:
    """List rebalances, evacuations and purges on all nodes."""
    response = session.client.get_object("/load_rebalance/global_status")
    kinds = {"rebalances": "rebalance", "evacuations": "evacuation", "purges": "purge"}
    rows = [{"kind": kind, **row} for name, kind in kinds.items() for row in dict_rows(response.get(name))]
    return Rows(rows, COLUMNS, key="node", plural_noun="rebalances or evacuations")


@app.command()
@command(calls="GET /load_rebalance/availability_check", examples=("emqxctl rebalance availability",))
def availability(session: Session) -> Record:
    """Show whether the node accepts clients.

    Exits with 8 if it does not. Load balancers send the same request, which requires no API key.
    """
    request = build_request("GET", "/load_rebalance/availability_check")
    response = session.anonymous_client.transport.send(request, expected_status=503)
    if response.status == 503 and b"NODE_EVACUATING" in response.content:
        return Record({"available": False, "reason": "evacuation in progress"}, exit_code=ExitCode.NOT_READY)
    session.anonymous_client.check_status(request, response)
    return Record({"available": True})


@app.command()
@command(
    calls=f"POST {START_PATH}",
    examples=("emqxctl rebalance start emqx@10.0.0.1 --conn-evict-rate 50 --yes",),
    effect=Effect.DESTROY,
)
def start(
    session: Session,
    node: NodeArgument,
    nodes: Annotated[
        list[str] | None,
        typer.Option("--nodes", metavar="NODE", help="Node to include (default all nodes). Repeatable."),
    ] = None,
    conn_evict_rate: ConnectionRateOption = None,
    sess_evict_rate: SessionRateOption = None,
    abs_conn_threshold: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Connection difference that counts as balanced.")
    ] = None,
    rel_conn_threshold: Annotated[
        float | None, typer.Option(metavar="X", help="Connection ratio that counts as balanced, such as 1.1.")
    ] = None,
    abs_sess_threshold: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Session difference that counts as balanced.")
    ] = None,
    rel_sess_threshold: Annotated[
        float | None,
        typer.Option(metavar="X", help="Session ratio that counts as balanced, such as 1.1."),
    ] = None,
    wait_health_check: HealthCheckWaitOption = None,
    wait_takeover: TakeoverWaitOption = None,
) -> Done:
    """Move clients from nodes with many to nodes with few.

    NODE coordinates the rebalance. Clients are disconnected, and reconnect to another node.
    """
    session.confirm(f"rebalance clients, coordinated by {node}")
    body = build_body(
        nodes=nodes,
        conn_evict_rate=conn_evict_rate,
        sess_evict_rate=sess_evict_rate,
        abs_conn_threshold=abs_conn_threshold,
        rel_conn_threshold=rel_conn_threshold,
        abs_sess_threshold=abs_sess_threshold,
        rel_sess_threshold=rel_sess_threshold,
        wait_health_check=wait_health_check,
        wait_takeover=wait_takeover,
    )
    session.client.post(START_PATH, node, body=body)
    return Done(f"started a rebalance on {node}", {"node": node}, key="node", notes=(STATUS_NOTE,))


@app.command()
@command(
    calls="POST /load_rebalance/{node}/stop",
    examples=("emqxctl rebalance stop emqx@10.0.0.1",),
    effect=Effect.WRITE,
)
def stop(session: Session, node: NodeArgument) -> Done:
    """Stop the rebalance that a node coordinates."""
    session.client.post("/load_rebalance/{node}/stop", node)
    return Done(f"stopped the rebalance on {node}", {"node": node}, key="node")


@evacuation.command("start")
@command(
    calls=f"POST {EVACUATION_PATH}",
    examples=(
        "emqxctl rebalance evacuation start emqx@10.0.0.1 --yes",
        "emqxctl rebalance evacuation start emqx@10.0.0.1 --migrate-to emqx@10.0.0.2 -y",
    ),
    effect=Effect.DESTROY,
)
def start_evacuation(
    session: Session,
    node: NodeArgument,
    migrate_to: MigrateOption = None,
    redirect_to: RedirectOption = None,
    conn_evict_rate: ConnectionRateOption = None,
    sess_evict_rate: SessionRateOption = None,
    wait_health_check: HealthCheckWaitOption = None,
    wait_takeover: TakeoverWaitOption = None,
) -> Done:
    """Move all clients and sessions away from a node.

    The node accepts no clients until `evacuation stop`, even after the evacuation has finished.
    """
    session.confirm(f"move all clients away from {node}")
    body = build_body(
        migrate_to=migrate_to,
        redirect_to=redirect_to,
        conn_evict_rate=conn_evict_rate,
        sess_evict_rate=sess_evict_rate,
        wait_health_check=wait_health_check,
        wait_takeover=wait_takeover,
    )
    session.client.post(EVACUATION_PATH, node, body=body)
    return Done(f"started the evacuation of {node}", {"node": node}, key="node", notes=(STATUS_NOTE,))


@evacuation.command("stop")
@command(
    calls=f"POST {EVACUATION_STOP_PATH}",
    examples=("emqxctl rebalance evacuation stop emqx@10.0.0.1",),
    effect=Effect.WRITE,
)
def stop_evacuation(session: Session, node: NodeArgument) -> Done:
    """Stop the evacuation of a node.

    The node then accepts clients again.
    """
    session.client.post(EVACUATION_STOP_PATH, node)
    return Done(f"stopped the evacuation of {node}", {"node": node}, key="node")
