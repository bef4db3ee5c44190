"""`emqxctl listeners`: where MQTT clients connect."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from emqxctl.api.pagination import page_rows
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import Body, deep_merge
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import UnsupportedError, UsageError
from emqxctl.output.formatters import color_state
from emqxctl.output.results import Done, Result, Rows
from emqxctl.resource import Column, Filter, Resource, Setting, ValueType
from emqxctl.verbs import edits, stock
from emqxctl.verbs.parameters import keyword, options, set_signature


def parts(listener: str) -> tuple[str, str]:
    """Split a listener's id into its type and its name. Raises UsageError."""
    kind, sign, name = listener.partition(":")
    if not (kind and sign and name):
        message = f"{listener!r} is no id of a listener"
        raise UsageError(message, hint="TYPE:NAME, like tcp:default or ssl:plant")
    return kind, name


def identity(listener: str) -> dict[str, object]:
    """Give the fields that name a new listener."""
    kind, name = parts(listener)
    return {"type": kind, "name": name}


def change_of(resource: Resource, values: dict[str, Any], named: Mapping[str, object]) -> Body:
    """Give the change that a command line makes to the thing of these names.

    Raises UsageError for none, and for one that names another thing: EMQX would rename it, or change that.
    """
    change = edits.body_of(resource, values)
    if not change:
        message = "nothing to change was given"
        raise UsageError(message, hint="-f FILE, --set A.B=VALUE, or an option of the command")
    for field, value in named.items():
        if change.get(field, value) != value:
            message = f"the body is about {field} {change[field]!r}, not {value!r}"
            raise UsageError(message, hint=f"an update renames nothing: leave {field} out, or say {value!r}")
    return change


LISTENERS = Resource(
    noun="listener",
    path="/listeners",
    key="id",
    columns=(
        Column("id"),
        Column("bind"),
        Column("enable", "ENABLED", style=color_state),
        Column("status.running", "RUNNING", style=color_state),
        Column("status.current_connections", "CONNECTIONS", align_right=True),
        Column("status.max_connections", "AT MOST", align_right=True),
        Column("acceptors", align_right=True, wide=True),
        Column("number", "NODES", align_right=True, wide=True),
        Column("type", wide=True),
        Column("name", wide=True),
    ),
    filters=(
        Filter("type", "Only those of this type.", ValueType.CHOICE, ("tcp", "ssl", "ws", "wss", "quic")),
    ),
    settings=(
        Setting("bind", "Address and port: 0.0.0.0:1884, or 1884."),
        Setting("enable", "Whether it runs.", ValueType.BOOLEAN),
        Setting("max_connections", "How many clients may connect, on each node.", ValueType.INTEGER),
        Setting("max_conn_rate", "How fast they may connect: 1000/s."),
        Setting("acceptors", "How many processes accept connections.", ValueType.INTEGER),
        Setting("mountpoint", "What is put before all topics."),
        Setting("zone", "The zone whose settings apply."),
        Setting("proxy_protocol", "Whether a proxy tells the client's address.", ValueType.BOOLEAN),
        Setting("access_rules", "A rule like 'allow 10.0.0.0/8'; repeatable.", multiple=True),
        Setting("ssl_options.certfile", "The certificate, a file on the nodes.", option="certfile"),
        Setting("ssl_options.keyfile", "Its private key, a file on the nodes.", option="keyfile"),
        Setting("ssl_options.cacertfile", "The CA, a file on the nodes.", option="cacertfile"),
        Setting(
            "ssl_options.verify",
            "Whether clients need a certificate.",
            ValueType.CHOICE,
            ("verify_none", "verify_peer"),
            option="verify",
        ),
    ),
    # `name` is in no answer of 5.8, and refused in a PUT
    read_only_fields=("running", "current_connections", "name", "status", "node_status", "number"),
    key_to_fields=identity,
)

app = new_group("Listeners: the ports where MQTT clients connect.")
stock.add_list(
    app, LISTENERS, examples=("emqxctl listeners list", "emqxctl listeners list --type ssl -o wide")
)
stock.add_get(app, LISTENERS, examples=("emqxctl listeners get tcp:default",))


def create(session: Session, **values: Any) -> Done:  # noqa: ANN401  # what the settings declare
    """Create a listener; an existing one is refused.

    It runs at once on every node. TLS uses the nodes' own certificate unless others are named.
    """
    key = values["key"]
    body = {**edits.body_of(LISTENERS, values), **identity(key)}
    try:
        made = session.client.post("/listeners", body=body)
    except UnsupportedError:  # EMQX until 5.0.7 has only the other form, which wants the id and no name
        old = {name: value for name, value in body.items() if name != "name"}
        made = session.client.post("/listeners/{id}", key, body={**old, "id": key})
    return Done(f"created listener {key!r}", made if isinstance(made, dict) else {"id": key}, key="id")


