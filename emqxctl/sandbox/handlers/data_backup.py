"""Backups of the cluster: `/data/export`, `/data/files`, `/data/import`."""

from emqxctl.emqx.backup_files import SUFFIX, BadBackupError, name_backup, read_archive, unpack_backup
from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.http.paging import cut_page
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.http.uploads import read_file
from emqxctl.sandbox.messages import Json, Response, Row
from emqxctl.sandbox.schema.refusals import refuse, refuse_request, refuse_with
from emqxctl.sandbox.state.archives import Backup
from emqxctl.sandbox.state.backups import create_backup, restore_backup
from emqxctl.sandbox.state.cluster import ENTERPRISE

RESTRICTED = {"api_keys": "emqx_app", "dashboard_users": "emqx_admin"}


def select_names(names: Json, all_names: set[str], what: str) -> set[str]:
    """Return the selected names, or all of them. Raises EarlyResponse (400) for an unknown name."""
    if names is None:
        return all_names
    if strange := [str(name) for name in names if name not in all_names]:
        refuse_request(f"Invalid {what}: {', '.join(strange)}")
    return set(names)


def export_data(call: Call) -> Json:
    """Build a backup on the answering node."""
    tables = select_names(call.body["table_sets"], set(read_table("backup")["tables"]), "table sets")
    roots = select_names(call.body["root_keys"], set(read_table("backup")["roots"]), "root keys")
    if call.cluster.edition == ENTERPRISE and not call.user:
        tables -= set(RESTRICTED)
    backups, at, node = call.cluster.features.backups, call.cluster.now(), call.cluster.self_node
    while (node, name_backup(at)) in backups:
        at += 0.001
    backup = create_backup(call.cluster, name_backup(at), tables, roots)
    backups[backup.node, backup.name] = backup
    return backup.row()


def check_name(name: str) -> None:
    """Raise EarlyResponse (400) for what is no name of a backup."""
    if not name.endswith(SUFFIX) or "/" in name:
        refuse("data_backup.bad_name")


def find_backup(call: Call, source: Row, name: str, missing: str = "data_backup.missing") -> Backup:
    """Find a backup on the node that a query or body names, the answering one by default.

    Raises EarlyResponse (400 or 404).
    """
    check_name(name)
    node, backups = source["node"], call.cluster.features.backups
    if node is not None and node not in call.cluster.running():
        refuse_request(f"Unknown node: {node}")
    key = (node or call.cluster.self_node, name)
    return backups[key] if key in backups else refuse(missing)


def check_restricted(call: Call, backup: Backup, action: str) -> Backup:
    """Return a backup. Raises EarlyResponse (403) for users or keys in it and a request with an API key."""
    paths = "\n".join(read_archive(backup.content) or {})
    tables = ", ".join(name for name, file in RESTRICTED.items() if f"/{file}" in paths)
    if tables and call.cluster.edition == ENTERPRISE and not call.user:
        refuse_with(
            403, "FORBIDDEN", f"API key {action} refused: backup contains restricted tables: {tables}"
        )
    return backup


def list_files(call: Call) -> Json:
    """List the backups of the running nodes, the newest first."""
    running = call.cluster.running()
    backups = [backup for backup in call.cluster.features.backups.values() if backup.node in running]
    backups.sort(key=lambda backup: (backup.created, backup.name), reverse=True)
    rows = [backup.row() for backup in backups]
    return cut_page(rows, call.query)


def upload_backup(call: Call) -> None:
    """Upload a backup; its content is checked here, and not only when it is imported."""
    part = read_file(call.request, "filename")
    if part is None:
        refuse_request("Missing required parameter: filename")
    check_name(part.filename)
    key = (call.cluster.self_node, part.filename)
    if key in call.cluster.features.backups:
        refuse_request(f'Backup file "{part.filename}" already exists')
    check_content(part.filename, part.content, call.cluster.version)
    call.cluster.features.backups[key] = Backup(*key, call.cluster.now(), part.content)


def check_content(name: str, content: bytes, own: str) -> None:
    """Raise EarlyResponse (400) for an archive that is no backup, or one of a newer EMQX."""
    try:
        meta = unpack_backup(name, content)["META.hocon"].decode("utf-8", "replace")
    except BadBackupError as bad:
        refuse_request(str(bad))
    version = meta.partition('version = "')[2].partition('"')[0]
    digits = [[int(part) for part in text.split(".") if part.isdecimal()] for text in (version, own)]
    if digits[0][:2] > digits[1][:2]:
        refuse_request(f"Backup version {version} is newer than EMQX version {own}, import is not allowed.")


def download_backup(call: Call) -> Response:
    """Send a backup."""
    backup = find_backup(call, call.query, call.bindings["filename"])
    backup = check_restricted(call, backup, "download")
    return Response(200, backup.content, {"content-type": "application/octet-stream"})


def delete_backup(call: Call) -> None:
    """Delete a backup."""
    backup = find_backup(call, call.query, call.bindings["filename"])
    del call.cluster.features.backups[backup.node, backup.name]


def import_backup(call: Call) -> None:
    """Play a backup back into the cluster."""
    try:
        backup = find_backup(call, call.body, call.body["filename"], "data_backup.missing_import")
        restore_backup(call.cluster, check_restricted(call, backup, "import"))
    except BadBackupError as bad:
        refuse_request(str(bad))
