"""`emqxctl subscriptions`: who is subscribed to what."""

from emqxctl.cli.group import new_group
from emqxctl.resource import Column, Filter, Paging, Resource, ValueType
from emqxctl.verbs import stock
from emqxctl.verbs.filters import same

COLUMNS = (
    Column("clientid", "CLIENT ID"),
    Column("topic"),
    Column("qos", "QOS", align_right=True),
    Column("node"),
    Column("durable", wide=True),
    Column("nl", "NO LOCAL", align_right=True, wide=True),
    Column("rap", "RETAIN AS PUBLISHED", align_right=True, wide=True),
    Column("rh", "RETAIN HANDLING", align_right=True, wide=True),
)

SUBSCRIPTIONS = Resource(
    noun="subscription",
    path="/subscriptions",
    key="topic",
    columns=COLUMNS,
    paging=Paging.PAGES,
    row_key=("clientid", "topic"),
    filters=(
        Filter("node", "Only those held by this node."),
        Filter("clientid", "Only those of this client.", row_check=same("clientid")),
        Filter("qos", "Only those of this QoS.", ValueType.INTEGER, row_check=same("qos")),
        Filter("topic", "Only this filter, to the letter ($share/g/t too)."),
        Filter("match_topic", "Only filters that lie within this one."),
        Filter("share_group", "Only those shared in this group."),
        Filter(
            "durable",
            "Only durable ones, or only others (EMQX 5.7+).",
            ValueType.BOOLEAN,
            row_check=same("durable"),
        ),
    ),
)

app = new_group("Who is subscribed to what.")
stock.add_list(
    app,
    SUBSCRIPTIONS,
    examples=(
        "emqxctl subscriptions list --match-topic 'telemetry/#'",
        "emqxctl subscriptions list --clientid dev-1 -o json",
    ),
)
