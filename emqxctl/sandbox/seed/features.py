"""The settings of a new sandbox: access, integration, gateways, traces, hooks, backups."""

import copy
from dataclasses import replace

from emqxctl.emqx.backup_files import name_backup
from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.access import authenticator_id, check_authenticator, check_source
from emqxctl.sandbox.schema.fields import fields_of
from emqxctl.sandbox.schema.integration import ACTIONS, CONNECTORS, SOURCES, Key, apply_defaults
from emqxctl.sandbox.schema.listeners import add_gateway_defaults, add_listener_defaults
from emqxctl.sandbox.schema.rules import check_rule
from emqxctl.sandbox.state.access import ApiKey, new_account
from emqxctl.sandbox.state.backups import create_backup
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.features import Delayed, TopicMetrics
from emqxctl.sandbox.state.gateways import Gateway, GatewayClient
from emqxctl.sandbox.state.integration import Channel, Connector, Integration, Rule
from emqxctl.sandbox.state.plugins import Plugin
from emqxctl.sandbox.state.records import stable_random
from emqxctl.sandbox.state.traces import Trace

DAY = 86_400
CITIES = ("berlin", "osaka", "quito", "lyon")
ALLOWED = "my_emqx_plugin-1.0.0"  # what `emqx ctl plugins allow` was run for


def seed_features(cluster: Cluster) -> None:
    """Fill in everything, all from the cluster's seed and its clock."""
    parts = (seed_access, seed_rules, seed_keys, seed_messages, seed_topic_metrics, seed_traces)
    for seed_part in (*parts, seed_extensions, seed_gateways, seed_backups):
        seed_part(cluster)


def seed_access(cluster: Cluster) -> None:
    """Add an authenticator by password for the fleet, and one by token."""
    access = cluster.access
    seed = read_table("seed")
    for config in seed["authenticators"]:
        access.authenticators[authenticator_id(config)] = check_authenticator(config)
    users = access.chain("password_based:built_in_database")
    for name in (*(f"fleet-{city}" for city in CITIES), "historian", "line/4 operator", "ops-tool"):
        users[name] = new_account(name, "sandbox", superuser=name == "ops-tool")
    for source in ({"type": "built_in_database"}, {"type": "file", "rules": seed["acl"]}):
        access.sources[source["type"]] = check_source(source)


def seed_rules(cluster: Cluster) -> None:
    """Add ACL rules: each city has its own topics; rewrite a topic, and add an automatic subscription."""
    seed, features = copy.deepcopy(read_table("seed")), cluster.features
    cluster.access.rules, cluster.access.rules_for_all = seed["acl_rules"], seed["acl_rules_for_all"]
    features.rewrites, features.auto_subscribe = seed["rewrites"], seed["auto_subscribe"]


def seed_keys(cluster: Cluster) -> None:
    """Create keys that are valid, disabled and expired, and a second dashboard user."""
    now = int(cluster.now())
    for name, text, enabled, days in read_table("seed")["api_keys"]:
        key = f"{stable_random(cluster.seed, name):08x}{stable_random(name, cluster.seed):08x}"
        expires = None if days is None else now + days * DAY
        cluster.access.api_keys[name] = ApiKey(key, f"{name}-secret", text, enabled, now - 100 * DAY, expires)
    cluster.users["night_shift"] = "sandbox-1"
    cluster.access.descriptions["night_shift"] = "read the board, call the day shift"


def seed_messages(cluster: Cluster) -> None:
    """Add delayed messages, sent ten minutes ago."""
    for at, city in enumerate(CITIES):
        sent = cluster.new_message(f"cmd/{city}/lights", b'{"on":false}', 1)
        message = replace(sent, published=cluster.now() - 600)
        node = list(cluster.nodes)[at % len(cluster.nodes)]
        cluster.features.delayed.append(Delayed(message, 7_200 + 60 * at, node))


