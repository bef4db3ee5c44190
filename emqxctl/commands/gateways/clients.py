"""`emqxctl gateways clients`: the clients of one gateway and their subscriptions."""

from typing import Annotated

import typer

from emqxctl.cli.bulk.each import run_each
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.options import ClientArgument
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.output.formatters import color_state, format_duration_seconds, format_relative_time
from emqxctl.output.results import Done, Result, Rows
from emqxctl.resource import Column, Filter, Paging, Resource, ValueType
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list

CLIENTS = Resource(
    noun="gateway client",
    path="/gateways/{name}/clients",
    key="clientid",
    columns=(
        Column("clientid", "CLIENT ID"),
        Column("username"),
        Column("connected", style=color_state),
        Column("node"),
        Column("ip_address", "ADDRESS"),
        Column("connected_at", "CONNECTED SINCE", format=format_relative_time),
        Column("subscriptions_cnt", "SUBS", align_right=True),
        Column("proto_name", "PROTOCOL", wide=True),
        Column("proto_ver", "VERSION", align_right=True, wide=True),
        Column("port", align_right=True, wide=True),
        Column("keepalive", format=format_duration_seconds, align_right=True, wide=True),
        Column("endpoint_name", "ENDPOINT", wide=True),
        Column("lifetime", format=format_duration_seconds, align_right=True, wide=True),
        Column("mqueue_len", "QUEUED", align_right=True, wide=True),
        Column("inflight_cnt", "IN FLIGHT", align_right=True, wide=True),
    ),
    paging=Paging.PAGES,
    row_key=("clientid",),
    filters=(
        Filter("node", "Filter by node."),
        Filter("clientid", "Filter by client ID."),
        Filter("username", "Filter by username."),
        Filter("ip_address", "Filter by IP address."),
        Filter(
            "conn_state",
            "Filter by connection state.",
            ValueType.CHOICE,
            ("connected", "idle", "disconnected"),
        ),
        Filter("proto_ver", "Filter by protocol version."),
        Filter("clean_start", "Filter by clean start.", ValueType.BOOLEAN),
        Filter("like_clientid", "Filter by part of the client ID."),
        Filter("like_username", "Filter by part of the username."),
        Filter(
            "gte_created_at",
            "Filter by session creation time (at or after).",
            ValueType.TIME,
            option="created-after",
        ),
        Filter(
            "lte_created_at",
            "Filter by session creation time (at or before).",
            ValueType.TIME,
            option="created-before",
        ),
        Filter(
            "gte_connected_at",
            "Filter by connection time (at or after).",
            ValueType.TIME,
            option="connected-after",
        ),
        Filter(
            "lte_connected_at",
            "Filter by connection time (at or before).",
            ValueType.TIME,
            option="connected-before",
        ),
        Filter("endpoint_name", "Filter by endpoint (LwM2M)."),
        Filter("like_endpoint_name", "Filter by part of the endpoint (LwM2M)."),
        Filter(
            "gte_lifetime",
            "Minimum lifetime in seconds (LwM2M).",
            ValueType.INTEGER,
            option="min-lifetime",
        ),
        Filter(
            "lte_lifetime",
            "Maximum lifetime in seconds (LwM2M).",
            ValueType.INTEGER,
            option="max-lifetime",
        ),
    ),
)
SUBSCRIPTIONS = f"{CLIENTS.item_path}/subscriptions"

SUBSCRIPTION_COLUMNS = (
    Column("topic"),
    Column("qos", "QOS", align_right=True),
    Column("nl", "NO LOCAL", align_right=True),
    Column("rap", "RETAIN AS PUBLISHED", align_right=True, wide=True),
    Column("rh", "RETAIN HANDLING", align_right=True, wide=True),
    Column("sub_props", "PROPERTIES", wide=True),
)

