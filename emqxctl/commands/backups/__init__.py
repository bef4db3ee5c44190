"""`emqxctl backups`: manage backups of configuration and data; each is stored on one node."""

from pathlib import Path
from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.dashboard_login import log_in_if_named
from emqxctl.cli.file_transfer import Upload, safe_name, send_file
from emqxctl.cli.group import new_group
from emqxctl.cli.input.files import read_bytes
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.backups._download import download_backup
from emqxctl.commands.backups._resource import (
    BACKUPS,
    FILE_PATH,
    SUFFIX,
    FileArgument,
    ForceOption,
    NodeOption,
    OutputFileOption,
    find_node,
)
from emqxctl.emqx.backup_archive import ArchiveError, read_backup
from emqxctl.errors import UsageError
from emqxctl.output.results import Done, Result
from emqxctl.verbs.existence import run_deletion
from emqxctl.verbs.list import add_list

app = new_group("Manage backups of configuration and data (EMQX 5.4+).")
app.lazy("export", "Create a backup on the node that responds.")
app.lazy("inspect", "Show what a backup contains and what its import changes.")
app.lazy("import", "Restore a backup, replacing existing data.", "_import")
add_list(app, BACKUPS, examples=("emqxctl backups list", "emqxctl backups list --sort -created_at"))


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
    session: Session,
    filename: FileArgument,
    node: NodeOption = None,
    output_file: OutputFileOption = None,
    force: ForceOption = False,
) -> Result:
    """Download a backup.

    Without --output-file it is written to the current folder. A local file with another content is replaced
    only with --force. A backup with dashboard users or API keys requires --username from EMQX 5.8.11, 6.0.3
    and 6.1.2 on.
    """
    log_in_if_named(session)
    target = output_file or safe_name(filename)
    query = {"node": find_node(session, filename, node)}
    return download_backup(session, filename, query, to=target, force=force)


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
        str | None, typer.Option(metavar="NAME", help="File name in EMQX (default: the name in the archive).")
    ] = None,
) -> Done:
    """Upload a backup to the node that responds.

    EMQX requires the name that a backup was created with. It is the name of the folder in the archive, and is
    read from there: the local file may have any name.
    """
    content = read_bytes(file, "FILE")
    filename = find_upload_name(session, content, file, name)
    send_file(session, "/data/files", source=Upload("filename", file, filename, content))
    notes = (f"restore it: emqxctl backups import {filename}",)
    return Done(f"uploaded backup {filename!r}", {"filename": filename}, key="filename", notes=notes)


def find_upload_name(session: Session, content: bytes, file: str, name: str | None) -> str:
    """Return the name to upload under: that in the archive, else --name or the file's name.

    Raises UsageError for a name that EMQX would refuse.
    """
    try:
        inner_name = read_backup([content]).name
    except ArchiveError:
        inner_name = ""  # EMQX explains what is wrong
    filename = name or inner_name or ("" if file == "-" else Path(file).name)
    if filename and not filename.endswith(SUFFIX):
        message = f"invalid backup name {filename!r}"
        raise UsageError(message, hint="a name ends in .tar.gz: --name emqx-export-....tar.gz")
    if inner_name and filename != inner_name:
        message = f"this backup must be named {inner_name!r}, like the folder in it"
        raise UsageError(message, hint="omit --name")
    if filename == inner_name != Path(file).name:
        session.info(f"uploading {file} as {filename}, the name in the archive")
    return filename


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
