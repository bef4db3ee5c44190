"""Causes why messages do not arrive, in the order of the report. Pure."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from emqxctl.output.results import Row
from emqxctl.text.nouns import count_noun

EMPTY: Mapping[str, float] = {}


class Cause(NamedTuple):
    """A cause: `certain`, `likely` or `possible`; the evidence for it; what to change; the command to run.

    `loss`: messages that should have arrived were lost. `past`: counted before the measurement. `rank` sorts
    within these: what the command was asked about, then MQTT, then rules and actions. `counter` is EMQX's
    name, `messages` how many it counted, `nodes` the part of each node.
    """

    cause: str
    certainty: str
    message: str
    evidence: str = ""
    advice: str = ""
    next_step: str = ""
    loss: bool = True
    past: bool = False
    rank: int = 1
    counter: str = ""
    messages: int = 0
    nodes: Mapping[str, float] = EMPTY

    @property
    def order(self) -> tuple[bool, bool, int, int, int]:
        """The position in the report: current losses, other current causes, then past ones."""
        certainty = ("certain", "likely", "possible").index(self.certainty)
        return self.past, not self.loss and self.rank > 0, certainty, self.rank, -self.messages

    def to_object(self) -> Row:
        """Return the cause as an object for programs."""
        row: Row = {name: value for name, value in self._asdict().items() if name != "rank"}
        return row | {"nodes": dict(self.nodes), "counter": self.counter or None}


def sort_causes(causes: Iterable[Cause]) -> list[Cause]:
    """Sort causes: current losses first, the most certain and most frequent ones; past ones last."""
    return sorted(causes, key=lambda cause: cause.order)


def count_many(count: float, noun: str) -> str:
    """Return a count with its noun, as counters are shown here: `1 message`, `1,200 messages`."""
    return count_noun(count, noun, form=",.0f")


def describe_nodes(nodes: Mapping[str, float]) -> str:
    """Return what each node counted: `emqx1: 5, emqx2: 7`; empty if there is only one node."""
    if len(nodes) < 2:
        return "".join(f"on {node}" for node in nodes if node)
    return ", ".join(f"{node}: {count:,.0f}" for node, count in nodes.items())
