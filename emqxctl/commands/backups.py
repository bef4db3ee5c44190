"""`emqxctl backups`: archives of the cluster's configuration and tables; each lies on one node."""

from pathlib import Path
from typing import Annotated

import typer

from emqxctl.cli.bulk.each import run_each
from emqxctl.cli.command import command
from emqxctl.cli.file_transfer import Upload, fetch_file, safe_name, send_file
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import EmqxctlError, UsageError
from emqxctl.output.formatters import format_byte_count, format_relative_time
from emqxctl.output.results import Done, Result
from emqxctl.resource import Column, Paging, Resource
from emqxctl.verbs.list import add_list

BACKUPS = Resource(
    noun="backup",
    path="/data/files",
    key="filename",
    columns=(
        Column("filename", "FILE"),
        Column("node"),
        Column("size", format=format_byte_count, align_right=True),
        Column("created_at", "CREATED", format=format_relative_time),
    ),
    paging=Paging.PAGES,
)
FILE = "/data/files/{filename}"

NodeOption = Annotated[
    str | None, typer.Option("--node", metavar="NODE", help="The node it lies on; else the list is asked.")
]
FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="The backup, as `list` names it.")]
Target = Annotated[str | None, typer.Option(metavar="FILE", help="Where to; - is stdout.")]

app = new_group("Backups of configuration and data (EMQX 5.4+).")
add_list(app, BACKUPS, examples=("emqxctl backups list", "emqxctl backups list --sort -created_at"))


def node_of(session: Session, filename: str, node: str | None) -> str | None:
    """Give the node a backup lies on: the one named, else where the list has it; None if nowhere.

    Raises UsageError when it lies on several.
    """
    if node is not None:
        return node
    found = sorted({str(row.get("node")) for row in session.rows(BACKUPS) if row.get("filename") == filename})
    if len(found) > 1:
        message = f"backup {filename!r} lies on {', '.join(found)}"
        raise UsageError(message, hint="say which with --node NODE")
    return found[0] if found else None


@app.command()
@command(
    calls=("POST /data/export", f"GET {FILE}"),
    examples=(
        "emqxctl backups export",
        "emqxctl backups export --output-file emqx.tar.gz",
        "emqxctl backups export --tables banned --roots connectors --roots rule_engine",
    ),
    effect=Effect.WRITE,
)
def export(
    session: Session,
    tables: Annotated[
        list[str] | None, typer.Option(metavar="TABLE", help="Only these: banned, builtin_authn; repeatable.")
    ] = None,
    roots: Annotated[
        list[str] | None, typer.Option(metavar="ROOT", help="Only these roots of the configuration.")
    ] = None,
    output_file: Target = None,
) -> Result:
    """Make a backup; it stays on the node that answers.

    --output-file fetches it too. --tables and --roots need EMQX 5.8.2; neither means everything.
    """
    body = {"table_sets": tables, "root_keys": roots}
    made = session.client.post("/data/export", body={name: value for name, value in body.items() if value})
    found = made if isinstance(made, dict) else {}
    filename, node = str(found.get("filename", "")), found.get("node")
    if output_file is not None and filename:
        session.info(f"made backup {filename} on {node}")
        return fetch_file(session, FILE, filename, to=output_file, query={"node": node})
    return Done(f"made backup {filename} on {node}", found, key="filename")


@app.command("get")
@command(
    calls=("GET /data/files", f"GET {FILE}"),
    examples=(
        "emqxctl backups get emqx-export-2026-11-23-00-22-25.544.tar.gz",
        "emqxctl backups get emqx-export-2026-11-23-00-22-25.544.tar.gz --output-file - | tar -tz",
    ),
)
def get(
    session: Session, filename: FileArgument, node: NodeOption = None, output_file: Target = None
) -> Result:
    """Download a backup; into the folder you are in, if no other."""
    target = output_file or safe_name(filename)
    query = {"node": node_of(session, filename, node)}
    return fetch_file(session, FILE, filename, to=target, query=query)


@app.command()
@command(
    calls="POST /data/files",
    examples=("emqxctl backups upload emqx-export-2026-11-23-00-22-25.544.tar.gz",),
    effect=Effect.WRITE,
)
def upload(
    session: Session,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The archive; - for stdin.")],
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Its name at EMQX; needed if from stdin.")
    ] = None,
) -> Done:
    """Upload a backup to the node that answers.

    The name must be the one it was made with: the archive's folder bears it.
    """
    called = name or ("" if file == "-" else Path(file).name)
    if called and not called.endswith(".tar.gz"):
        message = f"{called!r} is no name of a backup"
        raise UsageError(message, hint="it ends in .tar.gz: --name emqx-export-....tar.gz")
    send_file(session, "/data/files", sent=Upload("filename", file, called))
    notes = (f"to bring it in: emqxctl backups import {called}",)
    return Done(f"uploaded backup {called!r}", {"filename": called}, key="filename", notes=notes)


@app.command("import")
@command(
    calls=("POST /data/import", "GET /data/files"),
    examples=("emqxctl backups import emqx-export-2026-11-23-00-22-25.544.tar.gz --yes",),
    effect=Effect.DESTROY,
)
def import_(session: Session, filename: FileArgument, node: NodeOption = None) -> Done:
    """Bring a backup in: what it holds replaces what there is.

    It must lie on a node of the cluster (upload), and a core node must answer. What EMQX refuses in it is
    told; the rest has been brought in then.
    """
    session.confirm(f"replace configuration and data by those of backup {filename!r}")
    where = node_of(session, filename, node)
    body = {"filename": filename, **({"node": where} if where else {})}
    try:
        session.client.post("/data/import", body=body)
    except EmqxctlError as error:
        error.hint = error.hint or "parts of it may have been brought in"
        raise
    return Done(f"brought backup {filename!r} in", body, key="filename")


@app.command()
@command(
    calls=("DELETE /data/files/{filename}", "GET /data/files"),
    examples=("emqxctl backups delete emqx-export-2026-11-23-00-22-25.544.tar.gz --yes",),
    effect=Effect.DESTROY,
)
def delete(
    session: Session,
    filenames: Annotated[list[str], typer.Argument(metavar="FILE...", help="The backups.")],
    node: NodeOption = None,
) -> Result:
    """Delete backups."""
    named = f"backup {filenames[0]!r}" if len(filenames) == 1 else f"{len(filenames)} backups"
    session.confirm(f"delete {named}")

    def deed(filename: str) -> object:
        return session.client.delete(FILE, filename, query={"node": node_of(session, filename, node)})

    return run_each(filenames, "filename", "deleted backup", deed)
