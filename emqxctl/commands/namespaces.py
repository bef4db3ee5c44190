"""`emqxctl namespaces`: tenants of one cluster, their limits and clients."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from emqxctl.api.page_size import PAGE_SIZE
from emqxctl.api.request import build_request
from emqxctl.api.response import not_a_list_error
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import parse_document, read_object
from emqxctl.cli.input.files import read_text
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._namespace_limits import LIMITER_SETTINGS
from emqxctl.errors import ServerError, UnsupportedError, UsageError
from emqxctl.output.results import Done, Record, Result, Rows, Value
from emqxctl.resource import Column, Resource, Setting, ValueType
from emqxctl.text.nouns import count_noun
from emqxctl.text.units import format_epoch
from emqxctl.verbs.existence import run_creation, run_deletion
from emqxctl.verbs.get import require_existing
from emqxctl.verbs.update import add_update

NAMESPACE = "/mt/ns/{ns}"
CLIENT_LIST = "/mt/ns/{ns}/client_list"
MAX_CLIENT_PAGE = 999  # EMQX 6.2 reads one more than it is asked for, and crashes above 1000
BULK_DELETE = "/mt/bulk_delete_ns"
LISTS = ("/mt/ns_list", "/mt/managed_ns_list", "/mt/ns_list_details", "/mt/managed_ns_list_details")
CONFIG = Resource(
    noun="namespace",
    path="/mt/ns_list",
    key="name",
    key_metavar="NAMESPACE",
    key_in_body=False,
    item_template="/mt/ns/{ns}/config",
    columns=(),
    settings=(
        Setting(
            "session.max_sessions",
            "Maximum number of sessions: N or infinity.",
            ValueType.COUNT,
            option="max-sessions",
        ),
        *LIMITER_SETTINGS,
    ),
)

NamespaceArgument = Annotated[str, typer.Argument(metavar="NAMESPACE", help="Namespace.")]
NamespacesArgument = Annotated[list[str], typer.Argument(metavar="NAMESPACE...", help="Namespaces.")]
FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="File: JSON, YAML or TOML (- for stdin).")]

app = new_group("Manage namespaces (EMQX 5.9+).")
config = new_group("Manage the limits of namespaces.")
clients = new_group("Manage the clients of namespaces.")
app.add_typer(config, name="config")
app.add_typer(clients, name="clients")


def iterate_names(
    session: Session,
    path: str,
    *arguments: str,
    key: str,
    cursor_parameter: str,
    max_page_size: int = PAGE_SIZE,
) -> Iterator[dict[str, Any]]:
    """Yield all rows of a list whose next page begins after the last name; a bare name becomes a row.

    The end is a page that is not full, or one that ends with the same name as the page before.
    """
    settings = session.settings
    page_size = min(PAGE_SIZE, max_page_size)
    max_rows = 0 if settings.where or settings.sort else settings.limit
    limit, last_name, count = min(max_rows, page_size) or page_size, "", 0
    while True:
        query = {"limit": limit, cursor_parameter: last_name or None}
        page = session.client.get(path, *arguments, query=query)
        if not isinstance(page, list):
            raise not_a_list_error(page)
        rows = [row if isinstance(row, dict) else {key: row} for row in page]
        yield from rows
        count += len(rows)
        name = str(rows[-1].get(key, "")) if rows else ""
        if len(rows) < limit or name in {"", last_name} or (max_rows and count >= max_rows):
            return
        last_name = name


DETAIL_COLUMNS = (
    Column("created_at", "CREATED", format=format_epoch),
    Column("config.session.max_sessions", "MAX SESSIONS", optional=True),
    Column("config.limiter.tenant.messages.rate", "TENANT MESSAGES", optional=True),
    Column("config.limiter.tenant.bytes.rate", "TENANT BYTES", optional=True),
    Column("config.limiter.client.messages.rate", "CLIENT MESSAGES", optional=True),
    Column("config.limiter.client.bytes.rate", "CLIENT BYTES", optional=True),
)


@app.command("list")
@command(
    calls=[f"GET {path}" for path in LISTS],
    examples=("emqxctl namespaces list", "emqxctl namespaces list --managed --details"),
)
def list_(
    session: Session,
    managed: Annotated[bool, typer.Option("--managed", help="List only created namespaces.")] = False,
    details: Annotated[bool, typer.Option("--details", help="Show creation times (EMQX 5.10+).")] = False,
) -> Rows:
    """List namespaces: created ones, and those of clients."""
    path = LISTS[2 * details + managed]
    rows = iterate_names(session, path, key="name", cursor_parameter="last_ns")
    created = [*DETAIL_COLUMNS] if details else []
    return Rows(rows, (Column("name"), *created), key="name", plural_noun="namespaces")


@app.command()
@command(
    calls=f"POST {NAMESPACE}",
    examples=("emqxctl namespaces create plant-1 plant-2",),
    effect=Effect.WRITE,
    completes={"namespaces": ""},
)
def create(session: Session, namespaces: NamespacesArgument) -> Result:
    """Create managed namespaces."""
    return run_creation(
        session,
        namespaces,
        "name",
        "created namespace",
        lambda name: session.client.post(NAMESPACE, name),
        path=CONFIG.item_path,
    )


@app.command()
@command(
    calls=(f"GET {CONFIG.item_path}", f"DELETE {NAMESPACE}", f"DELETE {BULK_DELETE}"),
    examples=("emqxctl namespaces delete plant-1 --yes", "emqxctl namespaces delete plant-1 plant-2 --yes"),
    effect=Effect.DESTROY,
)
def delete(session: Session, namespaces: NamespacesArgument) -> Result:
    """Delete namespaces and their configuration."""
    session.confirm(f"delete {CONFIG.describe(namespaces)}")
    if len(namespaces) > 1 and all(exists(session, name) for name in namespaces):
        try:
            session.client.send(build_request("DELETE", BULK_DELETE, body={"nss": namespaces}))
        except UnsupportedError:  # EMQX 5.9.0 cannot delete several
            pass
        else:
            return Done(f"deleted {count_noun(len(namespaces), 'namespace')}", {"deleted": namespaces})

    def delete_one(name: str) -> None:
        require_existing(session, CONFIG.item_path, name)  # EMQX answers 204 to the DELETE of an unknown one
        session.client.delete(NAMESPACE, name)

    return run_deletion(session, namespaces, "name", "deleted namespace", delete_one)


def exists(session: Session, namespace: str) -> bool:
    """Return whether a managed namespace exists; if it is unknown, the deletion will show."""
    try:
        require_existing(session, CONFIG.item_path, namespace)
    except ServerError:
        return False
    return True


@app.command()
@command(calls="GET /mt/ns/{ns}/metrics", examples=("emqxctl namespaces metrics plant-1",))
def metrics(session: Session, namespace: NamespaceArgument) -> Record:
    """Show the metrics of a namespace (EMQX 6.1+)."""
    return Record(session.client.get_object("/mt/ns/{ns}/metrics", namespace))


@app.command("export")
@command(
    calls="POST /mt/bulk_export_ns_configs",
    examples=("emqxctl namespaces export plant-1 plant-2 -o yaml > plants.yaml",),
)
def export(session: Session, namespaces: NamespacesArgument) -> Value:
    """Export the configuration of namespaces (EMQX 6.0+)."""
    body = {"namespaces": namespaces}
    return Value(session.client.post("/mt/bulk_export_ns_configs", body=body))


@app.command("import")
@command(
    calls="POST /mt/bulk_import_ns_configs",
    examples=(
        "emqxctl namespaces import plants.yaml --check",
        "emqxctl namespaces import plants.yaml",
    ),
    effect=Effect.WRITE,
)
def import_(
    session: Session,
    file: FileArgument,
    check: Annotated[bool, typer.Option("--check", help="Only check the file on the server.")] = False,
) -> Done:
    """Import exported namespace configurations (EMQX 6.0+)."""
    configs = read_object(file)
    body = {"configs": configs, "dry_run": check}
    session.client.post("/mt/bulk_import_ns_configs", body=body)
    message = f"{'checked' if check else 'imported'}: {', '.join(configs)}"
    return Done(message, {"namespaces": list(configs), "checked_only": check})


@config.command("get")
@command(calls=f"GET {CONFIG.item_path}", examples=("emqxctl namespaces config get plant-1 -o yaml",))
def get_limits(session: Session, namespace: NamespaceArgument) -> Record:
    """Show the limits of a namespace."""
    limits = session.client.get_object(CONFIG.item_path, namespace)
    notes = () if limits else (f"namespace {namespace!r} has no limits",)
    return Record(limits, key="name", notes=notes)


add_update(
    config,
    CONFIG,
    summary="Update the limits of a namespace.",
    examples=("emqxctl namespaces config update plant-1 --max-sessions 500 --tenant-messages-rate 3000/1s",),
)


@config.command("import")
@command(
    calls="POST /mt/bulk_import_configs",
    examples=("emqxctl namespaces config import limits.yaml",),
    effect=Effect.WRITE,
)
def import_limits(session: Session, file: FileArgument) -> Done:
    """Set the limits of namespaces from a file.

    FILE contains a list: [{ns: plant-1, config: {session: {max_sessions: 10}}}]. Missing namespaces are
    created.
    """
    entries = parse_document(file, read_text(file, "FILE"))
    if not isinstance(entries, list) or not all(
        isinstance(entry, dict) and "ns" in entry for entry in entries
    ):
        message = f"{file}: expected a list of objects with ns and config"
        raise UsageError(message, hint='[{"ns": "plant-1", "config": {"session": {"max_sessions": 10}}}]')
    session.client.post("/mt/bulk_import_configs", body=entries)
    names = [entry["ns"] for entry in entries]
    return Done(f"set the limits of {count_noun(len(names), 'namespace')}", {"namespaces": names})


@clients.command("list")
@command(calls=f"GET {CLIENT_LIST}", examples=("emqxctl namespaces clients list plant-1 -o name",))
def list_clients(session: Session, namespace: NamespaceArgument) -> Rows:
    """List the client IDs of a namespace."""
    rows = iterate_names(
        session,
        CLIENT_LIST,
        namespace,
        key="clientid",
        cursor_parameter="last_clientid",
        max_page_size=MAX_CLIENT_PAGE,
    )
    return Rows(rows, (Column("clientid", "CLIENT ID"),), key="clientid", plural_noun="clients")


@clients.command("count")
@command(calls="GET /mt/ns/{ns}/client_count", examples=("emqxctl namespaces clients count plant-1",))
def count_clients(session: Session, namespace: NamespaceArgument) -> Value:
    """Count the clients of a namespace."""
    response = session.client.get("/mt/ns/{ns}/client_count", namespace)
    return Value(response.get("count", response) if isinstance(response, dict) else response)


@clients.command("kick")
@command(
    calls=("POST /mt/ns/{ns}/kick_all_clients",),
    examples=("emqxctl namespaces clients kick plant-1 --yes",),
    effect=Effect.DESTROY,
)
def kick_clients(session: Session, namespace: NamespaceArgument) -> Done:
    """Kick all clients of a namespace.

    The server kicks the clients in the background.
    """
    session.confirm(f"kick all clients of namespace {namespace!r}")
    session.client.post("/mt/ns/{ns}/kick_all_clients", namespace)
    return Done(f"kicking all clients of namespace {namespace!r}", {"name": namespace}, key="name")
