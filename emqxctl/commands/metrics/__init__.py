"""`emqxctl metrics`: show counters since the start of each node, and rates over time."""

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._counters import NodeOption, PerNodeOption, read_counters
from emqxctl.output.results import Done, Result
from emqxctl.resource import Column

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


@app.command()
@command(
    calls=("GET /metrics", "GET /nodes/{node}/metrics"),
    examples=("emqxctl metrics get", "emqxctl metrics get --per-node -o json", "emqxctl metrics get -o csv"),
)
def get(session: Session, node: NodeOption = None, per_node: PerNodeOption = False) -> Result:
    """Show the counters of the cluster or of nodes."""
    return read_counters(session, "/metrics", node, per_node=per_node, columns=NODE_COLUMNS)


app.lazy("history", "Show rates and counts over time.")


@app.command("clear-history")
@command(calls="DELETE /monitor", examples=("emqxctl metrics clear-history --yes",), effect=Effect.DESTROY)
def clear_history(session: Session) -> Done:
    """Delete the rates and counts over time (EMQX 5.8.4+)."""
    session.confirm("delete the history of metrics")
    session.client.delete("/monitor")
    return Done("deleted the history of metrics", {"cleared": "metrics history"})