GatewayArgument = Annotated[str, typer.Argument(metavar="NAME", help="Gateway name.")]
ClientsArgument = Annotated[list[str], typer.Argument(metavar="CLIENT_ID...", help="Client IDs.")]
TopicArgument = Annotated[str, typer.Argument(metavar="TOPIC", help="Topic filter.")]
QosOption = Annotated[int, typer.Option(metavar="0|1|2", min=0, max=2, help="QoS. Default: 0.")]
NoLocalOption = Annotated[
    bool, typer.Option("--no-local", help="Exclude messages that the client published.")
]
RetainAsPublishedOption = Annotated[
    bool, typer.Option("--retain-as-published", help="Keep the retain flag of messages.")
]
RetainHandlingOption = Annotated[
    int,
    typer.Option(
        metavar="0|1|2",
        min=0,
        max=2,
        help="Retained messages: 0 send, 1 send if new, 2 do not send. Default: 0.",
    ),
]
SubscriptionIdOption = Annotated[
    str | None, typer.Option("--subid", metavar="ID", help="Subscription id. Required for STOMP.")
]

app = new_group("Manage clients of gateways.")
add_list(
    app,
    CLIENTS,
    summary="List the clients of a gateway.",
    examples=(
        "emqxctl gateways clients list stomp",
        "emqxctl gateways clients list lwm2m --like-endpoint-name meter -o wide",
    ),
)
add_get(
    app,
    CLIENTS,
    summary="Show a client of a gateway.",
    examples=("emqxctl gateways clients get mqttsn sn-node-01",),
)


@app.command()
@command(
    calls=f"DELETE {CLIENTS.item_path}",
    examples=("emqxctl gateways clients kick mqttsn sn-node-01 --yes",),
    effect=Effect.DESTROY,
)
def kick(session: Session, gateway: GatewayArgument, clientids: ClientsArgument) -> Result:
    """Disconnect clients of a gateway."""
    session.confirm(f"kick {CLIENTS.describe(clientids)} of gateway {gateway!r}")
    path = CLIENTS.item_path

    def kick_one(clientid: str) -> None:
        session.client.delete(path, gateway, clientid)

    return run_each(clientids, "clientid", "kicked", kick_one)


@app.command()
@command(calls=f"GET {SUBSCRIPTIONS}", examples=("emqxctl gateways clients subscriptions mqttsn sn-node-01",))
def subscriptions(session: Session, gateway: GatewayArgument, clientid: ClientArgument) -> Rows:
    """List the subscriptions of a client of a gateway."""
    rows = session.client.get_list(SUBSCRIPTIONS, gateway, clientid)
    return Rows(rows, SUBSCRIPTION_COLUMNS, key="topic", plural_noun="subscriptions", path=SUBSCRIPTIONS)


@app.command()
@command(
    calls=f"POST {SUBSCRIPTIONS}",
    examples=(
        "emqxctl gateways clients subscribe mqttsn sn-node-01 cmd/sn-node-01 --qos 1",
        "emqxctl gateways clients subscribe stomp t3ApxQ9B news --subid 10",
    ),
    effect=Effect.WRITE,
)
def subscribe(
    session: Session,
    gateway: GatewayArgument,
    clientid: ClientArgument,
    topic: TopicArgument,
    qos: QosOption = 0,
    no_local: NoLocalOption = False,
    retain_as_published: RetainAsPublishedOption = False,
    retain_handling: RetainHandlingOption = 0,
    subid: SubscriptionIdOption = None,
) -> Done:
    """Subscribe a client of a gateway to a topic.

    The gateway adds its mountpoint to the topic.
    """
    body: dict[str, object] = {
        "topic": topic,
        "qos": qos,
        "nl": int(no_local),
        "rap": int(retain_as_published),
        "rh": retain_handling,
    }
    body |= {"sub_props": {"subid": subid}} if subid is not None else {}
    subscription = session.client.post_object(SUBSCRIPTIONS, gateway, clientid, body=body) or body
    message = f"subscribed client {clientid!r} to {subscription.get('topic', topic)!r}"
    return Done(message, subscription, key="topic")


@app.command()
@command(
    calls=f"DELETE {SUBSCRIPTIONS}/{{topic}}",
    examples=("emqxctl gateways clients unsubscribe mqttsn sn-node-01 cmd/sn-node-01",),
    effect=Effect.WRITE,
)
def unsubscribe(
    session: Session, gateway: GatewayArgument, clientid: ClientArgument, topic: TopicArgument
) -> Done:
    """Unsubscribe a client of a gateway from a topic."""
    session.client.delete(f"{SUBSCRIPTIONS}/{{topic}}", gateway, clientid, topic)
    message = f"unsubscribed client {clientid!r} from {topic!r}"
    return Done(message, {"clientid": clientid, "topic": topic}, key="topic")
