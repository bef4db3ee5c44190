"""The gateways of other protocols: their settings, listeners, clients and authentication."""

from dataclasses import dataclass, field

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.gateways import PROTOCOLS
from emqxctl.sandbox.state.records import format_time, stable_random

CHAINS = {"mqttsn": "mqtt-sn"}  # the protocol in the name of a chain, where that is another one
WIRE_NAMES = {"stomp": ("STOMP", "1.2"), "mqttsn": ("MQTT-SN", "1.2"), "lwm2m": ("LwM2M", "1.0.1")}


@dataclass
class GatewayClient:
    """One client of a gateway; its subscriptions are kept by topic, without the mount point."""

    clientid: str
    node: str
    connected: float
    fields: Row = field(default_factory=dict)
    subscriptions: dict[str, Row] = field(default_factory=dict)
    replies: dict[tuple[str, str], Row] = field(default_factory=dict)  # of LwM2M, by action and path
    values: dict[str, str] = field(default_factory=dict)  # of LwM2M, by path


@dataclass
class Gateway:
    """One gateway; an unloaded one has no configuration."""

    name: str
    config: Row | None = None
    created: float = 0.0
    changed: float = 0.0  # when it was started or stopped
    listeners: dict[str, Row] = field(default_factory=dict)
    authentication: Row | None = None
    clients: dict[str, GatewayClient] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """Return whether it is running, stopped or unloaded."""
        if self.config is None:
            return "unloaded"
        return "running" if self.config["enable"] else "stopped"

    @property
    def chain(self) -> str:
        """Return the name of the chain of its own authentication."""
        return f"{CHAINS.get(self.name, self.name)}:global"

    def times(self) -> Row:
        """Return when it was loaded, and started or stopped."""
        word = "started_at" if self.status == "running" else "stopped_at"
        return {
            "created_at": format_time(self.created),
            word: format_time(self.changed),
            "status": self.status,
        }

    def count_clients(self, node: str) -> int:
        """Count its clients on a node."""
        return sum(client.node == node for client in self.clients.values())

    def mounted_topic(self, client: GatewayClient, topic: str) -> str:
        """Return a topic with the mount point before it."""
        point = (self.config or {}).get("mountpoint", "")
        return str(point).replace("${endpoint_name}", client.clientid) + topic

    def client_row(self, client: GatewayClient, seed: int) -> Row:
        """Return a client."""
        proto = WIRE_NAMES.get(self.name, (self.name.upper(), "1"))
        limits_of = read_table("rows")["gateway_client_limits"]
        since, limits = format_time(client.connected), limits_of.get(self.name, limits_of[""])
        row: Row = {
            **read_table("rows")["gateway_client"],
            **limits,
            **{
                name: 1 + stable_random(seed, client.clientid, name) % most
                for name, most in read_table("rows")["gateway_client_random"].items()
            },
            "clientid": client.clientid,
            "connected_at": since,
            "created_at": since,
            "mountpoint": self.mounted_topic(client, ""),
            "node": client.node,
            "port": 32_768 + stable_random(seed, client.clientid, "port") % 28_000,
            "proto_name": proto[0],
            "proto_ver": proto[1],
            "subscriptions_cnt": len(client.subscriptions),
        }
        if self.name == "lwm2m":
            row |= {"endpoint_name": client.clientid, "lifetime": 3600, "keepalive": 3600}
        return row | client.fields


def unloaded_gateways() -> dict[str, Gateway]:
    """Build all gateways, unloaded."""
    return {name: Gateway(name) for name in PROTOCOLS}


@dataclass
class Gateways:
    """All of them, by name."""

    by_name: dict[str, Gateway] = field(default_factory=unloaded_gateways)

    def telemetry(self) -> Row:
        """Return the loaded gateways as telemetry reports them."""

        def backend(config: Json) -> str:
            return f"{config['mechanism']}:{config['backend']}" if config else "undefined"

        return {
            gateway.name: {
                "authn": backend(gateway.authentication),
                "listeners": [
                    {"authn": backend(listener.get("authentication")), "type": listener["type"]}
                    for listener in gateway.listeners.values()
                ],
                "num_clients": len(gateway.clients),
            }
            for gateway in self.by_name.values()
            if gateway.config is not None
        }
