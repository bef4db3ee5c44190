"""`emqxctl relup`: upgrade EMQX while it runs."""

from typing import Annotated

import typer

from emqxctl.api.pagination import page_rows
from emqxctl.cli.command import command
from emqxctl.cli.file_transfer import Upload, send_file
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.output.formatters import color_state
from emqxctl.output.results import Done, Record, Result, Rows
from emqxctl.resource import Column

PACKAGE = "/relup/package"
COLUMNS = (
    Column("node"),
    Column("role"),
    Column("current_vsn", "VERSION"),
    Column("status", style=color_state),
    Column("live_connections", "LIVE", align_right=True),
    Column("upgrade_history", "HISTORY", wide=True),
)

NodeOption = Annotated[str | None, typer.Argument(metavar="[NODE]", help="Only this node.")]

app = new_group("Hot upgrades, of EMQX 5.8 to 5.10.3.")
package = new_group("The package to upgrade with.")
app.add_typer(package, name="package")


@app.command()
@command(
    calls=("GET /relup/status", "GET /relup/status/{node}"),
    examples=("emqxctl relup status", "emqxctl relup status emqx@10.0.0.1 -o json"),
)
def status(session: Session, node: NodeOption = None) -> Result:
    """Show versions and upgrades, node by node."""
    if node is not None:
        return Record(session.client.get_object("/relup/status/{node}", node), COLUMNS, key="node")
    return Rows(
        page_rows(session.client.get("/relup/status")),
        COLUMNS,
        key="node",
        plural_noun="nodes",
        path="/relup/status",
    )


@app.command()
@command(
    calls=("POST /relup/upgrade", "POST /relup/upgrade/{node}"),
    examples=("emqxctl relup upgrade emqx@10.0.0.1 --yes",),
    effect=Effect.DESTROY,
)
def upgrade(session: Session, node: NodeOption = None) -> Done:
    """Upgrade all nodes, or one, with the package."""
    where = node or "all nodes"
    session.confirm(f"upgrade {where}")
    if node is None:
        session.client.post("/relup/upgrade")
    else:
        session.client.post("/relup/upgrade/{node}", node)
    return Done(f"upgraded {where}", {"upgraded": where}, notes=("how it went: emqxctl relup status",))


@package.command()
@command(calls=f"GET {PACKAGE}", examples=("emqxctl relup package get",))
def get(session: Session) -> Record:
    """Show the package that is installed."""
    columns = (Column("name"), Column("target_vsn", "TO"), Column("applicable_vsns", "FROM"))
    return Record(session.client.get_object(PACKAGE), columns, key="name")


@package.command()
@command(
    calls="POST /relup/package/upload",
    examples=("emqxctl relup package upload emqx_relup-5.8.1.tar.gz",),
    effect=Effect.WRITE,
)
def upload(
    session: Session,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The package; - for stdin.")],
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Its name, if from stdin.")] = None,
) -> Done:
    """Install a package on every node."""
    send_file(session, "/relup/package/upload", sent=Upload("plugin", file, name or ""))
    return Done(f"installed {name or file}", {"file": name or file}, key="file")


@package.command()
@command(calls=f"DELETE {PACKAGE}", examples=("emqxctl relup package delete --yes",), effect=Effect.DESTROY)
def delete(session: Session) -> Done:
    """Delete the package."""
    session.confirm("delete the package for hot upgrades")
    session.client.delete(PACKAGE)
    return Done("deleted the package for hot upgrades", {"deleted": "relup package"})
