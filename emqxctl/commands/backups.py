"""`emqxctl backups`: manage backups of configuration and data; each is stored on one node."""

from pathlib import Path
from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.dashboard_login import log_in_if_named
from emqxctl.cli.file_transfer import Upload, fetch_file, fresh_name, send_file
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import EmqxctlError, UsageError
from emqxctl.output.formatters import format_byte_count, format_relative_time
from emqxctl.output.results import Done, Result
from emqxctl.resource import Column, Paging, Resource
from emqxctl.verbs.existence import run_deletion
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
FILE_PATH = "/data/files/{filename}"

NodeOption = Annotated[
    str | None,
    typer.Option("--node", metavar="NODE", help="Node that stores the backup (default: found in the list)."),
]
FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="File name of the backup.")]
OutputFileOption = Annotated[
    str | None, typer.Option("--output-file", metavar="FILE", help="File to write (- for stdout).")
]

app = new_group("Manage backups of configuration and data (EMQX 5.4+).")
add_list(app, BACKUPS, examples=("emqxctl backups list", "emqxctl backups list --sort -created_at"))


def find_node(session: Session, filename: str, node: str | None) -> str | None:
    """Return the node that stores a backup: the one specified, else from the list; None if it has none.

    Raises UsageError if several nodes store it.
    """
    if node is not None:
        return node
    nodes = sorted({str(row.get("node")) for row in session.rows(BACKUPS) if row.get("filename") == filename})
    if len(nodes) > 1:
        message = f"backup {filename!r} exists on {', '.join(nodes)}"
        raise UsageError(message, hint="specify one with --node NODE")
    return nodes[0] if nodes else None


@app.command()
@command(
    calls=("POST /data/export", f"GET {FILE_PATH}"),
    examples=(
        "emqxctl backups export",
        "emqxctl backups export --output-file emqx.tar.gz",
        "emqxctl backups export --tables banned --roots connectors --roots rule_engine",
        "emqxctl backups export --username admin",
    ),
    effect=Effect.WRITE,
    login=True,
)
def export(
    session: Session,
    tables: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TABLE", help="Table set to export, such as banned or builtin_authn. Repeatable."
        ),
    ] = None,
    roots: Annotated[
        list[str] | None,
        typer.Option(metavar="ROOT", help="Configuration root to export, such as connectors. Repeatable."),
    ] = None,
    output_file: OutputFileOption = None,
) -> Result:
    """Create a backup on the node that responds.

    --output-file also downloads it. --tables and --roots require EMQX 5.8.2; without them everything is
    exported. From EMQX 6 on, dashboard users and API keys are exported only with --username.
    """
    log_in_if_named(session)
    filters = {"table_sets": tables, "root_keys": roots}
    body = {name: value for name, value in filters.items() if value}
    row = session.client.post_object("/data/export", body=body)
    filename, node = str(row.get("filename", "")), row.get("node")
    if output_file is not None and filename:
        session.info(f"created backup {filename!r} on {node}")
        return fetch_file(session, FILE_PATH, filename, to=output_file, query={"node": node})
    return Done(f"created backup {filename!r} on {node}", row, key="filename")


@app.command("get")
@command(
    calls=("GET /data/files", f"GET {FILE_PATH}"),
    examples=(
        "emqxctl backups get emqx-export-2026-11-23-00-22-25.544.tar.gz",
        "emqxctl backups get emqx-export-2026-11-23-00-22-25.544.tar.gz --output-file - | tar -tz",
    ),
    login=True,
)
def get(
    session: Session, filename: FileArgument, node: NodeOption = None, output_file: OutputFileOption = None
) -> Result:
    """Download a backup.

    Without --output-file it is written to the current folder, where it replaces no file. From EMQX 6 on, a
    backup with dashboard users or API keys requires --username.
    """
    log_in_if_named(session)
    target = output_file or fresh_name(filename)
    query = {"node": find_node(session, filename, node)}
    return fetch_file(session, FILE_PATH, filename, to=target, query=query)


@app.command()
@command(
    calls="POST /data/files",
    examples=("emqxctl backups upload emqx-export-2026-11-23-00-22-25.544.tar.gz",),
    effect=Effect.WRITE,
)
def upload(
    session: Session,
    file: Annotated[str, typer.Argument(metavar="FILE", help="Backup to upload (- for stdin).")],
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="File name in EMQX; required for stdin.")
    ] = None,
) -> Done:
    """Upload a backup to the node that responds.

    Its name must be the one it was created with: the folder in the archive has the same name.
    """
    filename = name or ("" if file == "-" else Path(file).name)
    if filename and not filename.endswith(".tar.gz"):
        message = f"invalid backup name {filename!r}"
        raise UsageError(message, hint="a name ends in .tar.gz: --name emqx-export-....tar.gz")
    send_file(session, "/data/files", source=Upload("filename", file, filename))
    notes = (f"restore it: emqxctl backups import {filename}",)
    return Done(f"uploaded backup {filename!r}", {"filename": filename}, key="filename", notes=notes)


@app.command("import")
@command(
    calls=("POST /data/import", "GET /data/files"),
    examples=("emqxctl backups import emqx-export-2026-11-23-00-22-25.544.tar.gz --yes",),
    effect=Effect.DESTROY,
    login=True,
)
def import_(session: Session, filename: FileArgument, node: NodeOption = None) -> Done:
    """Restore a backup, replacing existing data.

    The backup must be stored on a node of the cluster (see `upload`), and a core node must respond. If EMQX
    refuses parts of it, it reports them; the other parts have then been restored. From EMQX 6 on, a backup
    with dashboard users or API keys requires --username.

    If nodes have listeners of their own: every import, even without listeners in the backup, sets the
    listeners of all nodes to those of the node that responds (EMQX 5.8), and stops others. Check with
    `status` afterwards.
    """
    session.confirm(f"replace configuration and data with backup {filename!r}")
    log_in_if_named(session)
    source_node = find_node(session, filename, node)
    body = {"filename": filename, **({"node": source_node} if source_node else {})}
    try:
        session.client.post("/data/import", body=body)
    except EmqxctlError as error:
        error.hint = error.hint or "parts of the backup may have been restored"
        error.message = error.message.replace("backup not found", f"backup {filename!r} not found", 1)
        raise
    notes = ("check the listeners of all nodes: emqxctl listeners status --per-node",)
    return Done(f"restored backup {filename!r}", body, key="filename", notes=notes)


@app.command()
@command(
    calls=("DELETE /data/files/{filename}", "GET /data/files"),
    examples=("emqxctl backups delete emqx-export-2026-11-23-00-22-25.544.tar.gz --yes",),
    effect=Effect.DESTROY,
)
def delete(
    session: Session,
    filenames: Annotated[list[str], typer.Argument(metavar="FILE", help="File names of the backups.")],
    node: NodeOption = None,
) -> Result:
    """Delete backups."""
    session.confirm(f"delete {BACKUPS.describe(filenames)}")

    def delete_one(filename: str) -> object:
        query = {"node": find_node(session, filename, node)}
        return session.client.delete(FILE_PATH, filename, query=query)

    return run_deletion(session, filenames, "filename", "deleted backup", delete_one)
