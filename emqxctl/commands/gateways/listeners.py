"""`emqxctl gateways listeners`: where the clients of a gateway connect."""

from typing import Annotated, Any

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import deep_merge
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.listeners import change_of, identity
from emqxctl.commands.plugins import standing
from emqxctl.output.formatters import color_state
from emqxctl.output.results import Result
from emqxctl.resource import Column, Resource, Setting, ValueType
from emqxctl.verbs import edits, stock
from emqxctl.verbs.parameters import keyword, options, set_signature


def named(listener: str) -> dict[str, object]:
    """Give the fields that name a new listener: of `tcp:plant`, or `stomp:tcp:plant` as EMQX calls it."""
    return identity(":".join(listener.split(":")[-2:]))


def full(gateway: str, listener: str) -> str:
    """Give the id that EMQX knows a gateway's listener by: `stomp:tcp:plant`, of `tcp:plant` too."""
    return f"{gateway}:{listener}" if listener.count(":") == 1 else listener


def running(nodes: object) -> str:
    """Write on how many nodes a listener runs."""
    if not isinstance(nodes, list):
        return standing(nodes)
    states = [one["status"] for one in nodes if isinstance(one, dict) and isinstance(one.get("status"), dict)]
    up = sum(one.get("running") is True for one in states)
    return "running" if states and up == len(states) else f"on {up} of {len(states)}" if up else "stopped"


LISTENERS = Resource(
    noun="gateway listener",
    path="/gateways/{name}/listeners",
    key="id",
    columns=(
        Column("id"),
        Column("bind"),
        Column("enable", "ENABLED", style=color_state),
        Column("node_status", "STATUS", format=running, style=lambda nodes: color_state(running(nodes))),
        Column("max_connections", "AT MOST", align_right=True),
        Column("max_conn_rate", "RATE", align_right=True, wide=True),
        Column("enable_authn", "AUTHENTICATION", wide=True),
        Column("mountpoint", wide=True),
    ),
    settings=(
        Setting("bind", "Address and port: 0.0.0.0:61613, or 61613."),
        Setting("enable", "Whether it runs.", ValueType.BOOLEAN),
        Setting("max_connections", "How many clients may connect, on each node.", ValueType.INTEGER),
        Setting("max_conn_rate", "How many may connect in a second.", ValueType.INTEGER),
        Setting("enable_authn", "Whether clients are authenticated.", ValueType.BOOLEAN),
        Setting("mountpoint", "What is put before all topics."),
    ),
    read_only_fields=("id", "running", "status", "node_status"),
    key_to_fields=named,
    qualify_key=full,
    accepts_masked_secrets=True,
)

app = new_group("Where the clients of a gateway connect.")
stock.add_list(
    app,
    LISTENERS,
    summary="List the listeners of a gateway.",
    examples=("emqxctl gateways listeners list stomp",),
)
stock.add_get(
    app,
    LISTENERS,
    summary="Show one listener of a gateway.",
    examples=("emqxctl gateways listeners get stomp tcp:default",),
)
edits.add_create(
    app,
    LISTENERS,
    summary="Create a listener TYPE:NAME of a gateway.",
    examples=(
        "emqxctl gateways listeners create stomp tcp:plant --bind 61615",
        "emqxctl gateways listeners create coap udp:field -f listener.yaml",
    ),
)

Gateway = Annotated[str, typer.Argument(metavar="NAME", help="The gateway.")]
Listener = Annotated[str, typer.Argument(metavar="ID", help="The listener: TYPE:NAME.")]


def update(session: Session, **values: Any) -> Result:  # noqa: ANN401  # what the settings declare
    """Change a listener of a gateway; a missing one is refused."""
    key = full(values["gateway"], values["key"])
    change = change_of(LISTENERS, values, {"id": key, **named(key)})
    change.pop("id", None)  # EMQX takes it from the path
    return edits.updated(
        session,
        LISTENERS,
        [values["gateway"], key],
        lambda now: {**deep_merge(now, change), **named(key)},
    )


set_signature(
    update,
    [keyword("gateway", Gateway), keyword("key", Listener), *edits.BODY, *options(LISTENERS.settings)],
    Result,
)
app.command("update")(
    command(
        calls=(f"GET {LISTENERS.item_path}", f"PUT {LISTENERS.item_path}"),
        examples=("emqxctl gateways listeners update stomp tcp:default --max-connections 2048",),
        effect=Effect.WRITE,
    )(update)
)
edits.add_delete(
    app,
    LISTENERS,
    summary="Delete listeners of a gateway.",
    examples=("emqxctl gateways listeners delete stomp tcp:plant --yes",),
)
