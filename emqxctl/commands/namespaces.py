"""`emqxctl namespaces`: tenants of one cluster, their limits and clients."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from emqxctl.api.pagination import PAGE_SIZE, not_a_list_error
from emqxctl.api.request import build_request
from emqxctl.cli.bulk.each import run_each
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import parse_document, read_object
from emqxctl.cli.input.files import read_text
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import UnsupportedError, UsageError
from emqxctl.output.formatters import format_plain
from emqxctl.output.results import Done, Record, Result, Rows, Value
from emqxctl.resource import Column, Resource, Setting
from emqxctl.verbs import edits, stock

ONE = "/mt/ns/{ns}"
CLIENTS = "/mt/ns/{ns}/client_list"
MANY = "/mt/bulk_delete_ns"
LISTS = ("/mt/ns_list", "/mt/managed_ns_list", "/mt/ns_list_details", "/mt/managed_ns_list_details")

Namespace = Annotated[str, typer.Argument(metavar="NAMESPACE", help="The namespace.")]
Namespaces = Annotated[list[str], typer.Argument(metavar="NAMESPACE...", help="The namespaces.")]
File = Annotated[str, typer.Argument(metavar="FILE", help="JSON, YAML or TOML; - for stdin.")]

app = new_group("Namespaces: tenants, their limits and clients (EMQX 5.9+).")
config = new_group("The limits of a managed namespace.")
clients = new_group("The clients of a namespace.")
app.add_typer(config, name="config")
app.add_typer(clients, name="clients")


def when(value: object) -> str:
    """Write epoch seconds as a time."""
    from datetime import UTC, datetime

    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 36:
        return datetime.fromtimestamp(value, UTC).isoformat()
    return format_plain(value)


def walk(session: Session, path: str, *places: str, key: str, last: str) -> Iterator[dict[str, Any]]:
    """Give all rows of a list that goes on after the last name; a bare name becomes a row.

    A page that is not full ends it, and one that does not get on: what answers so would never end.
    """
    enough = 0 if session.settings.where or session.settings.sort else session.settings.limit
    limit, after, seen = min(enough, PAGE_SIZE) or PAGE_SIZE, "", 0
    while True:
        found = session.client.get(path, *places, query={"limit": limit, last: after or None})
        if not isinstance(found, list):
            raise not_a_list_error(found)
        rows = [one if isinstance(one, dict) else {key: one} for one in found]
        yield from rows
        seen += len(rows)
        next_one = str(rows[-1].get(key, "")) if rows else ""
        if len(rows) < limit or next_one in {"", after} or (enough and seen >= enough):
            return
        after = next_one


@app.command("list")
@command(
    calls=[f"GET {path}" for path in LISTS],
    examples=("emqxctl namespaces list", "emqxctl namespaces list --managed --details"),
)
def list_(
    session: Session,
    managed: Annotated[bool, typer.Option("--managed", help="Only those that were created.")] = False,
    details: Annotated[bool, typer.Option("--details", help="With when each was created (5.10+).")] = False,
) -> Rows:
    """List the namespaces: those with clients, and those created."""
    rows = walk(session, LISTS[2 * details + managed], key="name", last="last_ns")
    columns = (Column("name"), *([Column("created_at", "CREATED", format=when)] if details else []))
    return Rows(rows, columns, key="name", plural_noun="namespaces")


@app.command()
@command(
    calls=f"POST {ONE}",
    examples=("emqxctl namespaces create plant-1 plant-2",),
    effect=Effect.WRITE,
)
def create(session: Session, namespaces: Namespaces) -> Result:
    """Create namespaces, which are then managed."""
    deed = lambda name: session.client.post(ONE, name)  # noqa: E731  # used once
    return run_each(namespaces, "name", "created namespace", deed)


@app.command()
@command(
    calls=(f"DELETE {ONE}", f"DELETE {MANY}"),
    examples=("emqxctl namespaces delete plant-1 --yes", "emqxctl namespaces delete plant-1 plant-2 --yes"),
    effect=Effect.DESTROY,
)
def delete(session: Session, namespaces: Namespaces) -> Result:
    """Delete namespaces with their settings; several at once."""
    session.confirm(f"delete namespace {', '.join(map(repr, namespaces))}")
    if len(namespaces) > 1:
        try:
            session.client.send(build_request("DELETE", MANY, body={"nss": namespaces}))
        except UnsupportedError:  # EMQX 5.9.0 cannot delete several
            pass
        else:
            return Done(f"deleted {len(namespaces)} namespaces", {"deleted": namespaces})
    return run_each(namespaces, "name", "deleted namespace", lambda name: session.client.delete(ONE, name))


@app.command()
@command(calls="GET /mt/ns/{ns}/metrics", examples=("emqxctl namespaces metrics plant-1",))
def metrics(session: Session, namespace: Namespace) -> Record:
    """Show the metrics of a namespace (EMQX 6.1+)."""
    found = session.client.get("/mt/ns/{ns}/metrics", namespace)
    return Record(found if isinstance(found, dict) else {})


@app.command("export")
@command(
    calls="POST /mt/bulk_export_ns_configs",
    examples=("emqxctl namespaces export plant-1 plant-2 -o yaml > plants.yaml",),
)
def export(session: Session, namespaces: Namespaces) -> Value:
    """Export the configuration of namespaces (EMQX 6.0+)."""
    return Value(session.client.post("/mt/bulk_export_ns_configs", body={"namespaces": namespaces}))


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
    file: File,
    check: Annotated[bool, typer.Option("--check", help="Let the server look, and change nothing.")] = False,
) -> Done:
    """Import what export gave, into the same namespaces (6.0+)."""
    found = read_object(file)
    session.client.post("/mt/bulk_import_ns_configs", body={"configs": found, "dry_run": check})
    done = "could be imported" if check else "imported"
    return Done(f"{done}: {', '.join(found)}", {"namespaces": list(found), "checked_only": check})


CONFIG = Resource(
    noun="namespace",
    path="/mt/ns_list",
    key="name",
    item_template="/mt/ns/{ns}/config",
    columns=(),
    settings=(
        Setting(
            "session.max_sessions", "How many sessions it may have: N or infinity.", option="max-sessions"
        ),
        Setting(
            "limiter.tenant.messages.rate",
            "Messages of all its clients: 3000/1s.",
            option="tenant-messages-rate",
        ),
        Setting(
            "limiter.tenant.bytes.rate", "Bytes of all its clients: 10MB/10s.", option="tenant-bytes-rate"
        ),
        Setting(
            "limiter.client.messages.rate", "Messages of each client: 100/1s.", option="client-messages-rate"
        ),
        Setting("limiter.client.bytes.rate", "Bytes of each client: 1MB/10s.", option="client-bytes-rate"),
    ),
)
stock.add_get(
    config, CONFIG, summary="Show its limits.", examples=("emqxctl namespaces config get plant-1 -o yaml",)
)
edits.add_update(
    config,
    CONFIG,
    summary="Change its limits.",
    examples=("emqxctl namespaces config update plant-1 --max-sessions 500 --tenant-messages-rate 3000/1s",),
)


@config.command("import")
@command(
    calls="POST /mt/bulk_import_configs",
    examples=("emqxctl namespaces config import limits.yaml",),
    effect=Effect.WRITE,
)
def import_limits(session: Session, file: File) -> Done:
    """Set the limits of many namespaces, also of new ones.

    FILE holds a list: [{ns: plant-1, config: {session: {max_sessions: 10}}}].
    """
    found = parse_document(file, read_text(file, "FILE"))
    if not isinstance(found, list) or not all(isinstance(one, dict) and "ns" in one for one in found):
        message = f"{file}: it is not a list of {{ns, config}}"
        raise UsageError(message, hint='[{"ns": "plant-1", "config": {"session": {"max_sessions": 10}}}]')
    session.client.post("/mt/bulk_import_configs", body=found)
    return Done(f"set the limits of {len(found)} namespaces", {"namespaces": [one["ns"] for one in found]})


@clients.command("list")
@command(calls=f"GET {CLIENTS}", examples=("emqxctl namespaces clients list plant-1 -o name",))
def list_clients(session: Session, namespace: Namespace) -> Rows:
    """List the ids of its clients."""
    rows = walk(session, CLIENTS, namespace, key="clientid", last="last_clientid")
    return Rows(rows, (Column("clientid"),), key="clientid", plural_noun="clients")


@clients.command("count")
@command(calls="GET /mt/ns/{ns}/client_count", examples=("emqxctl namespaces clients count plant-1",))
def count_clients(session: Session, namespace: Namespace) -> Value:
    """Count its clients."""
    found = session.client.get("/mt/ns/{ns}/client_count", namespace)
    return Value(found.get("count", found) if isinstance(found, dict) else found)


@clients.command("kick")
@command(
    calls=("POST /mt/ns/{ns}/kick_all_clients",),
    examples=("emqxctl namespaces clients kick plant-1 --yes",),
    effect=Effect.DESTROY,
)
def kick_clients(session: Session, namespace: Namespace) -> Done:
    """Kick all its clients; the server goes on by itself."""
    session.confirm(f"kick all clients of namespace {namespace!r}")
    session.client.post("/mt/ns/{ns}/kick_all_clients", namespace)
    return Done(f"the clients of namespace {namespace!r} are being kicked", {"name": namespace}, key="name")
