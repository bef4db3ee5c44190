"""`emqxctl monitor`: the rates and counts of this moment."""

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.commands.metrics import NodeOption
from emqxctl.output.results import Record

app = new_group("Rates and counts of this moment.")


@app.command()
@command(
    calls=("GET /monitor_current", "GET /monitor_current/nodes/{node}"),
    examples=("emqxctl monitor", "emqxctl monitor --node emqx@10.0.0.1 -o json"),
)
def monitor(session: Session, node: NodeOption = None) -> Record:
    """Show the rates and counts of this moment."""
    if node is None:
        found = session.client.get("/monitor_current")
    else:
        found = session.client.get("/monitor_current/nodes/{node}", node)
    return Record(found if isinstance(found, dict) else {})
