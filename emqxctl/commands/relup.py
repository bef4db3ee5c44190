"""`emqxctl relup`: manage hot upgrades, which keep EMQX running."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.file_transfer import Upload, send_file
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.output.formatters import color_state
from emqxctl.output.results import Done, Record, Result, Rows
from emqxctl.resource import Column
from emqxctl.verbs.existence import delete_if_exists

PACKAGE_PATH = "/relup/package"
COLUMNS = (
    Column("node"),
    Column("role"),
    Column("current_vsn", "VERSION"),
    Column("status", style=color_state),
    Column("live_connections", "CONNECTIONS", align_right=True),
    Column("upgrade_history", "HISTORY", wide=True),
)

NodeArgument = Annotated[str | None, typer.Argument(metavar="NODE", help="Node (default: all nodes).")]

app = new_group("Manage hot upgrades (EMQX 5.8 to 5.10.3).")
package = new_group("Manage the upgrade package.")
app.add_typer(package, name="package")


@app.command()
@command(
    calls=("GET /relup/status", "GET /relup/status/{node}"),
    examples=("emqxctl relup status", "emqxctl relup status emqx@10.0.0.1 -o json"),
)
def status(session: Session, node: NodeArgument = None) -> Result:
    """Show the version and upgrades of each node."""
    if node is not None:
        return Record(session.client.get_object("/relup/status/{node}", node), COLUMNS, key="node")
    path = "/relup/status"
    return Rows(session.client.get_list(path), COLUMNS, key="node", plural_noun="nodes", path=path)


@app.command()
@command(
    calls=("POST /relup/upgrade", "POST /relup/upgrade/{node}"),
    examples=("emqxctl relup upgrade emqx@10.0.0.1 --yes",),
    effect=Effect.DESTROY,
)
def upgrade(session: Session, node: NodeArgument = None) -> Done:
    """Upgrade all nodes, or one, with the installed package."""
    target = node or "all nodes"
    session.confirm(f"upgrade {target}")
    if node is None:
        session.client.post("/relup/upgrade")
    else:
        session.client.post("/relup/upgrade/{node}", node)
    notes = ("show the result: emqxctl relup status",)
    return Done(f"upgraded {target}", {"upgraded": target}, notes=notes)


@package.command()
@command(calls=f"GET {PACKAGE_PATH}", examples=("emqxctl relup package get",))
def get(session: Session) -> Record:
    """Show the installed package."""
    columns = (Column("name"), Column("target_vsn", "TO"), Column("applicable_vsns", "FROM"))
    return Record(session.client.get_object(PACKAGE_PATH), columns, key="name")


@package.command()
@command(
    calls="POST /relup/package/upload",
    examples=("emqxctl relup package upload emqx_relup-5.8.1.tar.gz",),
    effect=Effect.WRITE,
)
def upload(
    session: Session,
    file: Annotated[str, typer.Argument(metavar="FILE", help="Package to install (- for stdin).")],
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Package name; required for stdin.")
    ] = None,
) -> Done:
    """Install a package on all nodes."""
    send_file(session, "/relup/package/upload", source=Upload("plugin", file, name or ""))
    return Done(f"installed {name or file}", {"file": name or file}, key="file")


@package.command()
@command(
    calls=f"DELETE {PACKAGE_PATH}", examples=("emqxctl relup package delete --yes",), effect=Effect.DESTROY
)
def delete(session: Session) -> Result:
    """Delete the installed package."""
    session.confirm("delete the upgrade package")

    def send() -> Done:
        session.client.delete(PACKAGE_PATH)
        return Done("deleted the upgrade package", {"deleted": "relup package"})

    return delete_if_exists(session, "upgrade package", {}, send)
