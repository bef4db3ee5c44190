"""`emqxctl subscriptions`: the subscriptions of all clients."""

from emqxctl.cli.group import new_group
from emqxctl.resource import Column, Filter, Paging, Resource, ValueType
from emqxctl.verbs.filters import check_equal
from emqxctl.verbs.list import add_list

SUBSCRIPTIONS = Resource(
    noun="subscription",
    path="/subscriptions",
    key="topic",
    columns=(
        Column("clientid", "CLIENT ID"),
        Column("topic"),
        Column("qos", "QOS", align_right=True),
        Column("node"),
        Column("durable", wide=True),
        Column("nl", "NO LOCAL", align_right=True, wide=True),
        Column("rap", "RETAIN AS PUBLISHED", align_right=True, wide=True),
        Column("rh", "RETAIN HANDLING", align_right=True, wide=True),
    ),
    paging=Paging.PAGES,
    row_key=("clientid", "topic"),
    name_fields=("clientid", "topic"),
    filters=(
        Filter("node", "Filter by node."),
        Filter("clientid", "Filter by client ID.", row_check=check_equal("clientid")),
        Filter("qos", "Filter by QoS.", ValueType.INTEGER, ("0", "1", "2"), row_check=check_equal("qos")),
        Filter("topic", "Filter by exact topic filter, including $share/GROUP/."),
        Filter("match_topic", "Filter by topic filters that this filter covers."),
        Filter("share_group", "Filter by shared group."),
        Filter(
            "durable",
            "Filter by whether the subscription is durable (EMQX 5.7+).",
            ValueType.BOOLEAN,
            row_check=check_equal("durable"),
        ),
    ),
)

app = new_group("Show subscriptions.")
add_list(
    app,
    SUBSCRIPTIONS,
    examples=(
        "emqxctl subscriptions list --match-topic 'telemetry/#'",
        "emqxctl subscriptions list --clientid dev-1 -o json",
    ),
)
