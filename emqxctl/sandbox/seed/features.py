"""The settings of a new sandbox: authentication, ACL rules, API keys, traces, hooks, backups."""

import copy
from dataclasses import replace

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.messages import Row
from emqxctl.sandbox.schema.access import authenticator_id, check_authenticator, check_source
from emqxctl.sandbox.schema.fields import fields_of
from emqxctl.sandbox.seed.gateways import seed_gateways
from emqxctl.sandbox.state.access import ApiKey
from emqxctl.sandbox.state.accounts import new_account
from emqxctl.sandbox.state.archives import name_backup
from emqxctl.sandbox.state.backups import create_backup
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.features import Delayed, TopicMetrics
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
    """Add ACL rules: the users of each city have their own topics."""
    seed = copy.deepcopy(read_table("seed"))
    cluster.access.rules, cluster.access.rules_for_all = seed["acl_rules"], seed["acl_rules_for_all"]


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
    """Add delayed messages, a topic rewrite rule and an automatic subscription."""
    features = cluster.features
    for at, city in enumerate(CITIES):
        message = cluster.new_message(f"cmd/{city}/lights", b'{"on":false}', 1)
        node = list(cluster.nodes)[at % len(cluster.nodes)]
        features.delayed.append(
            Delayed(replace(message, published=cluster.now() - 600), 7_200 + 60 * at, node)
        )
    seed = copy.deepcopy(read_table("seed"))
    features.rewrites, features.auto_subscribe = seed["rewrites"], seed["auto_subscribe"]


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
        client = cluster.clients.get("historian-01")
        if client:
            row = {"clientid": client.clientid, "node": client.node, "timespan": 1_293 - 410 * at}
            features.slow.append(
                {**row, "last_update_time": int(now * 1000) - 9_000 * (at + 1), "topic": topic}
            )


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
    plugin = Plugin(
        read_table("seed")["plugin"],
        "# Fleet audit\n",
        running=True,
        config={"url": "http://audit.sandbox.local:9001"},
    )
    features.plugins[plugin.name] = plugin
    features.allowed_plugins.add(ALLOWED)


def seed_backups(cluster: Cluster) -> None:
    """Create last night's backups, of two nodes."""
    for at, node in enumerate(list(cluster.nodes)[:2]):
        created = cluster.now() - 40_000 - 86_400 * at
        backup = create_backup(cluster, name_backup(created))
        cluster.features.backups[node, backup.name] = replace(backup, node=node, created=created)
