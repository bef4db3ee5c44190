"""`emqxctl metrics`: show counters since the start of each node, and rates over time."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.param_types import POSITIVE_DURATION
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._counters import NodeOption, PerNodeOption, read_counters
from emqxctl.output.formatters import format_plain
from emqxctl.output.results import Done, Result, Rows
from emqxctl.resource import Column
from emqxctl.text.units import format_epoch

app = new_group("Show counters and their history.")

NODE_COLUMNS = (
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


def format_time(value: object) -> str:
    """Format the time of a sample, epoch milliseconds, as RFC 3339."""
    return format_epoch(value) or format_plain(value)


HISTORY_COLUMNS = (
    Column("time_stamp", "TIME", format=format_time),
    Column("live_connections", "CONNECTIONS", align_right=True),
    Column("connections", "SESSIONS", align_right=True),
    Column("subscriptions", align_right=True),
    Column("topics", align_right=True),
    Column("received", align_right=True),
    Column("sent", align_right=True),
    Column("dropped", align_right=True),
)


@app.command()
@command(
    calls=("GET /metrics", "GET /nodes/{node}/metrics"),
    examples=("emqxctl metrics get", "emqxctl metrics get --per-node -o json", "emqxctl metrics get -o csv"),
)
def get(session: Session, node: NodeOption = None, per_node: PerNodeOption = False) -> Result:
    """Show the counters of the cluster or of nodes."""
    return read_counters(session, "/metrics", node, per_node=per_node, columns=NODE_COLUMNS)


@app.command()
@command(
    calls=("GET /monitor", "GET /monitor/nodes/{node}"),
    examples=("emqxctl metrics history --latest 1h -o jsonl",),
)
def history(
    session: Session,
    node: NodeOption = None,
    latest: Annotated[
        float,
        typer.Option(click_type=POSITIVE_DURATION, help="Time span, such as 1h or 7d (default 10m)."),
    ] = 600.0,
) -> Rows:
    """List rates and counts over time, one row per sample."""
    query = {"latest": max(1, int(latest))}
    if node is None:
        samples = session.client.get_list("/monitor", query=query)
    else:
        samples = session.client.get_list("/monitor/nodes/{node}", node, query=query)
    return Rows(samples, HISTORY_COLUMNS, key="time_stamp", plural_noun="samples")


@app.command("clear-history")
@command(calls="DELETE /monitor", examples=("emqxctl metrics clear-history --yes",), effect=Effect.DESTROY)
def clear_history(session: Session) -> Done:
    """Delete the rates and counts over time (EMQX 5.8.4+)."""
    session.confirm("delete the history of metrics")
    session.client.delete("/monitor")
    return Done("deleted the history of metrics", {"cleared": "metrics history"})
