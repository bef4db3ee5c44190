"""`emqxctl actions`: where rules send what they select."""

from emqxctl.cli.group import new_group
from emqxctl.commands import _data_integration, _data_integration_list, _data_integration_state
from emqxctl.commands._data_integration import COMPUTED, STATUS_REASON, identity, words
from emqxctl.output.formatters import color_state
from emqxctl.resource import Column, Resource, Setting, ValueType

SETTINGS = (
    Setting("connector", "The connector's name, without its type."),
    Setting("description", "What it is for."),
    Setting("enable", "Whether it runs.", ValueType.BOOLEAN),
    Setting("parameters.topic", "The topic, of MQTT, Kafka ...", option="topic"),
)
ACTIONS = Resource(
    noun="action",
    path="/actions",
    key="id",
    columns=(
        Column("id"),
        Column("connector"),
        Column("enable", "ENABLED", style=color_state),
        Column("status", style=color_state),
        Column("rules", format=words),
        STATUS_REASON,
        Column("description", wide=True),
    ),
    settings=(
        *SETTINGS,
        Setting("parameters.payload", "The payload's template, of MQTT.", option="payload"),
        Setting("parameters.qos", "Quality of service, of MQTT.", ValueType.INTEGER, option="qos"),
        Setting("parameters.method", "The method, of HTTP: post.", option="method"),
        Setting("parameters.path", "The path below the connector's URL, of HTTP.", option="path"),
        Setting("parameters.body", "The body's template, of HTTP.", option="body"),
        Setting("resource_opts.request_ttl", "How long a message may wait: 45s.", option="request-ttl"),
    ),
    filters=_data_integration_list.NAMESPACES,
    read_only_fields=COMPUTED,
    key_to_fields=identity,
    accepts_masked_secrets=True,
)
SAMPLE = "http:archive"
HTTP = "--connector warehouse --method post --path /telemetry"

app = new_group("Actions: where rules send what they select.")
_data_integration_list.add_list(
    app,
    ACTIONS,
    examples=("emqxctl actions list", "emqxctl actions list --where 'connector=warehouse' -o name"),
)
_data_integration.add_get(app, ACTIONS, examples=(f"emqxctl actions get {SAMPLE}",))
_data_integration.add_create(
    app,
    ACTIONS,
    examples=(
        f"emqxctl actions create {SAMPLE} {HTTP}",
        "emqxctl actions create mqtt:upstream --connector plant --topic 'up/${topic}' --qos 1",
        f"emqxctl actions create {SAMPLE} -f action.yaml",
    ),
)
_data_integration.add_update(
    app,
    ACTIONS,
    examples=(
        f"emqxctl actions update {SAMPLE} --path /v2/telemetry",
        f"emqxctl actions update {SAMPLE} --set resource_opts.worker_pool_size=32 --dry-run",
    ),
)
_data_integration.add_delete(
    app,
    ACTIONS,
    cascade=True,
    examples=(
        f"emqxctl actions delete {SAMPLE} --yes",
        f"emqxctl actions delete {SAMPLE} --with-actions --yes",
    ),
)
_data_integration_state.add_switch(app, ACTIONS, sample=SAMPLE)
_data_integration_state.add_operation(
    app,
    ACTIONS,
    "start",
    sample=SAMPLE,
    summary="Start actions that are enabled but not connected, again.",
)
_data_integration_state.add_restart(app, ACTIONS, sample=SAMPLE)
_data_integration_state.add_test(app, ACTIONS, sample=SAMPLE, example="http:draft -f action.yaml")
_data_integration_state.add_types(app, ACTIONS, "/action_types")
_data_integration_list.add_summary(app, ACTIONS, "/actions_summary")
_data_integration_state.add_metrics(app, ACTIONS, sample=SAMPLE)
