"""`emqxctl auto-subscribe`: topics that every client is subscribed to when it connects."""

from emqxctl.cli.group import new_group
from emqxctl.resource import Column, Resource
from emqxctl.verbs.replace_list import add_whole_list

AUTO_SUBSCRIPTIONS = Resource(
    noun="auto-subscription",
    path="/mqtt/auto_subscribe",
    key="topic",
    columns=(
        Column("topic"),
        Column("qos", "QOS", align_right=True),
        Column("nl", "NO LOCAL", align_right=True),
        Column("rap", "RETAIN AS PUBLISHED", align_right=True),
        Column("rh", "RETAIN HANDLING", align_right=True),
    ),
)

app = new_group("Manage topics that all clients are subscribed to.")
add_whole_list(
    app,
    AUTO_SUBSCRIPTIONS,
    line="emqxctl auto-subscribe {}",
    file="topics",
    get_help="List the auto-subscriptions.",
    set_help="""Replace all auto-subscriptions.

    An auto-subscription has `topic` (with ${clientid}, ${username} ...), optionally `qos`, `nl`, `rap` and
    `rh`; at most 20. `set` accepts the output of `get -o yaml`.
    """,
)
