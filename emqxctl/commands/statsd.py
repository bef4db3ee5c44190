"""`emqxctl statsd`: manage the StatsD integration (EMQX 5.0)."""

from emqxctl.cli.group import new_group
from emqxctl.resource import Resource, Setting, ValueType
from emqxctl.verbs.get import add_get
from emqxctl.verbs.update import add_update

SETTINGS = Resource(
    noun="StatsD configuration",
    path="/statsd",
    key="",
    item_template="/statsd",
    columns=(),
    settings=(
        Setting("enable", "Enable or disable sending metrics.", ValueType.BOOLEAN),
        Setting("server", "Address of the StatsD server, such as HOST:8125."),
    ),
)

app = new_group("Manage the StatsD configuration (EMQX 5.0).")
add_get(app, SETTINGS, summary="Show the StatsD configuration.", examples=("emqxctl statsd get",))
add_update(
    app,
    SETTINGS,
    summary="Update the StatsD configuration.",
    examples=("emqxctl statsd update --enable --server 10.0.0.9:8125",),
)
