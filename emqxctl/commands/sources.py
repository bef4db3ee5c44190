"""`emqxctl sources`: where rules get messages from, outside of this cluster."""

from emqxctl.cli.group import new_group
from emqxctl.commands import _data_integration, _data_integration_list, _data_integration_state, actions
from emqxctl.resource import Resource, Setting, ValueType

SOURCES = Resource(
    noun="source",
    path="/sources",
    key="id",
    columns=actions.ACTIONS.columns,
    settings=(
        *actions.SETTINGS,
        Setting("parameters.qos", "Quality of service, of MQTT.", ValueType.INTEGER, option="qos"),
    ),
    filters=_data_integration_list.NAMESPACES,
    read_only_fields=_data_integration.COMPUTED,
    key_to_fields=_data_integration.identity,
    accepts_masked_secrets=True,
)
SAMPLE = "mqtt:plant"
MQTT = "--connector upstream --topic 'sensors/#' --qos 1"

app = new_group("Sources: where rules get messages from, outside.")
_data_integration_list.add_list(
    app,
    SOURCES,
    examples=("emqxctl sources list", "emqxctl sources list --where 'status!=connected' -o name"),
)
_data_integration.add_get(app, SOURCES, examples=(f"emqxctl sources get {SAMPLE}",))
_data_integration.add_create(
    app,
    SOURCES,
    examples=(f"emqxctl sources create {SAMPLE} {MQTT}", f"emqxctl sources create {SAMPLE} -f source.yaml"),
)
_data_integration.add_update(
    app,
    SOURCES,
    examples=(
        f"emqxctl sources update {SAMPLE} --topic 'sensors/+/temp'",
        f"emqxctl sources update {SAMPLE} --set parameters.qos=0 --dry-run",
    ),
)
_data_integration.add_delete(
    app,
    SOURCES,
    cascade=True,
    examples=(
        f"emqxctl sources delete {SAMPLE} --yes",
        f"emqxctl sources delete {SAMPLE} --with-actions --yes",
    ),
)
_data_integration_state.add_switch(app, SOURCES, sample=SAMPLE)
_data_integration_state.add_operation(
    app,
    SOURCES,
    "start",
    sample=SAMPLE,
    summary="Start sources that are enabled but not connected, again.",
)
_data_integration_state.add_restart(app, SOURCES, sample=SAMPLE)
_data_integration_state.add_test(app, SOURCES, sample=SAMPLE, example="mqtt:draft -f source.yaml")
_data_integration_state.add_types(app, SOURCES, "/source_types")
_data_integration_list.add_summary(app, SOURCES, "/sources_summary")
_data_integration_state.add_metrics(app, SOURCES, sample=SAMPLE)
