"""Backups of the cluster: `/data/export`, `/data/files`, `/data/import`."""

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.http.paging import cut_page
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.http.uploads import read_file
from emqxctl.sandbox.messages import Json, Response, json_response
from emqxctl.sandbox.schema.refusals import lookup, refuse_request
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.archives import SUFFIX, Backup, BadBackupError, name_backup, unpack_backup
from emqxctl.sandbox.state.backups import create_backup, restore_backup

BAD_NAME = "invalid backup name: file name must have .tar.gz extension"
MISSING = "backup file not found"


def select_names(names: Json, all_names: set[str], what: str) -> set[str]:
    """Return the selected names, or all of them. Raises EarlyResponse (400) for an unknown name."""
    if names is None:
        return all_names
    if strange := [str(name) for name in names if name not in all_names]:
        refuse_request(f"Invalid {what}: {', '.join(strange)}")
    return set(names)


@route("POST", "/data/export", body=Body("export"))
def export_data(call: Call) -> Response:
    """Build a backup on the answering node."""
    tables = select_names(call.body["table_sets"], set(read_table("backup")["tables"]), "table sets")
    roots = select_names(call.body["root_keys"], set(read_table("backup")["roots"]), "root keys")
    backups, at, node = call.cluster.features.backups, call.cluster.now(), call.cluster.self_node
    while (node, name_backup(at)) in backups:
        at += 0.001
    backup = create_backup(call.cluster, name_backup(at), tables, roots)
    backups[backup.node, backup.name] = backup
    return json_response(backup.row())


def check_name(name: str) -> None:
    """Raise EarlyResponse (400) for what is no name of a backup."""
    if not name.endswith(SUFFIX) or "/" in name:
        refuse_request(BAD_NAME)


def find_backup(call: Call, name: str, node: str | None, missing: int = 404) -> Backup:
    """Find a backup on the named node, the answering one by default. Raises EarlyResponse (400 or 404)."""
    check_name(name)
    if node is not None and node not in call.cluster.running():
        refuse_request(f"Unknown node: {node}")
    return lookup(
        call.cluster.features.backups,
        (node or call.cluster.self_node, name),
        missing,
        "NOT_FOUND" if missing == 404 else "BAD_REQUEST",
        MISSING,
    )


@route("GET", "/data/files", query="page")
def list_files(call: Call) -> Response:
    """List the backups of the running nodes, the newest first."""
    running = call.cluster.running()
    backups = [backup for backup in call.cluster.features.backups.values() if backup.node in running]
    rows = [
        backup.row()
        for backup in sorted(backups, key=lambda backup: (backup.created, backup.name), reverse=True)
    ]
    return json_response(cut_page(rows, call.query))


@route("POST", "/data/files")
def upload_backup(call: Call) -> Response:
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
    return Response(204)


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


@route("GET", "/data/files/{filename}", query="node")
def download_backup(call: Call) -> Response:
    """Send a backup."""
    backup = find_backup(call, call.bindings["filename"], call.query["node"])
    return Response(200, backup.content, {"content-type": "application/octet-stream"})


@route("DELETE", "/data/files/{filename}", query="node")
def delete_backup(call: Call) -> Response:
    """Delete a backup."""
    backup = find_backup(call, call.bindings["filename"], call.query["node"])
    del call.cluster.features.backups[backup.node, backup.name]
    return Response(204)


@route("POST", "/data/import", body=Body("import"))
def import_backup(call: Call) -> Response:
    """Play a backup back into the cluster."""
    try:
        restore_backup(call.cluster, find_backup(call, call.body["filename"], call.body["node"], missing=400))
    except BadBackupError as bad:
        refuse_request(str(bad))
    return Response(204)
