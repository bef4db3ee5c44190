"""`emqxctl backups export`: create a backup, download it, and delete the older ones."""

from collections.abc import Sequence
from typing import Annotated

import typer

from emqxctl.api.availability import fetch_node_version
from emqxctl.cli.command import command
from emqxctl.cli.dashboard_login import log_in_if_named
from emqxctl.cli.file_transfer import fetch_file
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.backups._contents import parse_minor
from emqxctl.commands.backups._download import existing_file_error, file_exists
from emqxctl.commands.backups._resource import (
    BACKUPS,
    FILE_PATH,
    ForceOption,
    OutputFileOption,
    find_expired_backups,
)
from emqxctl.emqx.backup_archive import RESTRICTED_TABLES
from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.output.results import Bytes, Done, Result, Row

FIRST_RESTRICTED_VERSION = (6, 0)

KeepOption = Annotated[
    int | None,
    typer.Option(
        metavar="N", min=1, help="Keep the N newest backups, with this one; delete the older ones (asks)."
    ),
]


@command(
    calls=("POST /data/export", f"GET {FILE_PATH}", "GET /data/files", f"DELETE {FILE_PATH}", "GET /nodes"),
    examples=(
        "emqxctl backups export",
        "emqxctl backups export --output-file emqx.tar.gz",
        "emqxctl backups export --output-file emqx.tar.gz --force --keep 7 --yes",
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
    force: ForceOption = False,
    keep: KeepOption = None,
) -> Result:
    """Create a backup on the node that responds.

    --output-file also downloads it, under any name: `upload` reads the name that EMQX requires from the
    archive. --keep lists the older backups of all nodes before the export and deletes them after it; only
    names that EMQX gives, emqx-export-TIME.tar.gz, are deleted. --tables and --roots require EMQX 5.8.2;
    without them everything is exported. From EMQX 6 on, dashboard users and API keys are exported only with
    --username, and an API key of a namespace exports its namespace only.
    """
    if output_file is not None and not force and file_exists(output_file):
        raise existing_file_error(output_file)
    log_in_if_named(session)
    expired = find_expired_backups(session, keep - 1) if keep is not None else []
    for row in expired:
        session.info(f"to be deleted: {row['filename']} on {row.get('node')}")
    if expired:
        session.confirm(f"delete {BACKUPS.describe([str(row['filename']) for row in expired])}")
    filters = {"table_sets": tables, "root_keys": roots}
    body = {name: value for name, value in filters.items() if value}
    row = session.client.post_object("/data/export", body=body)
    filename, node = str(row.get("filename", "")), row.get("node")
    result: Result = Done(f"created backup {filename!r} on {node}", row, key="filename")
    if output_file is not None and filename:
        session.info(f"created backup {filename!r} on {node}")
        result = fetch_file(session, FILE_PATH, filename, to=output_file, query={"node": node})
    result = result._replace(notes=list_omission_notes(session, tables or ()))
    return delete_expired(session, expired, result) if expired else result


def list_omission_notes(session: Session, tables: Sequence[str]) -> tuple[str, ...]:
    """Return a note if EMQX left tables out without an error, as it does for API keys (api-6.md §3)."""
    is_complete = bool(tables) and RESTRICTED_TABLES.isdisjoint(tables)
    if is_complete or session.settings.username or session.settings.dry_run:
        return ()
    version, _ = fetch_node_version(session.client.transport, "", "")
    if parse_minor(version) < FIRST_RESTRICTED_VERSION:
        return ()
    return ("without dashboard users and API keys: EMQX exports them only with --username",)


def delete_expired(session: Session, expired: list[Row], result: Result) -> Result:
    """Delete older backups, and return the result of the export with their names added."""
    notes = list(result.notes)
    deleted: list[str] = []
    for row in expired:
        name = str(row["filename"])
        try:
            session.client.delete(FILE_PATH, name, query={"node": row.get("node")})
        except EmqxctlError as error:
            notes.append(f"cannot delete backup {name!r} on {row.get('node')}: {error.message}")
            continue
        deleted.append(name)
        notes.append(f"deleted backup {name!r} on {row.get('node')}")
    code = ExitCode.OK if len(deleted) == len(expired) else ExitCode.PARTIAL
    if isinstance(result, Done):
        return result._replace(data={**result.data, "deleted": deleted}, notes=notes, exit_code=code)
    if isinstance(result, Bytes):
        return result._replace(notes=notes, exit_code=code)
    return result
