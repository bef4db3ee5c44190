"""`emqxctl actions`: where rules send their results."""

from emqxctl.cli.group import new_group
from emqxctl.commands._data_integration import (
    METRICS,
    STATUS_REASON,
    add_summary,
    add_verbs,
    new_resource,
)
from emqxctl.commands._node_operations import add_restart
from emqxctl.output.formatters import color_state, format_names
from emqxctl.resource import Column, Setting, ValueType
from emqxctl.verbs.metrics import add_metrics
from emqxctl.verbs.probe import add_types

ACTIONS = new_resource(
    noun="action",
    columns=(
        Column("id"),
        Column("connector"),
        Column("enable", "ENABLED", style=color_state),
        Column("status", style=color_state),
        Column("rules", format=format_names),
        STATUS_REASON,
        Column("description", wide=True),
    ),
    settings=(
        Setting("connector", "Connector, as NAME or TYPE:NAME."),
        Setting("description", "Description."),
        Setting("enable", "Enable or disable it.", ValueType.BOOLEAN),
        Setting("parameters.topic", "Topic (MQTT, Kafka ...).", option="topic"),
        Setting("parameters.qos", "QoS (MQTT).", ValueType.INTEGER, ("0", "1", "2"), option="qos"),
        Setting("parameters.payload", "Payload template (MQTT).", option="payload"),
        Setting("parameters.method", "Request method, such as post (HTTP).", option="method"),
        Setting("parameters.path", "Path below the connector's URL (HTTP).", option="path"),
        Setting("parameters.body", "Body template (HTTP).", option="body"),
        Setting(
            "resource_opts.request_ttl",
            "Maximum time a message is buffered, such as 45s.",
            option="request-ttl",
        ),
    ),
)
SAMPLE = "http:archive"

app = new_group("Manage actions of rules.")
add_verbs(
    app,
    ACTIONS,
    sample=SAMPLE,
    draft="http:draft",
    list_example="--where 'connector=warehouse' -o name",
    create_examples=(
        f"{SAMPLE} --connector warehouse --method post --path /telemetry",
        "mqtt:upstream --connector plant --topic 'up/${topic}' --qos 1",
        f"{SAMPLE} -f action.yaml",
    ),
    update_examples=(
        f"{SAMPLE} --path /v2/telemetry",
        f"{SAMPLE} --set resource_opts.worker_pool_size=32 --dry-run",
    ),
    with_actions=True,
)
add_restart(app, ACTIONS, sample=SAMPLE)
add_types(app, ACTIONS, "/action_types", example="emqxctl actions types -o name")
add_summary(app, ACTIONS)
add_metrics(app, ACTIONS, columns=METRICS, line=f"emqxctl actions {{}} {SAMPLE}")
app.lazy("why", "Explain why an action does not work.")
