"""`emqxctl backups import`: restore a backup after showing its content, and report the objects afterwards."""

from collections.abc import Mapping, Sequence

from emqxctl.api.availability import fetch_node_version
from emqxctl.api.parallel import Fetched
from emqxctl.cli.command import command
from emqxctl.cli.dashboard_login import log_in_if_named
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.backups._contents import (
    count_kinds,
    describe_backup,
    inspect_stored_backup,
    is_local_file,
    list_effects,
)
from emqxctl.commands.backups._counts import COUNT_CALLS, count_in_cluster, count_of, is_cut_off
from emqxctl.commands.backups._resource import FileArgument, NodeOption, find_node
from emqxctl.emqx.backup_archive import Backup
from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.output.results import Done, Report, Result, Row, Section
from emqxctl.resource import Column

COLUMNS = (
    Column("kind"),
    Column("in_backup", align_right=True),
    Column("before", align_right=True),
    Column("after", align_right=True),
)
LISTENER_NOTE = "check the listeners of all nodes: emqxctl listeners status --per-node"
CUT_OFF_NOTE = "EMQX refuses this API key now: the backup replaced it; create another: emqxctl keys login"

app = new_group("")


@app.command("import")
@command(
    calls=("POST /data/import", "GET /data/files", "GET /data/files/{filename}", "GET /nodes", *COUNT_CALLS),
    examples=(
        "emqxctl backups import emqx-export-2026-11-23-00-22-25.544.tar.gz",
        "emqxctl backups import emqx-export-2026-11-23-00-22-25.544.tar.gz --username admin --yes",
    ),
    effect=Effect.DESTROY,
    login=True,
)
def import_(session: Session, filename: FileArgument, node: NodeOption = None) -> Result:
    """Restore a backup, replacing existing data.

    What the backup contains is shown first, with what could cut you off, and reported by kind afterwards:
    the objects in the backup, before and after. An import adds and replaces objects; it deletes none. The
    backup must be stored on a node of the cluster (see `upload`), and a core node must respond. If EMQX
    refuses parts of it, it reports them; the other parts have then been restored. A backup with dashboard
    users or API keys requires --username from EMQX 5.8.11, 5.10.4, 6.0.3 and 6.1.2 on.

    If nodes have listeners of their own: every import, even without listeners in the backup, sets the
    listeners of all nodes to those of the node that responds (EMQX 5.8), and stops others. Check with
    `status` afterwards.
    """
    log_in_if_named(session)
    source_node = find_node(session, filename, node)
    try:
        backup = inspect_stored_backup(session, filename, source_node)
    except EmqxctlError as error:
        raise name_missing_backup(error, filename) from None
    show_contents(session, backup)
    session.confirm(f"replace configuration and data with backup {filename!r}")
    kinds = count_kinds(backup) if backup else {}
    is_login = bool(session.settings.username)
    before = {} if session.settings.dry_run else count_in_cluster(session.client, kinds, is_login=is_login)
    body: Row = {"filename": filename, **({"node": source_node} if source_node else {})}
    try:
        session.client.post("/data/import", body=body)
    except EmqxctlError as error:
        error.hint = error.hint or "parts of the backup may have been restored"
        raise name_missing_backup(error, filename) from None
    if session.settings.dry_run:
        return Done(f"restored backup {filename!r}", body, key="filename")
    after = count_in_cluster(session.client, kinds or ("rules",), is_login=is_login)
    return report_import(body, kinds, before, after)


def name_missing_backup(error: EmqxctlError, filename: str) -> EmqxctlError:
    """Return an error whose message names the backup that does not exist."""
    error.message = error.message.replace("backup not found", f"backup {filename!r} not found", 1)
    if error.exit_code is ExitCode.NOT_FOUND and is_local_file(filename):
        error.hint = f"upload the local file first: emqxctl backups upload {filename}"
    return error


def show_contents(session: Session, backup: Backup | None) -> None:
    """Print what a backup contains, and what its import changes for whoever runs it, before the question."""
    if backup is None:
        return
    session.info(f"backup of {describe_backup(backup)}")
    version, _ = fetch_node_version(session.client.transport, "", "")
    for effect in list_effects(backup, session, version):
        session.info(f"warning: {effect}")


def report_import(
    body: Row, kinds: Mapping[str, int | None], before: Mapping[str, Fetched], after: Mapping[str, Fetched]
) -> Report:
    """Return what an import restored, by kind."""
    rows: Sequence[Row] = [
        {"kind": kind, "in_backup": count, "before": count_of(before, kind), "after": count_of(after, kind)}
        for kind, count in kinds.items()
    ]
    cut_off = is_cut_off(after)
    notes = (LISTENER_NOTE, *((CUT_OFF_NOTE,) if cut_off else ()))
    return Report(
        {**body, "kinds": rows},
        f"Restored backup {body['filename']}",
        (Section(rows=rows, columns=COLUMNS),),
        key="filename",
        notes=notes,
        exit_code=ExitCode.PARTIAL if cut_off else ExitCode.OK,
    )
