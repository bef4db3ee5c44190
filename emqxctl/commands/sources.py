"""`emqxctl sources`: where rules get messages from, outside of this cluster."""

from emqxctl.cli.group import new_group
from emqxctl.commands import actions, integration, integration_list, integration_state
from emqxctl.resource import Kind, Resource, Setting

SOURCES = Resource(
    noun="source",
    path="/sources",
    key="id",
    columns=actions.ACTIONS.columns,
    settings=(
        *actions.SETTINGS,
        Setting("parameters.qos", "Quality of service, of MQTT.", Kind.INTEGER, option="qos"),
    ),
    filters=integration_list.NAMESPACES,
    computed=integration.COMPUTED,
    identify=integration.identity,
    keeps_masks=True,
)
SAMPLE = "mqtt:plant"
MQTT = "--connector upstream --topic 'sensors/#' --qos 1"

app = new_group("Sources: where rules get messages from, outside.")
integration_list.add_list(
    app,
    SOURCES,
    examples=("emqxctl sources list", "emqxctl sources list --where 'status!=connected' -o name"),
)
integration.add_get(app, SOURCES, examples=(f"emqxctl sources get {SAMPLE}",))
integration.add_create(
    app,
    SOURCES,
    examples=(f"emqxctl sources create {SAMPLE} {MQTT}", f"emqxctl sources create {SAMPLE} -f source.yaml"),
)
integration.add_update(
    app,
    SOURCES,
    examples=(
        f"emqxctl sources update {SAMPLE} --topic 'sensors/+/temp'",
        f"emqxctl sources update {SAMPLE} --set parameters.qos=0 --dry-run",
    ),
)
integration.add_delete(
    app,
    SOURCES,
    cascade=True,
    examples=(
        f"emqxctl sources delete {SAMPLE} --yes",
        f"emqxctl sources delete {SAMPLE} --with-actions --yes",
    ),
)
integration_state.add_switch(app, SOURCES, sample=SAMPLE)
integration_state.add_operation(
    app,
    SOURCES,
    "start",
    sample=SAMPLE,
    summary="Start sources that are enabled but not connected, again.",
)
integration_state.add_restart(app, SOURCES, sample=SAMPLE)
integration_state.add_test(app, SOURCES, sample=SAMPLE, example="mqtt:draft -f source.yaml")
integration_state.add_types(app, SOURCES, "/source_types")
integration_list.add_summary(app, SOURCES, "/sources_summary")
integration_state.add_metrics(app, SOURCES, sample=SAMPLE)
