"""`emqxctl cluster`: manage the cluster: its name, members and topology."""

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.commands.cluster._members import force_leave, invitation, invite, update
from emqxctl.output.results import Record, Rows
from emqxctl.resource import Column

app = new_group("Manage the cluster: name, members and topology.")


@app.command()
@command(calls="GET /cluster", examples=("emqxctl cluster get", "emqxctl cluster get -o json"))
def get(session: Session) -> Record:
    """Show the cluster's name and running nodes."""
    columns = (Column("name"), Column("nodes"), Column("self"))
    return Record(session.client.get_object("/cluster"), columns, key="name")


@app.command()
@command(calls="GET /cluster/topology", examples=("emqxctl cluster topology",))
def topology(session: Session) -> Rows:
    """List the core nodes and their replicants."""
    path = "/cluster/topology"
    columns = (Column("core_node", "CORE"), Column("replicant_nodes", "REPLICANTS"))
    rows = session.client.get_list(path)
    return Rows(rows, columns, key="core_node", plural_noun="core nodes", path=path)


for _name, _command in (
    ("invite", invite),
    ("invitation", invitation),
    ("force-leave", force_leave),
    ("update", update),
):
    app.command(_name)(_command)
app.lazy("compat", "List the operations that this EMQX does not support.")
