"""The recorded gateways with their listeners, clients and users, and the states their exchanges need."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from emqxctl.sandbox.schema.listeners import add_gateway_defaults, add_listener_defaults
from emqxctl.sandbox.state.access import Account
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.gateways import Gateway, GatewayClient, unloaded_gateways
from tests.sandbox.contract.recordings import NODES, NOW, iterate_rows, parse_epoch
from tests.support.recordings import Exchange

Preparation = Callable[[Cluster, Exchange], None]
AUTHENTICATION = {
    "mechanism": "password_based",
    "backend": "built_in_database",
    "password_hash_algorithm": {"name": "sha256", "salt_position": "suffix"},
    "user_id_type": "username",
}
CLIENTS = "/gateways/{name}/clients"


def fill_gateways(cluster: Cluster, exchanges: list[Exchange]) -> None:
    """Make what the listings show."""
    cluster.gateways.by_name = unloaded_gateways()
    for row in iterate_rows("GET /gateways/{name}", exchanges):
        if "enable" in row:
            load(cluster.gateways.by_name[row["name"]], {**row, "enable": True})
    stomp = cluster.gateways.by_name["stomp"]
    load(stomp, {"mountpoint": "stomp/", "listeners": [{"type": "tcp", "name": "default", "bind": "61613"}]})
    internal = {"type": "tcp", "name": "internal", "bind": "61614", "authentication": AUTHENTICATION}
    stomp.listeners["stomp:tcp:internal"] = add_listener_defaults(internal)
    stomp.authentication = AUTHENTICATION
    fill_clients(cluster, exchanges)
    for chain, path in (("stomp:global", ""), ("stomp:tcp:internal", "/listeners/{id}")):
        for row in iterate_rows(f"GET /gateways/{{name}}{path}/authentication/users", exchanges):
            cluster.access.chain(chain)[row["user_id"]] = Account(row["is_superuser"])


def load(gateway: Gateway, row: dict[str, Any]) -> None:
    gateway.config = add_gateway_defaults(gateway.name, row)
    gateway.created = gateway.changed = NOW - 1000
    for listener in row["listeners"]:
        config = {name: value for name, value in listener.items() if name != "id"}
        gateway.listeners[f"{gateway.name}:{listener['type']}:{listener['name']}"] = add_listener_defaults(
            config
        )


def fill_clients(cluster: Cluster, exchanges: list[Exchange]) -> None:
    for exchange in exchanges:
        if exchange.operation != f"GET {CLIENTS}" or "data" not in (exchange.body or {}):
            continue
        gateway = cluster.gateways.by_name[exchange.request["path"].split("/")[4]]
        for row in exchange.body["data"]:
            client = GatewayClient(row["clientid"], row["node"], parse_epoch(row["connected_at"]))
            client.fields = {"username": row["username"], "created_at": row["created_at"]}
            gateway.clients[client.clientid] = client
            subscribe(
                client, "sn/t" if gateway.name == "mqttsn" else "stomp/in", stomp=gateway.name == "stomp"
            )
    for name in ("Wz6jSriJUbcAIMsq", "t3ApxQ9BqVJ2l6FC"):
        stomp = cluster.gateways.by_name["stomp"].clients
        client = stomp.setdefault(name, GatewayClient(name, NODES[0], NOW))
        client.fields["created_at"] = None
        subscribe(client, "stomp/in", stomp=True)


def subscribe(client: GatewayClient, topic: str, *, stomp: bool) -> None:
    row = {"is_new": True, "nl": 0, "qos": 0, "rap": 0, "rh": 1}
    client.subscriptions[topic] = row | ({"sub_props": {"subid": "0"}} if stomp else {})


def unload(cluster: Cluster, _: Exchange) -> None:
    for name in cluster.gateways.by_name:
        cluster.gateways.by_name[name] = Gateway(name)


def stop_mqttsn(cluster: Cluster, _: Exchange) -> None:
    gateway = cluster.gateways.by_name["mqttsn"]
    gateway.config = {**(gateway.config or {}), "enable": False}
    gateway.clients.clear()


def subscribe_recorded(cluster: Cluster, _: Exchange) -> None:
    subscribe(cluster.gateways.by_name["stomp"].clients["Wz6jSriJUbcAIMsq"], "rec/gw", stomp=True)


def add_coap(cluster: Cluster, _: Exchange) -> None:
    for name in ("coap-node-01", "coap-silent"):
        cluster.gateways.by_name["coap"].clients[name] = GatewayClient(name, NODES[0], NOW)


def answer_recorded(cluster: Cluster, exchange: Exchange) -> None:
    body = exchange.body
    reply = {name: body[name] for name in ("code", "codeMsg", "content") if name in body}
    client = cluster.gateways.by_name["lwm2m"].clients["lwm2m-meter-01"]
    client.replies[body["action"], body["path"]] = reply


def set_mqttsn(cluster: Cluster, _: Exchange) -> None:
    cluster.gateways.by_name["mqttsn"].authentication = AUTHENTICATION


def add_gateway_user(cluster: Cluster, exchange: Exchange) -> None:
    add_listener(cluster, exchange)
    last = unquote(exchange.request["path"].rpartition("/")[2])
    for chain, name in (("stomp:global", "rec-g"), ("stomp:tcp:rec", "rec-l")):
        cluster.access.chain(chain)[name if last == "users" else last] = Account()


def add_imported(cluster: Cluster, _: Exchange) -> None:
    cluster.access.chain("stomp:global")["gimp-1"] = Account(superuser=False, hashed="7a1f", salt="abc")


def add_bare_listener(cluster: Cluster, _: Exchange) -> None:
    listener = add_listener_defaults({"type": "tcp", "name": "rec", "bind": "127.0.0.1:61700"})
    cluster.gateways.by_name["stomp"].listeners["stomp:tcp:rec"] = listener


def add_listener(cluster: Cluster, exchange: Exchange) -> None:
    add_bare_listener(cluster, exchange)
    cluster.gateways.by_name["stomp"].listeners["stomp:tcp:rec"]["authentication"] = AUTHENTICATION


LISTENER = "/gateways/{name}/listeners"
SETTING = "/authentication"
GATEWAY_STATES: dict[tuple[str, str], Preparation] = {
    ("GET /gateways", "all unloaded"): unload,
    ("GET /gateways", "one stopped"): stop_mqttsn,
    ("GET /gateways/{name}", "stopped"): stop_mqttsn,
    (f"GET {CLIENTS}", "stopped gateway"): stop_mqttsn,
    (f"GET {CLIENTS}/*", "after subscribing*"): subscribe_recorded,
    (f"DELETE {CLIENTS}/*", "done"): subscribe_recorded,
    (f"POST {CLIENTS}/*", "coap client"): add_coap,
    ("POST /gateways/coap/*", "*"): add_coap,
    ("GET /gateways/lwm2m/*", "after *"): answer_recorded,
    ("* /gateways/{name}/authentication", "[ja]*"): set_mqttsn,
    ("PUT /gateways/{name}/authentication", "change"): set_mqttsn,
    ("* /gateways/{name}*/authentication/users*", "[do]*"): add_gateway_user,
    ("* /gateways/{name}*/authentication/users*", "change"): add_gateway_user,
    ("* /gateways/{name}*/authentication/users", "already exists"): add_gateway_user,
    ("POST /gateways/{name}/authentication/import_users", "csv hash"): add_imported,
    (f"GET {LISTENER}", "after creating"): add_bare_listener,
    (f"POST {LISTENER}", "already exists"): add_bare_listener,
    (f"* {LISTENER}/*", "[cdbj]*"): add_listener,
    (f"* {LISTENER}/{{id}}/authentication", "already exists"): add_listener,
    (f"POST {LISTENER}/{{id}}/authentication", "create"): add_bare_listener,
    (f"* {LISTENER}/*/users*", "[acu]*"): add_listener,
}

GATEWAYS_NOT_IMITATED = {
    ("GET /gateways", "node booting, * ms: 500"): "the sandbox is up as soon as its port is open",
    (f"POST {LISTENER}", "port in use"): "the sandbox's listeners take no ports",
}
