"""The clients of a new sandbox: a fleet of sensors, gateways and services."""

import copy

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.messages import Row
from emqxctl.sandbox.seed.features import seed_features, seed_integration
from emqxctl.sandbox.state.cluster import ENTERPRISE, Cluster
from emqxctl.sandbox.state.records import Alarm, Ban, Client, stable_random

CITIES = ("berlin", "osaka", "quito", "lyon")


def seed_cluster(cluster: Cluster, clients: int) -> None:
    """Fill a cluster with clients, subscriptions, retained messages, bans and alarms, all from its seed."""
    for number in range(clients):
        add_client(cluster, number)
    add_retained(cluster)
    add_bans(cluster)
    add_alarms(cluster)
    seed_integration(cluster.integration, cluster.now())
    seed_features(cluster)
    if cluster.edition == ENTERPRISE:
        cluster.collections |= copy.deepcopy(read_table("seed")["collections"])


def add_client(cluster: Cluster, number: int) -> None:
    """Add the client of that number: every sixth is a gateway, every eighth a disconnected meter."""
    city = CITIES[stable_random(cluster.seed, "city", number) % len(CITIES)]
    kind = (
        "meter" if number % 8 == 7 else "gateway" if number % 6 == 5 else "sensor" if number else "historian"
    )
    row: Row = read_table("seed")["fleet"][kind]
    words: Row = {"city": city, "number": number, "low": number % 250}
    words |= {"block": number % 4, "host": 10 + number % 240}
    name = words["name"] = row["name"].format(**words)
    fields: Row = {
        key: text.format(**words) if isinstance(text, str) else text for key, text in row["fields"].items()
    }
    client = cluster.add_client(
        name, **fields, **(sensor_fields(cluster, number) if kind == "sensor" else {})
    )
    for topic, options, every in row["subscriptions"]:
        if number % every == 0:
            cluster.add_subscription(name, topic.format(**words), **options)
    if kind == "historian":
        delay_messages(cluster, client)
    elif kind == "meter":
        notices = (f"notice {at}".encode() for at in range(number % 5))
        client.mqueue += [cluster.new_message("fleet/announce", notice, 1) for notice in notices]


def sensor_fields(cluster: Cluster, number: int) -> Row:
    """Return the protocol of a sensor: a quarter of them is old, some come over WebSocket."""
    old = stable_random(cluster.seed, "version", number) % 4 == 0
    version: Row = {"proto_ver": 3, "proto_name": "MQIsdp"} if old else {"proto_ver": 5 - number % 2}
    return version | ({"listener": "ws:default", "ws_cookie": []} if number % 9 == 4 else {})


def delay_messages(cluster: Cluster, client: Client) -> None:
    """Let messages wait for a service that stores everything and is too slow for it."""
    for at in range(12):
        topic, sender = f"telemetry/{CITIES[at % 4]}/sensor-{at:03}/temp", f"sensor-{at:03}"
        origin = {"from_clientid": sender, "from_username": "fleet-berlin"}
        message = cluster.new_message(topic, f'{{"t":{18 + at}.5}}'.encode(), 1, **origin)
        (client.inflight if at < 4 else client.mqueue).append(message)
    access = {"access": {"action_type": "subscribe", "qos": 1}, "result": "allow", "topic": "status/+"}
    client.authz_cache.append({**access, "updated_time": int(cluster.now() * 1000) - 60_000})


def add_retained(cluster: Cluster) -> None:
    """Retain a state for each city, some settings, and a notice that no terminal should obey."""
    for at, city in enumerate(CITIES):
        state = b'{"online":true}' if at else b'{"online":false}'
        cluster.publish(cluster.new_message(f"status/{city}", state, 1), retain=True)
        setting = f'{{"interval_s":{30 + 15 * at}}}'.encode()
        cluster.publish(cluster.new_message(f"config/{city}/sampling", setting, 1), retain=True)
    notice = "firmware 4.2 \N{EM DASH} \x1b[1mread the notes\x1b[0m".encode()
    cluster.publish(cluster.new_message("fleet/announce/firmware", notice, 1), retain=True)


def add_bans(cluster: Cluster) -> None:
    """Ban a spoofed client, a scanner, a network and a family of bots."""
    now = int(cluster.now())
    for kind, subject, reason, days in read_table("seed")["bans"]:
        until = "infinity" if days is None else now + days * 86_400
        cluster.bans[kind, subject] = Ban(kind, subject, "ops", reason, now - 86_400, until)


def add_alarms(cluster: Cluster) -> None:
    """Raise the alarms of a dead webhook on every node, and remember one of high memory."""
    for at, node in enumerate(cluster.nodes):
        for name, message in read_table("seed")["alarms"]:
            details: Row = {"reason": "resource_down", "resource_id": name}
            cluster.add_alarm(name, message, details, node=node, age=5_400 + at)
    began = cluster.now() - 93_600
    usage: Row = {"high_watermark": 70.0, "usage": 72.4}
    memory = Alarm(
        cluster.self_node, "high_system_memory_usage", "72.4% mem usage", usage, began, began + 310.5
    )
    cluster.past_alarms.append(memory)
