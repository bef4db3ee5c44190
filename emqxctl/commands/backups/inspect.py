"""`emqxctl backups inspect`: what a backup contains, and what its import would change for you."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.dashboard_login import log_in_if_named
from emqxctl.cli.session import Session
from emqxctl.commands.backups._contents import (
    build_backup_row,
    count_kinds,
    is_local_file,
    list_effects,
    list_settings,
    read_local_backup,
    read_remote_backup,
)
from emqxctl.commands.backups._resource import NodeOption, find_node
from emqxctl.emqx.backup_archive import ArchiveError, Backup
from emqxctl.errors import EmqxctlError
from emqxctl.output.results import Report, Row, Section
from emqxctl.resource import Column

COLUMNS = (Column("kind"), Column("count", align_right=True))


@command(
    calls=("GET /data/files", "GET /data/files/{filename}"),
    examples=(
        "emqxctl backups inspect emqx-export-2026-11-24-01-00-00.000.tar.gz",
        "emqxctl backups inspect ./nightly.tar.gz -o json",
    ),
    login=True,
)
def inspect(
    session: Session,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Local file, or file name of a backup in the cluster.")
    ],
    node: NodeOption = None,
) -> Report:
    """Show what a backup contains and what its import changes.

    A local file of this name comes first; --node selects the backup in the cluster. No file of the archive is
    written. The file name for `upload` is in the archive: a renamed file keeps it.
    """
    if node is None and is_local_file(file):
        backup = read_local_backup(file)
    else:
        log_in_if_named(session)
        backup = read_from_cluster(session, file, node)
    return report_backup(backup, list_effects(backup, session, ""))


def read_from_cluster(session: Session, filename: str, node: str | None) -> Backup:
    """Read a backup of the cluster. Raises EmqxctlError for an archive that is not a backup."""
    try:
        return read_remote_backup(session, filename, find_node(session, filename, node))
    except ArchiveError as error:
        message = f"cannot read backup {filename!r}: {error}"
        raise EmqxctlError(message, code="NOT_A_BACKUP") from error


def report_backup(backup: Backup, effects: list[str]) -> Report:
    """Return the report on a backup."""
    facts = [
        ("File name in EMQX", backup.name),
        ("Version", backup.version or "unknown"),
        ("Edition", backup.edition or "unknown"),
        ("Settings", ", ".join(list_settings(backup)) or "none"),
        *((("API keys", ", ".join(backup.api_key_names)),) if backup.api_key_names else ()),
    ]
    rows: list[Row] = [{"kind": kind, "count": count} for kind, count in count_kinds(backup).items()]
    sections = (
        Section(facts=facts),
        Section("Contents", rows=rows, columns=COLUMNS),
        Section("Effects of an import", lines=effects),
    )
    headline = f"Backup of EMQX {backup.version}".rstrip()
    return Report(build_backup_row(backup, effects), headline, sections, key="name")
