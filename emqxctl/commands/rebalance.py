"""`emqxctl rebalance`: move clients between nodes, and off a node."""

from typing import Annotated

import typer

from emqxctl.api.request import build_request
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.options import NodeArgument
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import ExitCode
from emqxctl.output.formatters import color_state
from emqxctl.output.results import Done, Record, Rows
from emqxctl.resource import Column

START = "/load_rebalance/{node}/start"
EVACUATE = "/load_rebalance/{node}/evacuation/start"
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

Wait = Annotated[
    str | None, typer.Option("--wait-health-check", metavar="TIME", help="Begin after this: 60s.")
]
Takeover = Annotated[
    str | None, typer.Option("--wait-takeover", metavar="TIME", help="Sessions go after this: 60s.")
]
ConnRate = Annotated[
    int | None, typer.Option("--conn-evict-rate", metavar="N", min=1, help="Connections a second.")
]
SessRate = Annotated[
    int | None, typer.Option("--sess-evict-rate", metavar="N", min=1, help="Sessions a second.")
]
Nodes = list[str] | None

app = new_group("Rebalance: move clients between nodes (Enterprise).")
evacuation = new_group("Move all clients off a node, before it is stopped.")
app.add_typer(evacuation, name="evacuation")


def given(**values: object) -> dict[str, object]:
    """Keep what was given."""
    return {name: value for name, value in values.items() if value not in (None, [])}


@app.command()
@command(calls="GET /load_rebalance/status", examples=("emqxctl rebalance status",))
def status(session: Session) -> Record:
    """Show what the node that answers does."""
    return Record(session.client.get_object("/load_rebalance/status"), (Column("status", style=color_state),))


@app.command("global-status")
@command(calls="GET /load_rebalance/global_status", examples=("emqxctl rebalance global-status",))
def global_status(session: Session) -> Rows:
    """List what is under way on all nodes."""
    found = session.client.get("/load_rebalance/global_status")
    kinds = {"rebalances": "rebalance", "evacuations": "evacuation", "purges": "purge"}
    known = found if isinstance(found, dict) else {}
    rows = [
        {"kind": kind, **one}
        for name, kind in kinds.items()
        for one in known.get(name) or []
        if isinstance(one, dict)
    ]
    return Rows(rows, COLUMNS, key="node", plural_noun="rebalances or evacuations")


@app.command()
@command(calls="GET /load_rebalance/availability_check", examples=("emqxctl rebalance availability",))
def availability(session: Session) -> Record:
    """Tell whether the node takes clients; exit 8 if not.

    It is what load balancers ask, and needs no API key.
    """
    call = build_request("GET", "/load_rebalance/availability_check")
    answer = session.anonymous_client.transport.send(call, expected_status=503)
    if answer.status == 503 and b"NODE_EVACUATING" in answer.content:
        return Record({"available": False, "reason": "it is being evacuated"}, exit_code=ExitCode.NOT_YET)
    session.anonymous_client.check_status(call, answer)
    return Record({"available": True})


@app.command()
@command(
    calls=f"POST {START}",
    examples=("emqxctl rebalance start emqx@10.0.0.1 --conn-evict-rate 50 --yes",),
    effect=Effect.DESTROY,
)
def start(
    session: Session,
    node: NodeArgument,
    nodes: Annotated[
        Nodes, typer.Option("--nodes", metavar="NODE", help="Only among these; repeatable.")
    ] = None,
    conn_evict_rate: ConnRate = None,
    sess_evict_rate: SessRate = None,
    abs_conn_threshold: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Balanced: connections differ by less.")
    ] = None,
    rel_conn_threshold: Annotated[
        float | None, typer.Option(metavar="X", help="Balanced: they differ by less than this factor: 1.1.")
    ] = None,
    abs_sess_threshold: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="The same for sessions.")
    ] = None,
    rel_sess_threshold: Annotated[
        float | None, typer.Option(metavar="X", help="The same for sessions.")
    ] = None,
    wait_health_check: Wait = None,
    wait_takeover: Takeover = None,
) -> Done:
    """Move clients from nodes with many to nodes with few.

    NODE leads it. Clients are disconnected, and find another node.
    """
    session.confirm(f"rebalance clients, led by {node}")
    body = given(
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
    session.client.post(START, node, body=body)
    return Done(f"{node} rebalances", {"node": node}, key="node", notes=(WATCH,))


WATCH = "to watch it: emqxctl rebalance global-status"


@app.command()
@command(
    calls="POST /load_rebalance/{node}/stop",
    examples=("emqxctl rebalance stop emqx@10.0.0.1",),
    effect=Effect.WRITE,
)
def stop(session: Session, node: NodeArgument) -> Done:
    """Stop the rebalancing that a node leads."""
    session.client.post("/load_rebalance/{node}/stop", node)
    return Done(f"{node} rebalances no more", {"node": node}, key="node")


@evacuation.command("start")
@command(
    calls=f"POST {EVACUATE}",
    examples=(
        "emqxctl rebalance evacuation start emqx@10.0.0.1 --yes",
        "emqxctl rebalance evacuation start emqx@10.0.0.1 --migrate-to emqx@10.0.0.2 -y",
    ),
    effect=Effect.DESTROY,
)
def evacuate(
    session: Session,
    node: NodeArgument,
    migrate_to: Annotated[
        Nodes, typer.Option(metavar="NODE", help="Sessions go there; repeatable. Default: all others.")
    ] = None,
    redirect_to: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="MQTT 5 clients are told to go there.")
    ] = None,
    conn_evict_rate: ConnRate = None,
    sess_evict_rate: SessRate = None,
    wait_health_check: Wait = None,
    wait_takeover: Takeover = None,
) -> Done:
    """Move all clients and sessions off a node.

    The node takes no new ones, also after it is done, until `evacuation stop`.
    """
    session.confirm(f"move all clients off {node}")
    body = given(
        migrate_to=migrate_to,
        redirect_to=redirect_to,
        conn_evict_rate=conn_evict_rate,
        sess_evict_rate=sess_evict_rate,
        wait_health_check=wait_health_check,
        wait_takeover=wait_takeover,
    )
    session.client.post(EVACUATE, node, body=body)
    return Done(f"{node} is being evacuated", {"node": node}, key="node", notes=(WATCH,))


@evacuation.command("stop")
@command(
    calls="POST /load_rebalance/{node}/evacuation/stop",
    examples=("emqxctl rebalance evacuation stop emqx@10.0.0.1",),
    effect=Effect.WRITE,
)
def stop_evacuation(session: Session, node: NodeArgument) -> Done:
    """Let a node take clients again."""
    session.client.post("/load_rebalance/{node}/evacuation/stop", node)
    return Done(f"{node} takes clients again", {"node": node}, key="node")
