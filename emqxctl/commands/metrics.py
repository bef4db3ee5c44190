"""`emqxctl metrics`: counters since the start of each node, and rates over time."""

from typing import Annotated

import typer

from emqxctl.api.pagination import page_rows
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import UsageError
from emqxctl.output.results import Done, Record, Result, Rows
from emqxctl.resource import Column
from emqxctl.text.units import parse_duration

app = new_group("Counters since the start of each node.")

PER_NODE = (
    Column("node"),
    Column("messages.received", "RECEIVED", align_right=True),
    Column("messages.sent", "SENT", align_right=True),
    Column("messages.dropped", "DROPPED", align_right=True),
    Column("client.connected", "CONNECTED", align_right=True),
    Column("client.disconnected", "DISCONNECTED", align_right=True),
    Column("bytes.received", align_right=True, wide=True),
    Column("bytes.sent", align_right=True, wide=True),
    Column("authorization.deny", "DENIED", align_right=True, wide=True),
    Column("authentication.failure", align_right=True, wide=True),
)
HISTORY = (
    Column("time_stamp", "TIME", align_right=True),
    Column("connections", align_right=True),
    Column("live_connections", "LIVE", align_right=True),
    Column("subscriptions", align_right=True),
    Column("topics", align_right=True),
    Column("received", align_right=True),
    Column("sent", align_right=True),
    Column("dropped", align_right=True),
)
NodeOption = Annotated[str | None, typer.Option("--node", metavar="NODE", help="Only this node.")]
PerNode = Annotated[bool, typer.Option("--per-node", help="Each node for itself, not the sum.")]


@app.command()
@command(
    calls=("GET /metrics", "GET /nodes/{node}/metrics"),
    examples=("emqxctl metrics get", "emqxctl metrics get --per-node -o json", "emqxctl metrics get -o csv"),
)
def get(session: Session, node: NodeOption = None, per_node: PerNode = False) -> Result:
    """Show the counters: the cluster's sum, each node's, or one's."""
    return counters(session, "metrics", node, per_node=per_node)


def counters(session: Session, kind: str, node: str | None, *, per_node: bool) -> Result:
    """Give counters (`metrics`) or gauges (`stats`) of the cluster or of nodes."""
    if node is not None and per_node:
        message = "--node and --per-node exclude each other"
        raise UsageError(message)
    if node is not None:
        return Record(session.client.get_object(f"/nodes/{{node}}/{kind}", node))
    found = session.client.get(f"/{kind}", query={"aggregate": not per_node})
    if per_node:
        return Rows(
            page_rows(found),
            PER_NODE if kind == "metrics" else (),
            key="node",
            plural_noun="nodes",
            path=f"/{kind}",
        )
    return Record(found if isinstance(found, dict) else {})


@app.command()
@command(
    calls=("GET /monitor", "GET /monitor/nodes/{node}"),
    examples=("emqxctl metrics history --latest 1h -o jsonl",),
)
def history(
    session: Session,
    node: NodeOption = None,
    latest: Annotated[str, typer.Option(metavar="TIME", help="How far back: 10m, 1h, 7d.")] = "10m",
) -> Rows:
    """List rates and counts over time, one row a sample."""
    try:
        seconds = max(1, int(parse_duration(latest)))
    except ValueError as error:
        message = f"--latest: {error}"
        raise UsageError(message) from error
    query = {"latest": seconds}
    if node is None:
        found = session.client.get("/monitor", query=query)
    else:
        found = session.client.get("/monitor/nodes/{node}", node, query=query)
    return Rows(page_rows(found), HISTORY, key="time_stamp", plural_noun="samples", path="/monitor")


@app.command("clear-history")
@command(calls="DELETE /monitor", examples=("emqxctl metrics clear-history --yes",), effect=Effect.DESTROY)
def clear_history(session: Session) -> Done:
    """Forget the rates and counts over time (EMQX 5.8.4+)."""
    session.confirm("clear the history of metrics")
    session.client.delete("/monitor")
    return Done("cleared the history of metrics", {"cleared": "metrics history"})