New = Annotated[str, typer.Argument(metavar="ID", help="The new listener: TYPE:NAME.")]
set_signature(create, [keyword("key", New), *edits.BODY, *options(LISTENERS.settings)], Done)
app.command("create")(
    command(
        calls=("POST /listeners", "POST /listeners/{id}"),
        examples=(
            "emqxctl listeners create tcp:plant --bind 0.0.0.0:1884 --max-connections 5000",
            "emqxctl listeners create ssl:vpn --bind 8884 --certfile certs/vpn.pem --keyfile certs/vpn.key",
            "emqxctl listeners create ws:office -f listener.yaml",
        ),
        effect=Effect.WRITE,
    )(create)
)


def update(session: Session, **values: Any) -> Result:  # noqa: ANN401  # what the settings declare
    """Change a listener; one that does not exist is refused.

    The listener restarts where that is needed, and clients connect anew.
    """
    key = values["key"]
    kind, _ = parts(key)
    named = {"id": key, "type": kind}
    change = change_of(LISTENERS, values, named)
    return edits.updated(session, LISTENERS, [key], lambda now: {**deep_merge(now, change), **named})


Known = Annotated[str, typer.Argument(metavar="ID", help="The listener: TYPE:NAME.")]
set_signature(update, [keyword("key", Known), *edits.BODY, *options(LISTENERS.settings)], Result)
app.command("update")(
    command(
        calls=("GET /listeners/{id}", "PUT /listeners/{id}"),
        examples=(
            "emqxctl listeners update tcp:plant --max-connections 10000",
            "emqxctl listeners update tcp:plant --set tcp_options.backlog=2048 --dry-run",
        ),
        effect=Effect.WRITE,
    )(update)
)
edits.add_delete(app, LISTENERS, examples=("emqxctl listeners delete tcp:plant --yes",))
edits.add_operation(
    app,
    LISTENERS,
    "start",
    "/listeners/{id}/start",
    summary="Start listeners on every node, and keep them enabled.",
    examples=("emqxctl listeners start tcp:plant",),
)
edits.add_operation(
    app,
    LISTENERS,
    "stop",
    "/listeners/{id}/stop",
    effect=Effect.DESTROY,
    summary="Stop listeners on every node: clients lose connection.",
    examples=("emqxctl listeners stop tcp:plant --yes",),
)
edits.add_operation(
    app,
    LISTENERS,
    "restart",
    "/listeners/{id}/restart",
    effect=Effect.DESTROY,
    summary="Restart listeners: clients have to connect anew.",
    examples=("emqxctl listeners restart ssl:default --yes",),
)

BY_TYPE = (
    Column("type"),
    Column("ids", "LISTENERS"),
    Column("enable", "ENABLED", style=color_state),
    Column("status.running", "RUNNING", style=color_state),
    Column("status.current_connections", "CONNECTIONS", align_right=True),
    Column("status.max_connections", "AT MOST", align_right=True, wide=True),
)
BY_NODE = (
    Column("id"),
    Column("node"),
    Column("running", style=color_state),
    Column("current_connections", "CONNECTIONS", align_right=True),
    Column("max_connections", "AT MOST", align_right=True),
)


@app.command()
@command(
    calls=("GET /listeners_status", "GET /listeners"),
    examples=(
        "emqxctl listeners status",
        "emqxctl listeners status --per-node --where running=false -o name",
    ),
)
def status(
    session: Session,
    per_node: Annotated[bool, typer.Option("--per-node", help="Each listener on each node.")] = False,
) -> Rows:
    """Show whether listeners run, by type or node by node."""
    if per_node:
        found = page_rows(session.client.get("/listeners"))
        return Rows(on_nodes(found), BY_NODE, key="id", plural_noun="listeners")
    return Rows(
        page_rows(session.client.get("/listeners_status")),
        BY_TYPE,
        key="type",
        plural_noun="listeners",
        path="/listeners_status",
    )


def on_nodes(listeners: list[dict[str, Any]]) -> Iterator[dict[str, object]]:
    """Give a row for each listener on each node."""
    for listener in listeners:
        for one in listener.get("node_status") or []:
            if isinstance(one, dict):
                told = one.get("status")
                counts = told if isinstance(told, dict) else {}
                yield {"id": listener.get("id"), "node": one.get("node"), **counts}
