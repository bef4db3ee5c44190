"""`emqxctl statsd`: metrics for StatsD, which EMQX 5.0 had."""

from emqxctl.cli.group import new_group
from emqxctl.resource import Resource, Setting, ValueType
from emqxctl.verbs.get import add_get
from emqxctl.verbs.update import add_update

SETTINGS = Resource(
    noun="configuration of StatsD",
    path="/statsd",
    key="",
    item_template="/statsd",
    columns=(),
    settings=(
        Setting("enable", "Whether metrics are sent.", ValueType.BOOLEAN),
        Setting("server", "Where to: HOST:8125."),
    ),
)

app = new_group("StatsD, which only EMQX 5.0 knows.")
add_get(app, SETTINGS, summary="Show the settings.", examples=("emqxctl statsd get",))
add_update(
    app,
    SETTINGS,
    summary="Change the settings.",
    examples=("emqxctl statsd update --enable --server 10.0.0.9:8125",),
)
