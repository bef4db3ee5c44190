"""`emqxctl gateways`: protocols other than MQTT, and their clients."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import build_body
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.gateways import authentication, clients, listeners, users
from emqxctl.commands.gateways._requests import coap, lwm2m
from emqxctl.errors import UnsupportedError
from emqxctl.output.formatters import color_state, format_plain, format_relative_time
from emqxctl.output.results import Done
from emqxctl.resource import Column, Filter, Resource, Setting, ValueType
from emqxctl.verbs import edits, stock
from emqxctl.verbs.edits import File, Set


def listener_ids(listeners: object) -> str:
    """Write the ids of a gateway's listeners."""
    if not isinstance(listeners, list):
        return format_plain(listeners)
    return ",".join(str(one.get("id")) for one in listeners if isinstance(one, dict)) or "-"


GATEWAYS = Resource(
    noun="gateway",
    path="/gateways",
    key="name",
    columns=(
        Column("name"),
        Column("status", style=color_state),
        Column("current_connections", "CONNECTIONS", align_right=True),
        Column("max_connections", "AT MOST", align_right=True),
        Column("listeners", format=listener_ids),
        Column("started_at", "STARTED", format=format_relative_time),
        Column("stopped_at", "STOPPED", format=format_relative_time, wide=True),
        Column("created_at", "LOADED", format=format_relative_time, wide=True),
    ),
    filters=(
        Filter("status", "Only those in this state.", ValueType.CHOICE, ("running", "stopped", "unloaded")),
    ),
    settings=(
        Setting("enable", "Whether it runs.", ValueType.BOOLEAN),
        Setting("mountpoint", "What is put before all topics."),
        Setting("idle_timeout", "After how long an idle client is let go: 30s."),
        Setting("enable_stats", "Whether clients are counted.", ValueType.BOOLEAN),
    ),
    # listeners and authentication have operations of their own; the rest EMQX adds
    read_only_fields=(
        "name",
        "status",
        "created_at",
        "started_at",
        "stopped_at",
        "listeners",
        "authentication",
        "node_status",
        "current_connections",
        "max_connections",
    ),
)

app = new_group("Gateways: STOMP, MQTT-SN, CoAP, LwM2M, ExProto and more.")
app.add_typer(clients.app, name="clients")
app.add_typer(listeners.app, name="listeners")
app.add_typer(authentication.app, name="authentication")
app.add_typer(users.app, name="users")
app.add_typer(coap, name="coap")
app.add_typer(lwm2m, name="lwm2m")

stock.add_list(
    app, GATEWAYS, examples=("emqxctl gateways list", "emqxctl gateways list --status running -o wide")
)
stock.add_get(app, GATEWAYS, examples=("emqxctl gateways get stomp -o yaml",))
edits.add_update(
    app,
    GATEWAYS,
    summary="Change a gateway; one not loaded yet is loaded.",
    examples=(
        "emqxctl gateways update stomp --mountpoint 'stomp/' --idle-timeout 60s",
        "emqxctl gateways update stomp --set frame.max_headers=20 --dry-run",
    ),
)
for verb, value in (("enable", "true"), ("disable", "false")):
    edits.add_operation(
        app,
        GATEWAYS,
        verb,
        "/gateways/{name}/enable/{enable}",
        ending=(value,),
        method="PUT",
        examples=(f"emqxctl gateways {verb} stomp",),
    )

Name = Annotated[str, typer.Argument(metavar="NAME", help="The gateway: stomp, mqttsn, coap ...")]


@app.command()
@command(
    calls=("PUT /gateways/{name}", "POST /gateway"),
    examples=("emqxctl gateways load stomp", "emqxctl gateways load exproto -f exproto.yaml"),
    effect=Effect.WRITE,
)
def load(session: Session, name: Name, file: File = None, set_: Set = None) -> Done:
    """Load a gateway; one that is loaded takes what the body says."""
    body = build_body(file, set_ or [], {})
    try:
        session.client.put("/gateways/{name}", name, body=body)
    except UnsupportedError:  # EMQX until 5.0.7
        session.client.post("/gateway", body={**body, "name": name})
    return Done(f"loaded gateway {name!r}", {"name": name}, key="name")


@app.command()
@command(
    calls="DELETE /gateway/{name}",
    examples=("emqxctl gateways unload stomp --yes",),
    effect=Effect.DESTROY,
)
def unload(session: Session, name: Name) -> Done:
    """Unload a gateway (EMQX until 5.0.10; later: disable)."""
    session.confirm(f"unload gateway {name!r}")
    session.client.delete("/gateway/{name}", name)
    return Done(f"unloaded gateway {name!r}", {"name": name}, key="name")
