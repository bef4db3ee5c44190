"""Backups of the cluster: `/data/export`, `/data/files`, `/data/import`."""

from emqxctl.sandbox.http.paging import one_page
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.http.uploads import read_file
from emqxctl.sandbox.messages import Answer, Json, answer_json
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.archives import SUFFIX, Backup, BadBackupError, name_backup, unpack
from emqxctl.sandbox.state.backups import ROOTS, TABLES, make_backup, restore
from emqxctl.sandbox.state.cluster import VERSION

BAD_NAME = "invalid backup name: file name must have .tar.gz extension"
MISSING = "backup file not found"


def chosen(given: Json, known: set[str], what: str) -> set[str]:
    """Take what is asked for, or everything. Raises AnswerNow (400) for an unknown name."""
    if given is None:
        return known
    if strange := [str(name) for name in given if name not in known]:
        refuse_request(f"Invalid {what}: {', '.join(strange)}")
    return set(given)


@route("POST", "/data/export", body=Body("export"))
def export(call: Call) -> Answer:
    """Make a backup on the answering node."""
    tables = chosen(call.body["table_sets"], set(TABLES), "table sets")
    roots = chosen(call.body["root_keys"], set(ROOTS), "root keys")
    held, at, node = call.cluster.features.backups, call.cluster.now(), call.cluster.self_node
    while (node, name_backup(at)) in held:
        at += 0.001
    made = make_backup(call.cluster, name_backup(at), tables, roots)
    held[made.node, made.name] = made
    return answer_json(made.row())


def check_name(name: str) -> None:
    """Raise AnswerNow (400) for what is no name of a backup."""
    if not name.endswith(SUFFIX) or "/" in name:
        refuse_request(BAD_NAME)


def find(call: Call, name: str, node: str | None, missing: int = 404) -> Backup:
    """Find a backup on the named node, the answering one by default. Raises AnswerNow (400 or 404)."""
    check_name(name)
    if node is not None and node not in call.cluster.running():
        refuse_request(f"Unknown node: {node}")
    found = call.cluster.features.backups.get((node or call.cluster.self_node, name))
    if found is None:
        refuse_with(missing, "NOT_FOUND" if missing == 404 else "BAD_REQUEST", MISSING)
    return found


@route("GET", "/data/files", query="page")
def list_files(call: Call) -> Answer:
    """List the backups of the running nodes, the newest first."""
    running = call.cluster.running()
    found = [each for each in call.cluster.features.backups.values() if each.node in running]
    rows = [each.row() for each in sorted(found, key=lambda one: (one.made, one.name), reverse=True)]
    return answer_json(one_page(rows, call.query))


@route("POST", "/data/files")
def upload(call: Call) -> Answer:
    """Take a backup in; its content is checked here, and not only when it is imported."""
    part = read_file(call.request, "filename")
    if part is None:
        refuse_request("Missing required parameter: filename")
    check_name(part.filename)
    key = (call.cluster.self_node, part.filename)
    if key in call.cluster.features.backups:
        refuse_request(f'Backup file "{part.filename}" already exists')
    check_content(part.filename, part.content)
    call.cluster.features.backups[key] = Backup(*key, call.cluster.now(), part.content)
    return Answer(204)


def check_content(name: str, content: bytes) -> None:
    """Raise AnswerNow (400) for an archive that is no backup, or one of a newer EMQX."""
    try:
        meta = unpack(name, content)["META.hocon"].decode("utf-8", "replace")
    except BadBackupError as bad:
        refuse_request(str(bad))
    version = meta.partition('version = "')[2].partition('"')[0]
    digits = [[int(part) for part in each.split(".") if part.isdecimal()] for each in (version, VERSION)]
    if digits[0][:2] > digits[1][:2]:
        refuse_request(
            f"Backup version {version} is newer than EMQX version {VERSION}, import is not allowed."
        )


@route("GET", "/data/files/{filename}", query="node")
def download(call: Call) -> Answer:
    """Send a backup."""
    found = find(call, call.bindings["filename"], call.query["node"])
    return Answer(200, found.content, {"content-type": "application/octet-stream"})


@route("DELETE", "/data/files/{filename}", query="node")
def delete(call: Call) -> Answer:
    """Delete a backup."""
    found = find(call, call.bindings["filename"], call.query["node"])
    del call.cluster.features.backups[found.node, found.name]
    return Answer(204)


@route("POST", "/data/import", body=Body("import"))
def play_back(call: Call) -> Answer:
    """Play a backup back into the cluster."""
    try:
        restore(call.cluster, find(call, call.body["filename"], call.body["node"], missing=400))
    except BadBackupError as bad:
        refuse_request(str(bad))
    return Answer(204)
