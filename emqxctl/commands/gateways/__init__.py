"""`emqxctl gateways`: protocols other than MQTT, and their clients."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import build_body
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import UnsupportedError
from emqxctl.output.formatters import color_state, format_plain, format_relative_time
from emqxctl.output.results import Done
from emqxctl.resource import Column, Filter, Resource, Setting, ValueType
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list
from emqxctl.verbs.parameters import FileOption, SetOption
from emqxctl.verbs.switch import add_switch
from emqxctl.verbs.update import add_update


def format_listener_ids(listeners: object) -> str:
    """Format the ids of a gateway's listeners."""
    if not isinstance(listeners, list):
        return format_plain(listeners)
    ids = (str(listener.get("id")) for listener in listeners if isinstance(listener, dict))
    return ",".join(ids) or "-"


GATEWAYS = Resource(
    noun="gateway",
    path="/gateways",
    key="name",
    columns=(
        Column("name"),
        Column("status", style=color_state),
        Column("current_connections", "CONNECTIONS", align_right=True),
        Column("max_connections", "MAX CONNECTIONS", align_right=True),
        Column("listeners", format=format_listener_ids),
        Column("started_at", "STARTED", format=format_relative_time),
        Column("stopped_at", "STOPPED", format=format_relative_time, wide=True),
        Column("created_at", "LOADED", format=format_relative_time, wide=True),
    ),
    filters=(Filter("status", "Filter by status.", ValueType.CHOICE, ("running", "stopped", "unloaded")),),
    settings=(
        Setting("enable", "Enable or disable it.", ValueType.BOOLEAN),
        Setting("mountpoint", "Topic prefix for clients of this gateway."),
        Setting("idle_timeout", "Time after which idle clients are disconnected, such as 30s."),
        Setting("enable_stats", "Enable or disable client statistics.", ValueType.BOOLEAN),
    ),
    # listeners and authentication have operations of their own; EMQX adds the others
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

app = new_group("Manage gateways: STOMP, MQTT-SN, CoAP, LwM2M and others.")
app.lazy("clients", "Manage clients of gateways.")
app.lazy("listeners", "Manage listeners of gateways.")
app.lazy("authentication", "Manage authentication of gateways and listeners.")
app.lazy("users", "Manage users of gateways and listeners.")
app.lazy("coap", "Send requests to CoAP clients.")
app.lazy("lwm2m", "Read and write resources of LwM2M clients.")

add_list(app, GATEWAYS, examples=("emqxctl gateways list", "emqxctl gateways list --status running -o wide"))
add_get(app, GATEWAYS, examples=("emqxctl gateways get stomp -o yaml",))
add_update(
    app,
    GATEWAYS,
    summary="Update a gateway, or load it.",
    examples=(
        "emqxctl gateways update stomp --mountpoint 'stomp/' --idle-timeout 60s",
        "emqxctl gateways update stomp --set frame.max_headers=20 --dry-run",
    ),
)
add_switch(app, GATEWAYS, line="emqxctl gateways {} stomp")

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="Gateway name, such as stomp, mqttsn or coap.")
]


@app.command()
@command(
    calls=("PUT /gateways/{name}", "POST /gateway"),
    examples=("emqxctl gateways load stomp", "emqxctl gateways load exproto -f exproto.yaml"),
    effect=Effect.WRITE,
)
def load(session: Session, name: NameArgument, file: FileOption = None, set_: SetOption = None) -> Done:
    """Load a gateway, or update a loaded one."""
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
def unload(session: Session, name: NameArgument) -> Done:
    """Unload a gateway (EMQX 5.0 only; later: disable)."""
    session.confirm(f"unload gateway {name!r}")
    session.client.delete("/gateway/{name}", name)
    return Done(f"unloaded gateway {name!r}", {"name": name}, key="name")
