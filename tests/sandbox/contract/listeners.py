"""The recorded listeners, and the states their exchanges need."""

from collections.abc import Callable
from typing import Any

from emqxctl.sandbox.schema.listeners import add_defaults
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.listeners import PORTS, Listener
from tests.sandbox.contract.recordings import NODES
from tests.support.recordings import Exchange

ADDRESS = "127.0.0.1"


def add_listener(cluster: Cluster, kind: str, name: str, **config: Any) -> Listener:
    made = Listener(kind, name, add_defaults(kind, config))
    cluster.listeners[made.id] = made
    return made


def fill_listeners(cluster: Cluster) -> None:
    """Make the recorded listeners; the nodes shared one address, so one bound on the first node only."""
    cluster.listeners.clear()
    for kind, port in PORTS.items():
        add_listener(cluster, kind, "default", bind=f"{ADDRESS}:{port}")
    extra = add_listener(cluster, "tcp", "extra", bind=f"{ADDRESS}:11883", acceptors=4, max_connections=1000)
    extra.unbound = set(NODES[1:])


def add_own(cluster: Cluster, _: Exchange) -> None:
    add_listener(cluster, "tcp", "recput", bind=f"{ADDRESS}:12889", max_connections=500)
    add_listener(cluster, "tcp", "reclag", bind=f"{ADDRESS}:12891", max_connections=77)


def add_second(cluster: Cluster, _: Exchange) -> None:
    add_listener(cluster, "tcp", "rec2", bind=f"{ADDRESS}:12885")


LISTENER_STATES: dict[tuple[str, str], Callable[[Cluster, Exchange], None]] = {
    ("GET /listeners/{id}", "*"): add_own,
    ("PUT /listeners/{id}", "*"): add_own,
    ("POST /listeners/{id}/*", "*"): add_own,
    ("DELETE /listeners/{id}", "delete"): add_own,
    ("POST /listeners/{id}", "already exists"): add_second,
}
