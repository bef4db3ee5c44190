"""The clients of a new sandbox: a fleet of sensors, gateways and services."""

import copy

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.messages import Row
from emqxctl.sandbox.seed.features import seed_features
from emqxctl.sandbox.seed.integration import seed_integration
from emqxctl.sandbox.state.cluster import ENTERPRISE, Cluster
from emqxctl.sandbox.state.records import Alarm, Ban, stable_random

CITIES = ("berlin", "osaka", "quito", "lyon")
DEAD = "connector:http:billing-webhook"
FAILED = f"action:http:forward-billing:{DEAD}"
UNREACHABLE = "resource down: Connection refused"
NOT_ADDED = "resource down: #{error => not_added_yet,status => disconnected}"


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
    if number % 8 == 7:
        add_meter(cluster, number, city)
    elif number % 6 == 5:
        add_gateway(cluster, number, city)
    elif number == 0:
        add_historian(cluster)
    else:
        add_sensor(cluster, number, city)


def add_sensor(cluster: Cluster, number: int, city: str) -> None:
    """Add a sensor: it takes commands, some of them jobs of a shared group."""
    name = f"sensor-{number:03}"
    old = stable_random(cluster.seed, "version", number) % 4 == 0
    version: Row = {"proto_ver": 3, "proto_name": "MQIsdp"} if old else {"proto_ver": 5 - number % 2}
    web: Row = {"listener": "ws:default", "ws_cookie": []} if number % 9 == 4 else {}
    address = f"10.20.{number % 4}.{10 + number % 240}"
    cluster.add_client(name, username=f"fleet-{city}", ip_address=address, **version, **web)
    cluster.add_subscription(name, f"cmd/{name}", qos=1)
    cluster.add_subscription(name, "fleet/announce", qos=1, rh=1)
    if number % 3 == 0:
        cluster.add_subscription(name, "$share/workers/jobs/+", qos=1)
    if number % 4 == 0:
        cluster.add_subscription(name, f"cmd/{city}/#", qos=2)


def add_gateway(cluster: Cluster, number: int, city: str) -> None:
    """Add a gateway: it collects what the sensors of its city send."""
    name = f"gateway-{city}-{number:02}"
    fields: Row = {"username": f"fleet-{city}", "ip_address": f"10.30.0.{number % 250}", "keepalive": 300}
    cluster.add_client(name, clean_start=False, **fields)
    cluster.add_subscription(name, f"telemetry/{city}/#", qos=1)
    cluster.add_subscription(name, f"$share/gw-{city}/alerts/#", qos=2)


def add_historian(cluster: Cluster) -> None:
    """Add the service that stores everything and is too slow for it, so that messages wait."""
    name = "historian-01"
    client = cluster.add_client(name, username="historian", clean_start=False, ip_address="10.40.0.5")
    cluster.add_subscription(name, "telemetry/#", qos=1)
    cluster.add_subscription(name, "status/+", qos=1)
    for at in range(12):
        topic = f"telemetry/{CITIES[at % 4]}/sensor-{at:03}/temp"
        payload = f'{{"t":{18 + at}.5}}'.encode()
        message = cluster.new_message(
            topic, payload, 1, from_clientid=f"sensor-{at:03}", from_username="fleet-berlin"
        )
        (client.inflight if at < 4 else client.mqueue).append(message)
    access = {"action_type": "subscribe", "qos": 1}
    now = int(cluster.now() * 1000)
    client.authz_cache.append(
        {"access": access, "result": "allow", "topic": "status/+", "updated_time": now - 60_000}
    )


def add_meter(cluster: Cluster, number: int, city: str) -> None:
    """Add a meter that has gone offline and left its session behind."""
    name = f"offline-meter-{number:03}"
    fields: Row = {"username": f"fleet-{city}", "ip_address": f"10.50.0.{number % 250}", "keepalive": 60}
    client = cluster.add_client(name, connected=False, **fields)
    cluster.add_subscription(name, f"cmd/{name}", qos=1)
    cluster.add_subscription(name, "fleet/announce", qos=1, rh=1)
    for at in range(number % 5):
        client.mqueue.append(cluster.new_message("fleet/announce", f"notice {at}".encode(), 1))


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
        for name, message in ((DEAD, UNREACHABLE), (FAILED, NOT_ADDED)):
            details: Row = {"reason": "resource_down", "resource_id": name}
            cluster.add_alarm(name, message, details, node=node, age=5_400 + at)
    began = cluster.now() - 93_600
    usage: Row = {"high_watermark": 70.0, "usage": 72.4}
    memory = Alarm(
        cluster.self_node, "high_system_memory_usage", "72.4% mem usage", usage, began, began + 310.5
    )
    cluster.past_alarms.append(memory)
