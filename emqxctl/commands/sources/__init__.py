"""`emqxctl sources`: external systems that rules get messages from."""

from emqxctl.cli.group import new_group
from emqxctl.commands._data_integration import METRICS, add_summary, add_verbs, new_resource
from emqxctl.commands._node_operations import add_restart
from emqxctl.commands.actions import ACTIONS
from emqxctl.verbs.metrics import add_metrics
from emqxctl.verbs.probe import add_types

OPTIONS = frozenset({"connector", "description", "enable", "topic", "qos", "tag"})
SOURCES = new_resource(
    noun="source",
    columns=ACTIONS.columns,
    settings=tuple(setting for setting in ACTIONS.settings if (setting.option or setting.param) in OPTIONS),
)
SAMPLE = "mqtt:plant"

app = new_group("Manage sources of rules.")
add_verbs(
    app,
    SOURCES,
    sample=SAMPLE,
    draft="mqtt:draft",
    list_example="--where 'status!=connected' -o name",
    create_examples=(
        f"{SAMPLE} --connector upstream --topic 'sensors/#' --qos 1",
        f"{SAMPLE} -f source.yaml",
    ),
    update_examples=(f"{SAMPLE} --topic 'sensors/+/temp'", f"{SAMPLE} --set parameters.qos=0 --dry-run"),
    with_actions=True,
)
add_restart(app, SOURCES, sample=SAMPLE)
add_types(app, SOURCES, "/source_types", example="emqxctl sources types -o name")
add_summary(app, SOURCES)
add_metrics(app, SOURCES, columns=METRICS, line=f"emqxctl sources {{}} {SAMPLE}")
app.lazy("why", "Explain why a source does not work.")
