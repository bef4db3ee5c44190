"""Settings that differ between nodes, or between clusters, by design; each with the reason.

A path is a tuple of keys; `*` matches any key, and a path covers everything below it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

Path = tuple[str, ...]

MACHINE_PATH = "path on the machine of the node"
MACHINE_SIZE = "sized for the machine of the node"
NODE_ADDRESS = "address of the node"
DISCOVERY = "how a node finds the others when it starts"
NOISE = "EMQX ignores it too when it compares nodes"  # emqx pull request 17348
SHARED_ADDRESS = r"|0\.0\.0\.0|127\..*|::1?|localhost"  # every node may have it
OWN_OF_CLUSTER = "each cluster has its own"

NODE_SETTINGS: Mapping[str, str] = {
    "node.name": "each node has its own name",
    "node.role": "a node is a core node or a replicant",
    "node.data_dir": MACHINE_PATH,
    "node.etc_dir": MACHINE_PATH,
    "node.config_files": MACHINE_PATH,
    "node.crash_dump_file": MACHINE_PATH,
    "node.crash_dump_bytes": MACHINE_SIZE,
    "node.max_ports": MACHINE_SIZE,
    "node.process_limit": MACHINE_SIZE,
    "node.max_ets_tables": MACHINE_SIZE,
    "node.dist_buffer_size": MACHINE_SIZE,
    "node.dist_listen_min": NODE_ADDRESS,
    "node.dist_listen_max": NODE_ADDRESS,
    "rpc.listen_address": NODE_ADDRESS,
    "rpc.server_port": NODE_ADDRESS,
    "rpc.tcp_server_port": NODE_ADDRESS,
    "rpc.ssl_server_port": NODE_ADDRESS,
    "rpc.certfile": MACHINE_PATH,
    "rpc.keyfile": MACHINE_PATH,
    "rpc.cacertfile": MACHINE_PATH,
    "cluster.discovery_strategy": DISCOVERY,
    "cluster.core_nodes": DISCOVERY,
    "cluster.static": DISCOVERY,
    "cluster.dns": DISCOVERY,
    "cluster.etcd": DISCOVERY,
    "cluster.k8s": DISCOVERY,
    "cluster.mcast": DISCOVERY,
    "api_key.bootstrap_file": MACHINE_PATH,
    "log.file.*.path": MACHINE_PATH,
    "log.audit.path": MACHINE_PATH,
    "actions.*.*.created_at": NOISE,
    "actions.*.*.last_modified_at": NOISE,
    "sources.*.*.created_at": NOISE,
    "sources.*.*.last_modified_at": NOISE,
    "bridges.*.*.created_at": NOISE,
    "bridges.*.*.last_modified_at": NOISE,
    "rule_engine.rules.*.metadata": NOISE,
}
CLUSTER_SETTINGS: Mapping[str, str] = {
    **NODE_SETTINGS,
    "node": OWN_OF_CLUSTER,
    "rpc": OWN_OF_CLUSTER,
    "cluster.name": OWN_OF_CLUSTER,
    "cluster.description": OWN_OF_CLUSTER,
}


def find_reason(path: Path, settings: Mapping[str, str]) -> str:
    """Return the reason why a setting differs by design; empty if it does not."""
    for pattern, reason in settings.items():
        parts = pattern.split(".")
        if len(parts) <= len(path) and all(
            part in ("*", key) for part, key in zip(parts, path, strict=False)
        ):
            return reason
    return ""


def is_listener_address(path: Path) -> bool:
    """Return whether a setting is the address of a listener: of MQTT, of a gateway, or of the dashboard."""
    return path[-1] == "bind" and "listeners" in path[:-1]


def parse_bind_port(bind: object) -> str:
    """Return the port of an address such as `1883`, `0.0.0.0:1883` or `[::]:1883`."""
    return str(bind).rpartition(":")[2]


def parse_bind_host(bind: str) -> str:
    """Return the host of an address such as `0.0.0.0:1883` or `[::]:1883`; empty for a port alone."""
    return bind.rpartition(":")[0].strip("[]")


def parse_host(node: str) -> str:
    """Return the host of a node: `10.0.0.1` of `emqx@10.0.0.1`."""
    return node.rpartition("@")[2]


def find_address_reason(addresses: Iterable[tuple[object, str]]) -> str:
    """Return the reason why the address of a listener differs by design, from (address, node); else empty.

    It does if each node listens on an address of its own, not on loopback or all addresses, at one port.
    """
    pairs = [(str(address), node) for address, node in addresses]
    hosts = Counter(parse_bind_host(address) for address, _ in pairs)
    ports = {parse_bind_port(address) for address, _ in pairs}
    if len(ports) > 1:
        is_one_host = len({parse_host(node) for _, node in pairs}) == 1
        return "nodes on one host cannot share a port" if is_one_host else ""
    is_own = all(
        host == parse_host(node) or (hosts[host] == 1 and not re.fullmatch(SHARED_ADDRESS, host))
        for host, node in ((parse_bind_host(address), node) for address, node in pairs)
    )
    return NODE_ADDRESS if is_own else ""


def format_path(path: Path) -> str:
    """Format a path as a key: `mqtt.max_packet_size`; a key with a dot or a space is in quotes."""
    return ".".join(f'"{key}"' if not key or set(key) & set('. "') else key for key in path)


def parse_path(text: str) -> Path:
    """Parse a key such as `mqtt.max_packet_size` or `a."b.c".d`; empty for an invalid one."""
    if not re.fullmatch(r'(?:"[^"]*"|[^."]+)(?:\.(?:"[^"]*"|[^."]+))*', text):
        return ()
    return tuple(quoted or bare for quoted, bare in re.findall(r'"([^"]*)"|([^."]+)', text))
