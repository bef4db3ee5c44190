"""`emqxctl monitor`: show current rates and counts."""

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.commands._counters import NodeOption
from emqxctl.output.results import Record

app = new_group("Show current rates and counts.")


@app.command()
@command(
    calls=("GET /monitor_current", "GET /monitor_current/nodes/{node}"),
    examples=("emqxctl monitor", "emqxctl monitor --node emqx@10.0.0.1 -o json"),
)
def monitor(session: Session, node: NodeOption = None) -> Record:
    """Show current rates and counts."""
    if node is None:
        return Record(session.client.get_object("/monitor_current"))
    return Record(session.client.get_object("/monitor_current/nodes/{node}", node))
