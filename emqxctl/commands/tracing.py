"""`emqxctl tracing`: how much traces may log."""

from emqxctl.cli.group import new_group
from emqxctl.resource import Resource
from emqxctl.verbs.get import add_get
from emqxctl.verbs.update import add_update

SETTINGS = Resource(
    noun="configuration of tracing", path="/tracing", key="", columns=(), item_template="/tracing"
)

app = new_group("Settings of traces (EMQX 6.0+).")
add_get(app, SETTINGS, summary="Show the settings.", examples=("emqxctl tracing get",))
add_update(
    app,
    SETTINGS,
    summary="Change the settings.",
    examples=("emqxctl tracing update --set max_file_size=64MB", "emqxctl tracing update -f tracing.yaml"),
)
