"""The believable gateways of a fresh sandbox, with a few clients each."""

from emqxctl.sandbox.messages import Row
from emqxctl.sandbox.schema.gateways import complete_gateway, complete_listener
from emqxctl.sandbox.state.accounts import new_account
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.gateways import Gateway, GatewayClient

TRANSLATORS: Row = {
    "command": {"qos": 0, "topic": "dn/#"},
    "notify": {"qos": 0, "topic": "up/notify"},
    "register": {"qos": 0, "topic": "up/resp"},
    "response": {"qos": 0, "topic": "up/resp"},
    "update": {"qos": 0, "topic": "up/update"},
}
SETTINGS: dict[str, Row] = {
    "stomp": {"mountpoint": "stomp/", "frame": {"max_headers": 10, "max_body_length": 65_536}},
    "mqttsn": {"mountpoint": "sn/", "predefined": [{"id": 1, "topic": "sn/alarm"}]},
    "lwm2m": {
        "mountpoint": "lwm2m/${endpoint_name}/",
        "xml_dir": "/opt/emqx/lwm2m_xml",
        "translators": TRANSLATORS,
    },
}
PORTS = {"stomp": ("tcp", "61613"), "mqttsn": ("udp", "1884"), "lwm2m": ("udp", "5783")}
CLIENTS = {
    "stomp": ("forklift-terminal-1", "forklift-terminal-2"),
    "mqttsn": ("sn-node-01", "sn/node 02"),
    "lwm2m": ("lwm2m-meter-01", "lwm2m-meter-02", "lwm2m-silent"),
}
TOPICS = {"stomp": "orders", "mqttsn": "sn/t", "lwm2m": "dn/#"}
AUTHENTICATION: Row = {
    "backend": "built_in_database",
    "mechanism": "password_based",
    "password_hash_algorithm": {"name": "sha256", "salt_position": "suffix"},
    "user_id_type": "username",
}


def seed_gateways(cluster: Cluster) -> None:
    """Load three of the gateways; CoAP and ExProto stay unloaded."""
    for name, settings in SETTINGS.items():
        gateway = cluster.gateways.held[name]
        gateway.config = complete_gateway(name, settings)
        gateway.created = gateway.changed = cluster.now() - 250_000
        kind, port = PORTS[name]
        listener = complete_listener({"type": kind, "name": "default", "bind": f"0.0.0.0:{port}"})
        gateway.listeners[f"{name}:{kind}:default"] = listener
        add_clients(cluster, gateway)
    stomp = cluster.gateways.held["stomp"]
    stomp.authentication = AUTHENTICATION
    for user in ("forklift", "loading/dock 2"):
        cluster.access.chain(stomp.chain)[user] = new_account(user, "sandbox")


def add_clients(cluster: Cluster, gateway: Gateway) -> None:
    """Connect the clients of a gateway, each subscribed to one topic."""
    nodes = list(cluster.nodes)
    for at, name in enumerate(CLIENTS[gateway.name]):
        client = GatewayClient(name, nodes[at % len(nodes)], cluster.now() - 3_600 * (at + 1))
        if gateway.name == "stomp":
            client.fields["username"] = "forklift"
        row: Row = {"is_new": True, "nl": 0, "qos": 0, "rap": 0, "rh": 1}
        client.subscriptions[TOPICS[gateway.name]] = row
        gateway.clients[name] = client