def seed_topic_metrics(cluster: Cluster) -> None:
    """Count the messages to some topics, and find subscribers that are slow."""
    features, now = cluster.features, cluster.now()
    for topic in ("fleet/announce", "telemetry/berlin/sensor-001/temp", "alerts/line 4"):
        metrics = TopicMetrics(now - 250_000)
        for name in metrics.counts:
            metrics.counts[name] = stable_random(cluster.seed, topic, name) % 900
            metrics.rates[name] = metrics.counts[name] % 40 / 100
        features.topic_metrics[topic] = metrics
    for at, topic in enumerate(("telemetry/#", "status/+")):
        if client := cluster.clients.get("historian-01"):
            row = {"clientid": client.clientid, "node": client.node, "timespan": 1_293 - 410 * at}
            at_time = int(now * 1000) - 9_000 * (at + 1)
            features.slow.append({**row, "last_update_time": at_time, "topic": topic})


def seed_traces(cluster: Cluster) -> None:
    """Trace a sensor that keeps reconnecting, and the alerts of yesterday."""
    now, node = cluster.now(), cluster.self_node
    running = Trace("flapping-sensor", "clientid", "sensor-001", now - 900, now + 2_700)
    if sensor := cluster.clients.get(running.target):
        for at in range(12):
            for way, packet in (("received", "PINGREQ"), ("sent", "PINGRESP")):
                meta: Row = {"packet": f"{packet}(Q0, R0, D0)", "username": sensor.username}
                when, event = now - 880 + 60 * at, f"mqtt_packet_{way}"
                running.write_line(sensor.node, when, "MQTT", event, meta, client=sensor)
    stopped = Trace("alerts", "topic", "alerts/#", now - 90_000, now - 86_400, formatter="json")
    for at in range(5):
        topic = f"alerts/pump-{at}"
        meta = {"topic": topic, "payload_encode": "text", "payload": '{"bar":9.7}'}
        stopped.write_line(node, now - 89_000 + 100 * at, "PUBLISH", "publish_to", meta)
    cluster.features.traces = {trace.name: trace for trace in (running, stopped)}


def seed_extensions(cluster: Cluster) -> None:
    """Add an audit service and one that is down as hooks, and a plugin."""
    features = cluster.features
    defaults = {field.name: field.default for field in fields_of("exhook")}
    for row in read_table("seed")["exhooks"]:
        features.exhooks[row["name"]] = {**defaults, **row, "failed_action": "ignore"}
    config = {"url": "http://audit.sandbox.local:9001"}
    plugin = Plugin(read_table("seed")["plugin"], "# Fleet audit\n", running=True, config=config)
    features.plugins[plugin.name] = plugin
    features.allowed_plugins.add(ALLOWED)


def seed_backups(cluster: Cluster) -> None:
    """Create last night's backups, of two nodes, as an API key may restore them in any edition."""
    tables = set(read_table("backup")["tables"]) - {"api_keys", "dashboard_users"}
    for at, node in enumerate(list(cluster.nodes)[:2]):
        created = cluster.now() - 40_000 - 86_400 * at
        backup = create_backup(cluster, name_backup(created), tables)
        cluster.features.backups[node, backup.name] = replace(backup, node=node, created=created)


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


def seed_gateways(cluster: Cluster) -> None:
    """Load three of the gateways; CoAP and ExProto stay unloaded."""
    seed = read_table("seed")
    for name, row in seed["gateways"].items():
        gateway = cluster.gateways.by_name[name]
        gateway.config = add_gateway_defaults(name, row["settings"])
        gateway.created = gateway.changed = cluster.now() - 250_000
        kind, port = row["port"]
        listener = add_listener_defaults({"type": kind, "name": "default", "bind": f"0.0.0.0:{port}"})
        gateway.listeners[f"{name}:{kind}:default"] = listener
        add_clients(cluster, gateway, row["clients"], row["topic"])
    stomp = cluster.gateways.by_name["stomp"]
    stomp.authentication = seed["gateway_authentication"]
    for user in ("forklift", "loading/dock 2"):
        cluster.access.chain(stomp.chain)[user] = new_account(user, "sandbox")


def add_clients(cluster: Cluster, gateway: Gateway, names: list[str], topic: str) -> None:
    """Connect the clients of a gateway, each subscribed to one topic."""
    nodes = list(cluster.nodes)
    for at, name in enumerate(names):
        client = GatewayClient(name, nodes[at % len(nodes)], cluster.now() - 3_600 * (at + 1))
        if gateway.name == "stomp":
            client.fields["username"] = "forklift"
        row: Row = {"is_new": True, "nl": 0, "qos": 0, "rap": 0, "rh": 1}
        client.subscriptions[topic] = row
        gateway.clients[name] = client
