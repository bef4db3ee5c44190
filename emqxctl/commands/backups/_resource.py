"""The backups that are stored on the nodes, and the options that several commands have."""

import re
from typing import Annotated

import typer

from emqxctl.cli.session import Session
from emqxctl.errors import UsageError
from emqxctl.output.formatters import format_byte_count, format_relative_time
from emqxctl.output.results import Row
from emqxctl.resource import Column, Paging, Resource

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
SUFFIX = ".tar.gz"
EXPORT_NAME = r"emqx-export-\d{4}(?:-\d\d){5}\.\d{3}\.tar\.gz"  # sorted by name: by time

NodeOption = Annotated[
    str | None,
    typer.Option("--node", metavar="NODE", help="Node that stores the backup (default: found in the list)."),
]
FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="File name of the backup.")]
OutputFileOption = Annotated[
    str | None, typer.Option("--output-file", metavar="FILE", help="File to write (- for stdout).")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace an existing file.")]


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


def find_expired_backups(session: Session, kept: int) -> list[Row]:
    """Return the backups that EMQX named by their time, without the `kept` newest, the newest first."""
    rows = [
        row
        for row in session.rows(BACKUPS, limited=False)
        if re.fullmatch(EXPORT_NAME, str(row.get("filename")))
    ]
    rows.sort(key=lambda row: str(row["filename"]), reverse=True)
    return rows[kept:]
