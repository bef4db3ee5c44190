"""`emqxctl cluster`: the cluster as a whole."""

from emqxctl.api.pagination import page_rows
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.commands.cluster.compat import compat
from emqxctl.commands.cluster.members import force_leave, invitation, invite, update
from emqxctl.output.results import Record, Rows
from emqxctl.resource import Column

app = new_group("The cluster as a whole: its name, nodes and topology.")

TOPOLOGY = (Column("core_node", "CORE"), Column("replicant_nodes", "REPLICANTS"))


@app.command()
@command(calls="GET /cluster", examples=("emqxctl cluster get", "emqxctl cluster get -o json"))
def get(session: Session) -> Record:
    """Show the cluster's name and its running nodes."""
    columns = (Column("name"), Column("nodes"), Column("self"))
    return Record(session.client.get_object("/cluster"), columns, key="name")


@app.command()
@command(calls="GET /cluster/topology", examples=("emqxctl cluster topology",))
def topology(session: Session) -> Rows:
    """List the core nodes and the replicants of each."""
    return Rows(
        page_rows(session.client.get("/cluster/topology")),
        TOPOLOGY,
        key="core_node",
        plural_noun="core nodes",
        path="/cluster/topology",
    )


for _name, _command in (
    ("invite", invite),
    ("invitation", invitation),
    ("force-leave", force_leave),
    ("update", update),
    ("compat", compat),
):
    app.command(_name)(_command)
