"""`emqxctl eviction`: whether a node drives its clients away."""

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.output.results import Record
from emqxctl.resource import Column

app = new_group("Whether a node drives its clients away (Enterprise).")


@app.command()
@command(calls="GET /node_eviction/status", examples=("emqxctl eviction status",))
def status(session: Session) -> Record:
    """Show it for the node that answers."""
    columns = (
        Column("status"),
        Column("stats.connections", "CONNECTIONS", align_right=True),
        Column("stats.sessions", "SESSIONS", align_right=True),
    )
    return Record(session.client.get_object("/node_eviction/status"), columns, key="status")
