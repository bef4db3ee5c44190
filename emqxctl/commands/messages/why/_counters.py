"""The causes that the counters of `/metrics` name. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from emqxctl.commands.messages.why._cause import Cause, count_many, describe_nodes
from emqxctl.diagnosis.counter_movement import CountedObject, CounterMovement
from emqxctl.diagnosis.health import dict_rows
from emqxctl.diagnosis.message_counters import (
    COUNTERS,
    DENIED,
    DENIED_PUBLISH,
    DENIED_SUBSCRIBE,
    PARTS,
    QOS0_TOLERANCE,
    REJECTED,
    REJECTIONS,
    LossCounter,
)
from emqxctl.text.nouns import pluralize

CLUSTER = CountedObject("cluster", "")


KNOWN_NAMES = frozenset(counter.name for counter in COUNTERS)
OTHER_PREFIXES = ("messages.dropped.", "delivery.dropped.")
SHOWN_COUNTERS = (
    "messages.received",
    "messages.delivered",
    *(counter.name for counter in COUNTERS),
    DENIED,
    DENIED_PUBLISH,
    DENIED_SUBSCRIBE,
    REJECTED,
)


class Scope(NamedTuple):
    """How the counters of the whole cluster are judged.

    `is_focused`: the command was asked about a topic or client, for which EMQX does not count.
    `settings` are those of the zone, by their path in the configuration.
    """

    settings: Mapping[str, object]
    is_focused: bool = False
    has_client: bool = False


def to_movement(before: object, after: object) -> CounterMovement:
    """Return the movement of the cluster's counters, from two lists of `/metrics` with one row per node."""
    first, last = (
        {str(row.get("node", "")): parse_row(row) for row in dict_rows(sample)} for sample in (before, after)
    )
    return CounterMovement(CLUSTER, first, last)


def parse_row(row: Mapping[str, object]) -> Mapping[str, float]:
    """Return the counters of a row of `/metrics`."""
    return {
        name: value
        for name, value in row.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def list_counter_causes(movement: CounterMovement, scope: Scope) -> Iterator[Cause]:
    """Yield the causes that the cluster's counters name: those that moved, and the losses of the past."""
    for counter in (*COUNTERS, *list_unknown_counters(movement)):
        if scope.is_focused and (counter.by_client or counter.cause == "no_subscribers"):
            continue  # read for the client or the topic itself
        yield from judge_counter(counter, movement, scope)
    yield from judge_rejections(movement, scope)


def list_unknown_counters(movement: CounterMovement) -> Iterator[LossCounter]:
    """Yield a description of the counters of drops that later versions of EMQX may add."""
    names = dict.fromkeys(name for counters in movement.after.values() for name in counters)
    for name in names:
        if name.startswith(OTHER_PREFIXES) and name not in KNOWN_NAMES | PARTS:
            reason = name.rpartition(".")[2].replace("_", " ")
            yield LossCounter(name, "other", f"dropped for another reason: {reason}", next_step="")


def judge_counter(counter: LossCounter, movement: CounterMovement, scope: Scope) -> Iterator[Cause]:
    """Yield the cause of a counter that moved; one of the past if it did not, but counted losses before."""
    growth, total = movement.growth(counter.name), movement.total(counter.name)
    if growth <= 0 and not (counter.loss and total > 0 and not scope.is_focused):
        return
    is_past = growth <= 0
    count = total if is_past else growth
    is_loss, sentence = counter.loss, counter.sentence
    if counter.cause == "qos0" and is_tolerable(count, movement, is_past=is_past):
        is_loss = False
        sentence += "; fewer than 0.1% of all deliveries, as QoS 0 allows"
    nodes = {} if is_past else movement.growth_by_node(counter.name)
    message = f"{count_many(count, 'message')} {sentence}"
    yield build_cause(counter, message, nodes, scope)._replace(
        loss=is_loss, past=is_past, messages=int(count), certainty=rate_certainty(scope)
    )


def rate_certainty(scope: Scope) -> str:
    """Return how certain a counter of the cluster is: of a topic or client it says little."""
    return "possible" if scope.is_focused else "certain"


def is_tolerable(count: float, movement: CounterMovement, *, is_past: bool) -> bool:
    """Return whether so few messages of QoS 0 were dropped that nothing is wrong."""
    measure = movement.total if is_past else movement.growth
    return count < QOS0_TOLERANCE * (measure("messages.delivered") + count)


def build_cause(counter: LossCounter, message: str, nodes: Mapping[str, float], scope: Scope) -> Cause:
    """Build the cause of a counter, with the current values of the settings to change."""
    evidence = f"{counter.name}, {describe_nodes(nodes)}".removesuffix(", ")
    if scope.is_focused:
        evidence += "; in the whole cluster: EMQX does not count it for one topic or client"
    settings = ", ".join(describe_setting(name, scope.settings) for name in counter.settings)
    return Cause(
        counter.cause,
        "certain",
        message,
        evidence,
        counter.advice.format(settings),
        counter.next_step,
        counter=counter.name,
        nodes=nodes,
    )


def describe_setting(name: str, settings: Mapping[str, object]) -> str:
    """Return a setting with its current value: `mqtt.max_inflight (now 32)`."""
    value = settings.get(name)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return name if value is None else f"{name} (now {text})"


def judge_rejections(movement: CounterMovement, scope: Scope) -> Iterator[Cause]:
    """Yield the causes of denied publishes and subscriptions, and of publishes rejected for other reasons."""
    for rejection in REJECTIONS:
        growth, total = rejection.measure(movement.growth), rejection.measure(movement.total)
        is_past = growth <= 0
        if is_past and (total <= 0 or scope.is_focused):
            continue
        count = total if is_past else growth
        noun = rejection.name(movement.total if is_past else movement.growth)
        nouns = noun if count == 1 else " or ".join(map(pluralize, noun.split(" or ")))
        message = f"{count:,.0f} {nouns} {'was' if count == 1 else 'were'} {rejection.counter.sentence}"
        nodes = {} if is_past else movement.growth_by_node(rejection.counter.name)
        cause = build_cause(rejection.counter, message, nodes, scope)
        yield cause._replace(past=is_past, messages=int(count), certainty=rate_certainty(scope))


def list_counter_rows(movement: CounterMovement) -> list[dict[str, object]]:
    """Return a row for each counter that means a loss, if it counted anything: the growth, and the total."""
    unknown = [counter.name for counter in list_unknown_counters(movement)]
    return [
        {
            "counter": name,
            "increase": movement.growth(name),
            "total": movement.total(name),
            "nodes": movement.growth_by_node(name),
        }
        for name in (*SHOWN_COUNTERS, *unknown)
        if movement.total(name)
    ]


def list_settings(zone: object) -> dict[str, object]:
    """Return the settings of `/configs/global_zone` by their path: `mqtt.max_inflight`."""
    roots = zone if isinstance(zone, Mapping) else {}
    return {
        f"{root}.{name}": value
        for root, fields in roots.items()
        if isinstance(fields, Mapping)
        for name, value in fields.items()
    }


def sum_losses(causes: Sequence[Cause]) -> int:
    """Return how many messages were lost during the measurement, as far as EMQX counts them."""
    return sum(cause.messages for cause in causes if cause.loss and not cause.past)
