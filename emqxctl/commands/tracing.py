"""`emqxctl tracing`: manage the limits of traces."""

from emqxctl.cli.group import new_group
from emqxctl.resource import Resource
from emqxctl.verbs.get import add_get
from emqxctl.verbs.update import add_update

SETTINGS = Resource(
    noun="tracing configuration", path="/tracing", key="", columns=(), item_template="/tracing"
)

app = new_group("Manage the tracing configuration (EMQX 6.0+).")
add_get(app, SETTINGS, summary="Show the tracing configuration.", examples=("emqxctl tracing get",))
add_update(
    app,
    SETTINGS,
    summary="Update the tracing configuration.",
    examples=("emqxctl tracing update --set max_file_size=64MB", "emqxctl tracing update -f tracing.yaml"),
)
