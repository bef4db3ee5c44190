"""The data integration of a new sandbox: telemetry is stored, alerts go to the cloud, billing is down."""

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.integration import ACTIONS, CONNECTORS, SOURCES, apply_defaults
from emqxctl.sandbox.schema.rules import check_rule
from emqxctl.sandbox.state.integration import Channel, Connector, Integration, Key, Rule

DAY = 86_400


def seed_integration(integration: Integration, now: float) -> None:
    """Add everything, as created some days ago and counting since the nodes came up.

    The alarms of a new sandbox are about its first connector and action.
    """
    seed = read_table("seed")
    for row in seed["connectors"]:
        add_connector(integration, **row)
    for root in ("actions", "sources"):
        for row in seed[root]:
            config = {name: value for name, value in row.items() if name not in ("type", "name")}
            add_channel(integration, root, (row["type"], row["name"]), now - 3 * DAY, config)
    for at, row in enumerate(seed["rules"]):
        fields = {name: value for name, value in row.items() if name not in ("id", "rate", "passing")}
        rule = add_rule(integration, row["id"], now - 3 * DAY + at, fields)
        rule.rate, rule.passing = row["rate"], row["passing"]


def add_connector(integration: Integration, type: str, name: str, **config: Json) -> Connector:  # noqa: A002
    """Add a connector."""
    connector = Connector(type, name, apply_defaults(CONNECTORS[type].fields, config))
    integration.connectors[type, name] = connector
    return connector


def add_channel(integration: Integration, root: str, key: Key, created: float, config: Row) -> Channel:
    """Add an action or a source, as `root` says."""
    schemas = ACTIONS if root == "actions" else SOURCES
    channel = Channel(*key, apply_defaults(schemas[key[0]].fields, config), created, created)
    integration.channels(root)[key] = channel
    return channel


def add_rule(integration: Integration, name: str, created: float, fields: Row) -> Rule:
    """Add a rule."""
    rule = Rule(name, created=created, modified=created, since=created, **check_rule(name, fields))
    integration.rules[name] = rule
    return rule
