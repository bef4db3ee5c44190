"""`emqxctl listeners`: where MQTT clients connect."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import Body
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import EmqxctlError, UnsupportedError
from emqxctl.output.formatters import color_state
from emqxctl.output.results import Rows
from emqxctl.resource import Column, Filter, Resource, Setting, ValueType
from emqxctl.text.nouns import count_noun
from emqxctl.verbs.create import add_create
from emqxctl.verbs.delete import add_delete
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list
from emqxctl.verbs.operation import add_operation
from emqxctl.verbs.parameters import type_and_name_fields
from emqxctl.verbs.update import add_update

DELIVERY = (6, 1, 2)  # since which EMQX limits what each client receives
RATE_SETTINGS = (
    Setting("max_conn_rate", "Maximum connection rate, such as 1000/s."),
    Setting("max_conn_burst", "Additional connections, such as 500/1m."),
    Setting("messages_rate", "Message rate from each client, such as 1000/s."),
    Setting("messages_burst", "Additional messages from each client, such as 500/1m."),
    Setting("bytes_rate", "Byte rate from each client, such as 10MB/s."),
    Setting("bytes_burst", "Additional bytes from each client, such as 50MB/1m."),
    Setting("delivery_messages_rate", "Message rate to each client (EMQX 6.1.2+).", since=DELIVERY),
    Setting("delivery_messages_burst", "Additional messages to each client (EMQX 6.1.2+).", since=DELIVERY),
    Setting("delivery_bytes_rate", "Byte rate to each client (EMQX 6.1.2+).", since=DELIVERY),
    Setting("delivery_bytes_burst", "Additional bytes to each client (EMQX 6.1.2+).", since=DELIVERY),
)
LISTENERS = Resource(
    noun="listener",
    path="/listeners",
    key="id",
    key_metavar="TYPE:NAME",
    columns=(
        Column("id"),
        Column("bind"),
        Column("enable", "ENABLED", style=color_state),
        Column("status.running", "RUNNING", style=color_state),
        Column("status.current_connections", "CONNECTIONS", align_right=True),
        Column("status.max_connections", "MAX CONNECTIONS", align_right=True),
        Column("acceptors", align_right=True, wide=True),
        Column("number", "NODES", align_right=True, wide=True),
        Column("type", wide=True),
        Column("name", wide=True),
    ),
    filters=(Filter("type", "Filter by type.", ValueType.CHOICE, ("tcp", "ssl", "ws", "wss", "quic")),),
    settings=(
        Setting("bind", "Address and port, such as 0.0.0.0:1884 or 1884."),
        Setting("enable", "Enable or disable it.", ValueType.BOOLEAN),
        Setting("max_connections", "Maximum number of clients per node.", ValueType.INTEGER),
        *RATE_SETTINGS,
        Setting(
            "tcp_backend",
            "TCP backend (EMQX 6.0+).",
            ValueType.CHOICE,
            ("gen_tcp", "socket"),
            since=(6, 0, 0),
        ),
        Setting(
            "enable_authn",
            "Client authentication; quick_deny_anonymous first rejects clients without username.",
            ValueType.CHOICE,
            ("true", "false", "quick_deny_anonymous"),
        ),
        Setting("acceptors", "Number of processes that accept connections.", ValueType.INTEGER),
        Setting("mountpoint", "Topic prefix for clients of this listener."),
        Setting("zone", "Zone with the settings of this listener."),
        Setting("proxy_protocol", "Enable or disable the PROXY protocol.", ValueType.BOOLEAN),
        Setting("proxy_protocol_timeout", "Time to wait for the PROXY protocol header, such as 3s."),
        Setting("access_rules", "Access rule, such as 'allow 10.0.0.0/8'. Repeatable.", multiple=True),
        Setting("ssl_options.certfile", "Server certificate, a file on the nodes.", option="certfile"),
        Setting("ssl_options.keyfile", "Private key, a file on the nodes.", option="keyfile"),
        Setting("ssl_options.cacertfile", "CA certificate, a file on the nodes.", option="cacertfile"),
        Setting(
            "ssl_options.verify",
            "Client certificate verification.",
            ValueType.CHOICE,
            ("verify_none", "verify_peer"),
            option="verify",
        ),
    ),
    # `name` is in no response of 5.8, and refused in a PUT
    read_only_fields=("running", "current_connections", "name", "status", "node_status", "number"),
    key_to_fields=type_and_name_fields,
    fields_in_update=("id", "type"),
)
STATUS_BY_TYPE = (
    Column("type"),
    Column("ids", "LISTENERS"),
    Column("enable", "ENABLED", style=color_state),
    Column("status.running", "RUNNING", style=color_state),
    Column("status.current_connections", "CONNECTIONS", align_right=True),
    Column("status.max_connections", "MAX CONNECTIONS", align_right=True, wide=True),
)
STATUS_BY_NODE = (
    Column("id"),
    Column("node"),
    Column("running", style=color_state),
    Column("current_connections", "CONNECTIONS", align_right=True),
    Column("max_connections", "MAX CONNECTIONS", align_right=True),
)


def create_listener(session: Session, body: Body) -> dict[str, Any]:
    """Create a listener, in the way of EMQX until 5.0.7 if it does not support the present one."""
    try:
        return session.client.post_object("/listeners", body=body)
    except UnsupportedError:  # the other form takes the id and no name
        key = f"{body['type']}:{body['name']}"
        fields = {field: value for field, value in body.items() if field != "name"}
        return session.client.post_object("/listeners/{id}", key, body={**fields, "id": key})


def count_clients(session: Session, keys: Sequence[str]) -> str:
    """Return how many clients are connected to listeners, in words; empty for none, or if it is unknown."""
    try:
        listeners = session.client.get_list("/listeners")
    except EmqxctlError:  # the change itself reports what is wrong
        return ""
    statuses = [listener.get("status") for listener in listeners if listener.get("id") in keys]
    counts = [status.get("current_connections") for status in statuses if isinstance(status, dict)]
    total = sum(count for count in counts if isinstance(count, int))
    return count_noun(total, "connected client") if total else ""


app = new_group("Manage listeners for MQTT clients.")
add_list(app, LISTENERS, examples=("emqxctl listeners list", "emqxctl listeners list --type ssl -o wide"))
add_get(
    app,
    LISTENERS,
    summary=(
        "Show listeners.\n\n`running` and `current_connections` are those of the node that answers. "
        "`listeners list` shows the sum of all nodes, `listeners status --per-node` each node."
    ),
    examples=("emqxctl listeners get tcp:default",),
)
add_create(
    app,
    LISTENERS,
    summary=(
        "Create a listener.\n\nThe listener starts immediately on all nodes. TLS listeners use the nodes' "
        "certificate unless others are set.\n\nEMQX reports success although another node cannot open the "
        "port: check with `listeners status --per-node`. Later changes of listeners may then hang until that "
        "node is repaired: run `emqx ctl conf cluster_sync status` on a node, then `cluster_sync skip`, or "
        "restart the node."
    ),
    send=create_listener,
    calls=("POST /listeners", "POST /listeners/{id}"),
    examples=(
        "emqxctl listeners create tcp:plant --bind 0.0.0.0:1884 --max-connections 5000",
        "emqxctl listeners create ssl:vpn --bind 8884 --certfile certs/vpn.pem --keyfile certs/vpn.key",
        "emqxctl listeners create ws:office -f listener.yaml",
    ),
)
add_update(
    app,
    LISTENERS,
    summary="Update a listener.\n\nIf the change requires a restart, clients have to reconnect.",
    examples=(
        "emqxctl listeners update tcp:plant --max-connections 10000",
        "emqxctl listeners update tcp:plant --messages-rate 100/s --messages-burst 500/1m",
        "emqxctl listeners update tcp:plant --set tcp_options.backlog=2048 --dry-run",
    ),
)
add_delete(app, LISTENERS, examples=("emqxctl listeners delete tcp:plant --yes",), impact=count_clients)
add_operation(
    app,
    LISTENERS,
    "start",
    "/listeners/{id}/start",
    summary="Start listeners on all nodes and enable them at boot.",
    examples=("emqxctl listeners start tcp:plant",),
)
add_operation(
    app,
    LISTENERS,
    "stop",
    "/listeners/{id}/stop",
    effect=Effect.DESTROY,
    summary="Stop listeners on all nodes and disconnect clients.",
    examples=("emqxctl listeners stop tcp:plant --yes",),
    impact=count_clients,
)
add_operation(
    app,
    LISTENERS,
    "restart",
    "/listeners/{id}/restart",
    effect=Effect.DESTROY,
    summary="Restart listeners and disconnect clients.",
    examples=("emqxctl listeners restart ssl:default --yes",),
    impact=count_clients,
)
app.lazy("certs", "Show the certificates that TLS listeners serve.")
app.lazy("set-cert", "Replace the certificate of a TLS listener.")


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
    per_node: Annotated[bool, typer.Option("--per-node", help="Show each listener on each node.")] = False,
) -> Rows:
    """Show the status of listeners by type or by node."""
    if per_node:
        rows = iterate_node_status(session.client.get_list("/listeners"))
        return Rows(rows, STATUS_BY_NODE, key="id", plural_noun="listeners")
    rows_by_type = session.client.get_list("/listeners_status")
    return Rows(rows_by_type, STATUS_BY_TYPE, key="type", plural_noun="listeners", path="/listeners_status")


def iterate_node_status(listeners: list[dict[str, Any]]) -> Iterator[dict[str, object]]:
    """Yield a row for each listener on each node."""
    for listener in listeners:
        for node in listener.get("node_status") or []:
            if isinstance(node, dict):
                counts = node.get("status")
                fields = counts if isinstance(counts, dict) else {}
                yield {"id": listener.get("id"), "node": node.get("node"), **fields}
