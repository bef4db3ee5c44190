"""The gateways of a new sandbox, with a few clients each."""

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.messages import Row
from emqxctl.sandbox.schema.gateways import add_gateway_defaults, add_listener_defaults
from emqxctl.sandbox.state.accounts import new_account
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.gateways import Gateway, GatewayClient


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
