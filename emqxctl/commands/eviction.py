"""`emqxctl eviction`: show whether a node disconnects its clients."""

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.output.results import Record
from emqxctl.resource import Column

app = new_group("Show whether a node is evicting clients (Enterprise).")


@app.command()
@command(calls="GET /node_eviction/status", examples=("emqxctl eviction status",))
def status(session: Session) -> Record:
    """Show the eviction status of the node that responds."""
    columns = (
        Column("status"),
        Column("stats.connections", "CONNECTIONS", align_right=True),
        Column("stats.sessions", "SESSIONS", align_right=True),
    )
    return Record(session.client.get_object("/node_eviction/status"), columns, key="status")
