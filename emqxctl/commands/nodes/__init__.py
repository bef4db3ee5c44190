"""`emqxctl nodes`: show the nodes of the cluster, and drain one before it is stopped."""

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.options import NodeArgument
from emqxctl.cli.session import Session
from emqxctl.output.formatters import color_state, format_duration_ms, format_memory
from emqxctl.output.results import Record
from emqxctl.resource import Column, Resource
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list

NODES = Resource(
    noun="node",
    path="/nodes",
    key="node",
    item_template="/nodes/{node}",
    columns=(
        Column("node"),
        Column("node_status", "STATUS", style=color_state),
        Column("role"),
        Column("version"),
        Column("uptime", format=format_duration_ms),
        Column("live_connections", "CONNECTIONS", align_right=True),
        Column("connections", "SESSIONS", align_right=True),  # connected or not
        Column("load1", "LOAD", align_right=True),
        Column("memory_used", "MEMORY", format=format_memory, align_right=True),
        Column("memory_total", "TOTAL MEMORY", format=format_memory, align_right=True),
        Column("edition", wide=True),
        Column("cluster_sessions", "CLUSTER SESSIONS", align_right=True, wide=True),
        Column("load5", align_right=True, wide=True),
        Column("load15", align_right=True, wide=True),
        Column("process_used", "PROCESSES", align_right=True, wide=True),
        Column("max_fds", "FDS", align_right=True, wide=True),
        Column("otp_release", "OTP", wide=True),
    ),
)

app = new_group("Show and drain the nodes of the cluster.")
add_list(
    app,
    NODES,
    examples=(
        "emqxctl nodes list",
        "emqxctl nodes list --where node_status=stopped -o name",
        "emqxctl nodes list -o json --fields node,version,uptime",
    ),
)
add_get(app, NODES, examples=("emqxctl nodes get emqx@10.0.0.1",))


@app.command()
@command(calls="GET /nodes/{node}/stats", examples=("emqxctl nodes stats emqx@10.0.0.1",))
def stats(session: Session, node: NodeArgument) -> Record:
    """Show a node's gauges: current numbers of objects."""
    return Record(session.client.get_object("/nodes/{node}/stats", node))


@app.command()
@command(calls="GET /nodes/{node}/metrics", examples=("emqxctl nodes metrics emqx@10.0.0.1",))
def metrics(session: Session, node: NodeArgument) -> Record:
    """Show a node's counters since its start."""
    return Record(session.client.get_object("/nodes/{node}/metrics", node))


app.lazy("drain", "Move all clients away from a node before it is stopped.")
app.lazy("undrain", "Stop draining a node, which then accepts clients again.")
