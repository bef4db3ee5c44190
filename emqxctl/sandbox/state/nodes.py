"""The nodes of the cluster, and when each was down."""

import math
from dataclasses import dataclass, field

from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.state.records import Client


@dataclass
class Outage:
    """A time when a node was down, and who had been there: sessions, and how many of them connected."""

    since: float
    sessions: int
    connected: int
    until: float = math.inf


@dataclass
class Node:
    """One core node."""

    name: str
    started: float
    running: bool = True
    outages: list[Outage] = field(default_factory=list)
    disconnected: list[Client] = field(default_factory=list)  # who was connected when it stopped
    configs: Row = field(default_factory=dict)  # what differs from the configuration of the cluster


def per_node(nodes: list[str], value: Json) -> Json:
    """Return a value of a table, each `{"$per_node": row}` as a list of that row for all nodes."""
    if isinstance(value, dict):
        if "$per_node" in value:
            return [{"node": node, **value["$per_node"]} for node in nodes]
        return {name: per_node(nodes, child) for name, child in value.items()}
    return value
