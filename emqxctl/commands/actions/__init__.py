"""`emqxctl actions`: where rules send their results."""

from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import Body, parse_value
from emqxctl.commands._data_integration import (
    METRICS,
    STATUS_REASON,
    TAGS,
    add_summary,
    add_verbs,
    new_resource,
)
from emqxctl.commands._node_operations import add_restart
from emqxctl.output.formatters import color_state, format_names
from emqxctl.resource import Column, Setting, ValueType
from emqxctl.verbs.metrics import add_metrics
from emqxctl.verbs.parameters import type_and_name_fields
from emqxctl.verbs.probe import add_types


def parse_fallback_actions(body: Body) -> Body:
    """Return a body whose fallback actions are objects: an id TYPE:NAME is a reference to an action."""
    actions = body.get("fallback_actions")
    if not isinstance(actions, list):
        return body
    return {**body, "fallback_actions": [parse_fallback_action(action) for action in actions]}


def parse_fallback_action(action: object) -> object:
    """Parse an action id or JSON, such as `{"kind": "republish", "args": {...}}`. Raises UsageError."""
    if not isinstance(action, str):
        return action
    if action.lstrip().startswith("{"):
        return parse_value(action)
    return {"kind": "reference", **type_and_name_fields(action)}


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
        Setting(
            "fallback_actions",
            "Action for messages that fail: id or JSON. Repeatable; replaces the list (EMQX 5.9+).",
            multiple=True,
            option="fallback-action",
            since=(5, 9, 0),
        ),
        TAGS,
    ),
    parse_body=parse_fallback_actions,
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
        f"{SAMPLE} --fallback-action disk_log:lost --tag plant-1",
        f"{SAMPLE} --set resource_opts.worker_pool_size=32 --dry-run",
    ),
    with_actions=True,
)
add_restart(app, ACTIONS, sample=SAMPLE)
add_types(app, ACTIONS, "/action_types", example="emqxctl actions types -o name")
add_summary(app, ACTIONS)
add_metrics(app, ACTIONS, columns=METRICS, line=f"emqxctl actions {{}} {SAMPLE}")
app.lazy("why", "Explain why an action does not work.")
