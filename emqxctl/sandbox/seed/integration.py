"""The data integration of a fresh sandbox: telemetry is stored, alerts go to the cloud, billing is down."""

from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.integration import ACTIONS, CONNECTORS, SOURCES, Schema, settle
from emqxctl.sandbox.schema.rules import check_rule
from emqxctl.sandbox.schema.validation import Field
from emqxctl.sandbox.state.integration import Channel, Connector, Integration, Key, Rule

DAY = 86_400
# The alarms of a fresh sandbox are about the first of these and its action.
CONNECTOR_CONFIGS: dict[Key, Row] = {
    ("http", "billing-webhook"): {
        "url": "http://billing.internal:9",
        "connect_timeout": "2s",
        "pool_size": 1,
    },
    ("http", "telemetry-store"): {
        "url": "http://tsdb.internal:8086",
        "description": "time series",
        "headers": {"authorization": "Token not-a-real-token", "content-type": "application/json"},
    },
    ("http", "old-crm"): {"url": "http://crm.internal:8080", "enable": False},
    ("mqtt", "cloud-broker"): {
        "server": "broker.cloud.internal:1883",
        "username": "edge",
        "password": "not-a-real-password",
        "proto_ver": "v5",
        "clientid_prefix": "edge-",
    },
}
ACTION_CONFIGS: dict[Key, Row] = {
    ("http", "forward-billing"): {
        "connector": "billing-webhook",
        "parameters": {"path": "/usage", "body": "${payload}"},
    },
    ("http", "store-telemetry"): {
        "connector": "telemetry-store",
        "description": "every measurement",
        "parameters": {"path": "/write", "body": "${payload}"},
    },
    ("mqtt", "forward-alerts"): {
        "connector": "cloud-broker",
        "parameters": {"topic": "edge/${topic}", "qos": 1, "payload": "${payload}"},
    },
    ("mqtt", "mirror-status"): {
        "connector": "cloud-broker",
        "enable": False,
        "parameters": {"topic": "mirror/${topic}"},
    },
}
SOURCE_CONFIGS: dict[Key, Row] = {
    ("mqtt", "cloud-commands"): {
        "connector": "cloud-broker",
        "parameters": {"topic": "cloud/cmd/#", "qos": 1},
    },
}
Wish = tuple[str, Row, float, float]  # id, fields, messages a second on each node, share that passes
RULES: tuple[Wish, ...] = (
    (
        "store-telemetry",
        {
            "sql": 'SELECT * FROM "telemetry/#"',
            "actions": ["http:store-telemetry"],
            "description": "all telemetry",
        },
        3.2,
        1.0,
    ),
    (
        "hot-sensors",
        {
            "sql": 'SELECT payload.t as t, clientid, topic FROM "telemetry/+/+/temp" WHERE payload.t > 30',
            "actions": [
                {"function": "republish", "args": {"topic": "alerts/${clientid}", "payload": '{"t":${t}}'}},
                "mqtt:forward-alerts",
            ],
            "description": "above 30 degrees",
        },
        3.2,
        0.125,
    ),
    (
        "bill-usage",
        {"sql": 'SELECT * FROM "usage/#"', "actions": ["http:forward-billing"], "name": "billing"},
        0.1,
        1.0,
    ),
    (
        "cloud-commands",
        {
            "sql": 'SELECT * FROM "$bridges/mqtt:cloud-commands"',
            "actions": [{"function": "republish", "args": {"topic": "cmd/${payload.id}", "qos": 1}}],
        },
        0.02,
        1.0,
    ),
    (
        "connections",
        {
            "sql": (
                'SELECT clientid, reason\nFROM\n  "$events/client_connected", "$events/client_disconnected"'
            ),
            "actions": [{"function": "console"}],
        },
        0.01,
        1.0,
    ),
    (
        "debug-alerts",
        {
            "sql": 'SELECT * FROM "alerts/#"',
            "actions": [{"function": "console"}],
            "enable": False,
            "description": "debug only",
        },
        0.0,
        1.0,
    ),
)


def seed_integration(held: Integration, now: float) -> None:
    """Fill it all in, as made some days ago and counting since the nodes came up."""
    for (kind, name), config in CONNECTOR_CONFIGS.items():
        add_connector(held, kind, name, **config)
    for key, config in ACTION_CONFIGS.items():
        add_channel(held, "actions", key, now - 3 * DAY, config)
    for key, config in SOURCE_CONFIGS.items():
        add_channel(held, "sources", key, now - 3 * DAY, config)
    for at, (name, wish, rate, passing) in enumerate(RULES):
        rule = add_rule(held, name, now - 3 * DAY + at, wish)
        rule.rate, rule.passing = rate, passing


def complete(schema: Schema, config: Row) -> Row:
    """Check a configuration and fill in its defaults."""
    fields: tuple[Field, ...] = schema.fields
    return settle(fields, config)


def add_connector(held: Integration, kind: str, name: str, **config: Json) -> Connector:
    """Add a connector."""
    made = Connector(kind, name, complete(CONNECTORS[kind], config))
    held.connectors[kind, name] = made
    return made


def add_channel(held: Integration, root: str, key: Key, at: float, config: Row) -> Channel:
    """Add an action or a source, as `root` says."""
    schemas = ACTIONS if root == "actions" else SOURCES
    made = Channel(*key, complete(schemas[key[0]], config), at, at)
    held.channels(root)[key] = made
    return made


def add_rule(held: Integration, name: str, at: float, wish: Row) -> Rule:
    """Add a rule."""
    made = Rule(name, created=at, modified=at, since=at, **check_rule(name, wish))
    held.rules[name] = made
    return made
