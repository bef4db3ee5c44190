"""The message rate of each node: waves over time, which can be integrated between any two times.

History, rates and counters agree, however long there was no request.
"""

from functools import cache, lru_cache
from math import cos, tau

from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.metrics import counters_per_client
from emqxctl.sandbox.state.records import stable_random

MEAN = 8.0  # messages a second that a node receives
WAVES = ((86_400, 0.2), (1_510, 0.3), (97, 0.25))  # each with its length in seconds and its part of the mean
UNIT = "messages.received"
PACKETS = ("publish", "pub", "received", "sent", "ping")


@cache
def flowing_counters() -> frozenset[str]:
    """Return the counters that grow with the traffic."""
    return frozenset(
        name
        for name in counters_per_client()
        if name.startswith(("bytes.", "messages.", "authorization."))
        or (name.startswith("packets.") and name.removeprefix("packets.").startswith(PACKETS))
    )


@lru_cache(maxsize=256)
def wave_phase(seed: int, node: str, length: int) -> float:
    """Return where a wave begins."""
    return stable_random(seed, node, length) % 1000 / 1000 * tau


def messages_until(seed: int, node: str, at: float) -> float:
    """Sum up the messages that a node received since the epoch."""
    total = at
    for length, part in WAVES:
        turn = tau / length
        total -= part / turn * cos(turn * at + wave_phase(seed, node, length))
    return MEAN * total


def growth_in(seed: int, node: str, name: str, span: tuple[float, float]) -> int:
    """Count by how much a metric of a node grows in a span of time."""
    counters = counters_per_client()
    part = counters[name] / counters[UNIT]
    start, end = (int(messages_until(seed, node, at) * part) for at in span)
    return end - start


def counter_growth(cluster: Cluster, node: str, name: str, span: tuple[float, float]) -> int:
    """Count by how much a metric of a node grew in a span of time, less while it was down."""
    start, end = span
    growth = growth_in(cluster.seed, node, name, span)
    for outage in cluster.nodes[node].outages:
        down = (max(start, outage.since), min(end, outage.until))
        if down[0] < down[1]:
            growth -= growth_in(cluster.seed, node, name, down)
    return growth
