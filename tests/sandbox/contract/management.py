"""The recorded configuration and membership, and the states their exchanges need."""

import copy
from collections.abc import Callable

from emqxctl.emqx.hocon import parse_hocon
from emqxctl.sandbox.seed.features import add_connector
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.integration import Integration
from tests.sandbox.contract.recordings import NODES, NOW
from tests.support.recordings import Exchange


def fill_configs(cluster: Cluster, exchanges: list[Exchange]) -> None:
    """Take the recorded configuration over, read from its HOCON."""
    for exchange in exchanges:
        if exchange.operation == "GET /configs" and exchange.title.startswith("HOCON"):
            for root, value in parse_hocon((exchange.response or {}).get("body_text", "")).items():
                if root in cluster.configs:
                    cluster.configs[root] = value


def take_recorded_secrets(cluster: Cluster, exchange: Exchange) -> None:
    """Hold the very connectors of an answer: HOCON shows the secrets that JSON hides."""
    cluster.integration = Integration()
    recorded_config = parse_hocon((exchange.response or {})["body_text"])["connectors"]
    for kind, named in recorded_config.items():
        for name, config in named.items():
            add_connector(cluster.integration, kind, name, **config)


def take_recorded_authenticators(cluster: Cluster, exchange: Exchange) -> None:
    """Hold the very authenticators of an answer, for the same reason."""
    recorded = parse_hocon((exchange.response or {})["body_text"])["authentication"]
    cluster.access.authenticators = {str(at): config for at, config in enumerate(recorded)}


def take_dashboard(cluster: Cluster, exchange: Exchange) -> None:
    """Hold the dashboard's port of the node that was asked."""
    cluster.configs["dashboard"] = parse_hocon((exchange.response or {})["body_text"])["dashboard"]


def release_third(cluster: Cluster, _: Exchange) -> None:
    node = cluster.nodes.pop(NODES[2])
    cluster.removed_nodes[NODES[2]] = copy.copy(node)


def lose_third(cluster: Cluster, _: Exchange) -> None:
    del cluster.nodes[NODES[2]]


def stop_third(cluster: Cluster, _: Exchange) -> None:
    cluster.stop_node(NODES[2])


def stand_alone(cluster: Cluster, _: Exchange) -> None:
    for name in NODES[:2]:
        del cluster.nodes[name]


def remember_invitations(cluster: Cluster, _: Exchange) -> None:
    ended = {"started": NOW - 60, "ended": NOW - 59}
    cluster.invitations["succeed"].append({"node": NODES[1], **ended})
    failed = {"node": "emqx9@127.0.0.1", **ended, "reason": "{error,{badrpc,nodedown}}"}
    cluster.invitations["failed"].append(failed)


def invite_third(cluster: Cluster, exchange: Exchange) -> None:
    remember_invitations(cluster, exchange)
    cluster.invitations["in_progress"].append({"node": NODES[2], "started": NOW})


def guard_scrapes(cluster: Cluster, _: Exchange) -> None:
    cluster.settings["prometheus"]["enable_basic_auth"] = True


MANAGEMENT_STATES: dict[tuple[str, str], Callable[[Cluster, Exchange], None]] = {
    ("GET /configs", "HOCON key connectors"): take_recorded_secrets,
    ("GET /configs", "HOCON key authentication"): take_recorded_authenticators,
    ("GET /configs", "node 2"): take_dashboard,
    ("GET /cluster", "two nodes left"): lose_third,
    ("GET /cluster", "a node that is alone"): stand_alone,
    ("GET /cluster/invitation", "after *"): remember_invitations,
    ("GET /cluster/invitation", "in progress"): invite_third,
    ("PUT /cluster/{node}/*", "done"): release_third,
    ("PUT /cluster/{node}/*", "accepted"): release_third,
    ("DELETE /cluster/{node}/force_leave", "a stopped node"): stop_third,
    ("DELETE /cluster/{node}/force_leave", "again"): lose_third,
    ("GET /prometheus/*", "*while enable_basic_auth is on"): guard_scrapes,
}
