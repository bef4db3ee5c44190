"""`emqxctl stats`: show gauges, the current counts of connections, sessions, subscriptions ..."""

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.commands._counters import NodeOption, PerNodeOption, read_counters
from emqxctl.output.results import Result

app = new_group("Show gauges: current counts.")


@app.command()
@command(
    calls=("GET /stats", "GET /nodes/{node}/stats"),
    examples=("emqxctl stats get", "emqxctl stats get --node emqx@10.0.0.1 -o json"),
)
def get(session: Session, node: NodeOption = None, per_node: PerNodeOption = False) -> Result:
    """Show the gauges of the cluster or of nodes."""
    return read_counters(session, "/stats", node, per_node=per_node)
