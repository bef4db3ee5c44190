"""`emqxctl stats`: gauges, how many of everything there are now."""

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.commands.metrics import NodeOption, PerNode, counters
from emqxctl.output.results import Result

app = new_group("Gauges: how many of everything there are now.")


@app.command()
@command(
    calls=("GET /stats", "GET /nodes/{node}/stats"),
    examples=("emqxctl stats get", "emqxctl stats get --node emqx@10.0.0.1 -o json"),
)
def get(session: Session, node: NodeOption = None, per_node: PerNode = False) -> Result:
    """Show the gauges: the cluster's sum, each node's, or one's."""
    return counters(session, "stats", node, per_node=per_node)
