"""`emqxctl tracing`: manage the limits of traces."""

from emqxctl.cli.group import new_group
from emqxctl.resource import Resource, Setting, ValueType
from emqxctl.verbs.get import add_get
from emqxctl.verbs.update import add_update

SETTINGS = Resource(
    noun="tracing configuration",
    path="/tracing",
    key="",
    columns=(),
    item_template="/tracing",
    settings=(
        Setting("max_traces", "Maximum number of traces.", ValueType.INTEGER),
        Setting("max_file_size", "Maximum size of a trace's log per node, such as 64MB."),
    ),
)

app = new_group("Manage the tracing configuration (EMQX 6.0+).")
add_get(app, SETTINGS, summary="Show the tracing configuration.", examples=("emqxctl tracing get",))
add_update(
    app,
    SETTINGS,
    summary="Update the tracing configuration.",
    examples=("emqxctl tracing update --max-file-size 64MB", "emqxctl tracing update -f tracing.yaml"),
)
