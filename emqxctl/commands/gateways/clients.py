"""`emqxctl gateways clients`: the clients of one gateway and their subscriptions."""

from typing import Annotated

import typer

from emqxctl.api.pagination import page_rows
from emqxctl.cli.bulk.each import run_each
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.options import ClientArgument
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.output.formatters import color_state, format_duration_seconds, format_relative_time
from emqxctl.output.results import Done, Result, Rows
from emqxctl.resource import Column, Filter, Paging, Resource, ValueType
from emqxctl.verbs import stock

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
        Filter("node", "Only those on this node."),
        Filter("clientid", "Only this client id."),
        Filter("username", "Only those of this user."),
        Filter("ip_address", "Only those from this address."),
        Filter(
            "conn_state", "Only those in this state.", ValueType.CHOICE, ("connected", "idle", "disconnected")
        ),
        Filter("proto_ver", "Only those of this protocol version."),
        Filter("clean_start", "Only those that began, or did not begin, clean.", ValueType.BOOLEAN),
        Filter("like_clientid", "Only ids that contain this text."),
        Filter("like_username", "Only user names that contain this text."),
        Filter("gte_created_at", "Sessions created at or after.", ValueType.TIME, option="created-after"),
        Filter("lte_created_at", "Sessions created at or before.", ValueType.TIME, option="created-before"),
        Filter("gte_connected_at", "Connected at or after.", ValueType.TIME, option="connected-after"),
        Filter("lte_connected_at", "Connected at or before.", ValueType.TIME, option="connected-before"),
        Filter("endpoint_name", "Only this endpoint (LwM2M)."),
        Filter("like_endpoint_name", "Only endpoints that contain this text (LwM2M)."),
        Filter(
            "gte_lifetime", "Lifetime in seconds, at least (LwM2M).", ValueType.INTEGER, option="min-lifetime"
        ),
        Filter(
            "lte_lifetime", "Lifetime in seconds, at most (LwM2M).", ValueType.INTEGER, option="max-lifetime"
        ),
    ),
)
SUBSCRIPTIONS = f"{CLIENTS.item_path}/subscriptions"

Gateway = Annotated[str, typer.Argument(metavar="NAME", help="The gateway.")]
Topic = Annotated[str, typer.Argument(metavar="TOPIC", help="The topic filter.")]

app = new_group("The clients of a gateway, and their subscriptions.")
stock.add_list(
    app,
    CLIENTS,
    summary="List the clients of a gateway.",
    examples=(
        "emqxctl gateways clients list stomp",
        "emqxctl gateways clients list lwm2m --like-endpoint-name meter -o wide",
    ),
)
stock.add_get(
    app,
    CLIENTS,
    summary="Show one client of a gateway.",
    examples=("emqxctl gateways clients get mqttsn sn-node-01",),
)


@app.command()
@command(
    calls=f"DELETE {CLIENTS.item_path}",
    examples=("emqxctl gateways clients kick mqttsn sn-node-01 --yes",),
    effect=Effect.DESTROY,
)
def kick(
    session: Session,
    gateway: Gateway,
    ids: Annotated[list[str], typer.Argument(metavar="CLIENTID...", help="The clients' ids.")],
) -> Result:
    """Disconnect clients of a gateway."""
    session.confirm(f"kick {', '.join(map(repr, ids))} of gateway {gateway!r}")
    path = CLIENTS.item_path
    return run_each(ids, "clientid", "kicked", lambda one: session.client.delete(path, gateway, one))


@app.command()
@command(calls=f"GET {SUBSCRIPTIONS}", examples=("emqxctl gateways clients subscriptions mqttsn sn-node-01",))
def subscriptions(session: Session, gateway: Gateway, clientid: ClientArgument) -> Rows:
    """List what a client of a gateway is subscribed to."""
    columns = (
        Column("topic"),
        Column("qos", "QOS", align_right=True),
        Column("nl", "NO LOCAL", align_right=True),
        Column("rap", "RETAIN AS PUBLISHED", align_right=True, wide=True),
        Column("rh", "RETAIN HANDLING", align_right=True, wide=True),
        Column("sub_props", "PROPERTIES", wide=True),
    )
    found = page_rows(session.client.get(SUBSCRIPTIONS, gateway, clientid))
    return Rows(found, columns, key="topic", plural_noun="subscriptions", path=SUBSCRIPTIONS)


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
    gateway: Gateway,
    clientid: ClientArgument,
    topic: Topic,
    qos: Annotated[int, typer.Option(min=0, max=2, help="Quality of service.")] = 0,
    no_local: Annotated[bool, typer.Option("--no-local", help="Not what it published itself.")] = False,
    retain_as_published: Annotated[
        bool, typer.Option("--retain-as-published", help="Keep the retain flag of messages.")
    ] = False,
    retain_handling: Annotated[
        int, typer.Option(min=0, max=2, help="Retained messages: 0 send, 1 if new, 2 never.")
    ] = 0,
    subid: Annotated[str | None, typer.Option(metavar="ID", help="The id STOMP clients need.")] = None,
) -> Done:
    """Subscribe a client of a gateway, in its name.

    The gateway puts its mountpoint before the topic.
    """
    body: dict[str, object] = {
        "topic": topic,
        "qos": qos,
        "nl": int(no_local),
        "rap": int(retain_as_published),
        "rh": retain_handling,
    }
    body |= {"sub_props": {"subid": subid}} if subid is not None else {}
    made = session.client.post(SUBSCRIPTIONS, gateway, clientid, body=body)
    found = made if isinstance(made, dict) else body
    return Done(f"subscribed client {clientid!r} to {found.get('topic', topic)!r}", found, key="topic")


@app.command()
@command(
    calls=f"DELETE {SUBSCRIPTIONS}/{{topic}}",
    examples=("emqxctl gateways clients unsubscribe mqttsn sn-node-01 cmd/sn-node-01",),
    effect=Effect.WRITE,
)
def unsubscribe(session: Session, gateway: Gateway, clientid: ClientArgument, topic: Topic) -> Done:
    """Unsubscribe a client of a gateway, in its name."""
    session.client.delete(SUBSCRIPTIONS + "/{topic}", gateway, clientid, topic)
    words = f"unsubscribed client {clientid!r} from {topic!r}"
    return Done(words, {"clientid": clientid, "topic": topic}, key="topic")
