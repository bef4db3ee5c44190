"""`emqxctl gateways listeners`: where clients of a gateway connect."""

from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import without_fields
from emqxctl.output.formatters import color_state, format_plain
from emqxctl.resource import Column, Resource, Setting, ValueType
from emqxctl.verbs.create import add_create
from emqxctl.verbs.delete import add_delete
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list
from emqxctl.verbs.parameters import type_and_name_fields
from emqxctl.verbs.status import list_objects
from emqxctl.verbs.update import add_update

READ_ONLY_FIELDS = ("id", "running", "status", "node_status")


def listener_fields(listener: str) -> dict[str, object]:
    """Return the fields that name a listener: from `tcp:plant`, or from EMQX's `stomp:tcp:plant`."""
    return type_and_name_fields(":".join(listener.split(":")[-2:]))


def qualify_listener(gateway: str, listener: str) -> str:
    """Return EMQX's id of a gateway's listener: `stomp:tcp:plant`, also for `tcp:plant`."""
    return f"{gateway}:{listener}" if listener.count(":") == 1 else listener


def format_running(nodes: object) -> str:
    """Format the number of nodes that a listener runs on."""
    if not isinstance(nodes, list):
        return format_plain(nodes)
    states = list_objects([node.get("status") for node in list_objects(nodes)])
    count = sum(state.get("running") is True for state in states)
    if states and count == len(states):
        return "running"
    return f"on {count} of {len(states)}" if count else "stopped"


LISTENERS = Resource(
    noun="gateway listener",
    path="/gateways/{name}/listeners",
    key="id",
    key_metavar="TYPE:NAME",
    columns=(
        Column("id"),
        Column("bind"),
        Column("enable", "ENABLED", style=color_state),
        Column(
            "node_status",
            "STATUS",
            format=format_running,
            style=lambda nodes: color_state(format_running(nodes)),
        ),
        Column("max_connections", "MAX CONNECTIONS", align_right=True),
        Column("max_conn_rate", "RATE", align_right=True, wide=True),
        Column("enable_authn", "AUTHENTICATION", wide=True),
        Column("mountpoint", wide=True),
    ),
    settings=(
        Setting("bind", "Address and port, such as 0.0.0.0:61613 or 61613."),
        Setting("enable", "Enable or disable it.", ValueType.BOOLEAN),
        Setting("max_connections", "Maximum number of clients per node.", ValueType.INTEGER),
        Setting("max_conn_rate", "Maximum connections per second.", ValueType.INTEGER),
        Setting("enable_authn", "Enable or disable client authentication.", ValueType.BOOLEAN),
        Setting("mountpoint", "Topic prefix for clients of this listener."),
        Setting("acceptors", "Number of processes that accept connections.", ValueType.INTEGER),
        Setting("access_rules", "Access rule, such as 'allow 10.0.0.0/8'. Repeatable.", multiple=True),
        Setting("proxy_protocol", "Enable or disable the PROXY protocol.", ValueType.BOOLEAN),
        Setting("proxy_protocol_timeout", "Time to wait for the PROXY protocol header, such as 3s."),
    ),
    read_only_fields=READ_ONLY_FIELDS,
    key_to_fields=listener_fields,
    qualify_key=qualify_listener,
    accepts_masked_secrets=True,
    normalize=lambda body: without_fields(body, READ_ONLY_FIELDS),  # EMQX takes the id from the path
    fields_in_update=("type", "name"),
)

app = new_group("Manage listeners of gateways.")
add_list(
    app,
    LISTENERS,
    summary="List the listeners of a gateway.",
    examples=("emqxctl gateways listeners list stomp",),
)
add_get(
    app,
    LISTENERS,
    summary="Show a listener of a gateway.",
    examples=("emqxctl gateways listeners get stomp tcp:default",),
)
add_create(
    app,
    LISTENERS,
    summary="Create a listener of a gateway.",
    examples=(
        "emqxctl gateways listeners create stomp tcp:plant --bind 61615",
        "emqxctl gateways listeners create coap udp:field -f listener.yaml",
    ),
)
add_update(
    app,
    LISTENERS,
    summary="Update a listener of a gateway.",
    examples=("emqxctl gateways listeners update stomp tcp:default --max-connections 2048",),
)
add_delete(
    app,
    LISTENERS,
    summary="Delete listeners of a gateway.",
    examples=("emqxctl gateways listeners delete stomp tcp:plant --yes",),
)
