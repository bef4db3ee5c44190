"""Losses of rules, actions and sources, from the movement of their counters. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from emqxctl.commands.messages.why._cause import Cause, count_many, describe_nodes
from emqxctl.diagnosis.counter_movement import CounterMovement
from emqxctl.output.results import Row

NOUNS = {"rules": "rule", "actions": "action", "sources": "source", "bridges": "bridge"}


class IntegrationLoss(NamedTuple):
    """A counter of an action or rule: the machine-readable cause, the sentence, and what to change."""

    counter: str
    cause: str
    sentence: str
    advice: str
    loss: bool = True


ACTION_LOSSES = (
    IntegrationLoss(
        "dropped.expired",
        "action_expired",
        "expired in the buffer of {}: the target did not take them in time",
        "fix the connector or its target; raise resource_opts.request_ttl to bridge longer outages",
    ),
    IntegrationLoss(
        "dropped.queue_full",
        "action_buffer_full",
        "dropped by {}: its buffer is full",
        "fix the target or make it faster; raise resource_opts.max_buffer_bytes and"
        " resource_opts.worker_pool_size",
    ),
    IntegrationLoss(
        "dropped.resource_stopped",
        "action_stopped",
        "dropped by {}: it or its connector is stopped or disabled",
        "enable the action and its connector",
    ),
    IntegrationLoss(
        "dropped.resource_not_found",
        "action_without_connector",
        "dropped by {}: its connector was not found",
        "create the connector, or name another one in the action",
    ),
    IntegrationLoss("dropped.other", "action_dropped", "dropped by {} for another reason", ""),
    IntegrationLoss(
        "failed",
        "action_failed",
        "failed in {}: the target rejected them, or the request is invalid",
        "fix the parameters of the action (URL, topic, template), or the target",
    ),
    IntegrationLoss(
        "late_reply",
        "action_late_reply",
        "answered too late in {}: the target may have them, though they count as expired",
        "raise resource_opts.request_ttl, or make the target faster",
        loss=False,
    ),
)
RULE_LOSSES = (
    IntegrationLoss(
        "failed.exception",
        "rule_exception",
        "not processed by {}: its SQL failed",
        "fix the SQL: a function got a value of another type or a field that is missing",
    ),
    IntegrationLoss(
        "actions.failed",
        "rule_action_failed",
        "not processed by an action of {}: it failed, is not available or does not exist",
        "fix the action, or remove it from the rule",
    ),
    IntegrationLoss(
        "actions.discarded",
        "rule_action_discarded",
        "not processed by an action of {}, as it is disabled, which is not a loss",
        "enable the action and its connector",
        loss=False,
    ),
)

ACTION_COUNTERS = ("dropped", "failed")  # `dropped` is the sum of `dropped.*`
RULE_COUNTERS = tuple(loss.counter for loss in RULE_LOSSES if loss.loss)


def list_integration_causes(
    movements: Sequence[CounterMovement], rules: Sequence[Mapping[str, object]], *, is_focused: bool = False
) -> Iterator[Cause]:
    """Yield the losses of actions, sources and rules; a rule's failed actions once, with the action."""
    explained_losses: set[tuple[str, bool]] = set()  # actions with a loss; whether it is past
    for movement in movements:
        if movement.object.kind != "rules":
            causes = list(judge_object(movement, ACTION_LOSSES, is_focused=is_focused))
            yield from causes
            explained_losses |= {(movement.object.id, cause.past) for cause in causes}
            if all(cause.past for cause in causes):
                yield from judge_buffer(movement)
    for movement in movements:
        if movement.object.kind == "rules":
            names = list_action_ids(rules, movement.object.id)
            for cause in judge_object(movement, RULE_LOSSES, is_focused=is_focused):
                is_explained = any((name, cause.past) in explained_losses for name in names)
                if cause.cause == "rule_exception" or not is_explained:
                    yield cause


def list_action_ids(rules: Sequence[Mapping[str, object]], rule_id: str) -> list[str]:
    """Return the ids of a rule's actions, without its functions."""
    actions = next((rule.get("actions") for rule in rules if rule.get("id") == rule_id), None)
    return [name for name in actions if isinstance(name, str)] if isinstance(actions, list) else []


def judge_object(
    movement: CounterMovement, losses: Sequence[IntegrationLoss], *, is_focused: bool
) -> Iterator[Cause]:
    """Yield a cause for each counter of an object that grew, else for the losses it counted before."""
    for is_past in (False, True):
        has_causes = False
        for loss in losses:
            count = movement.total(loss.counter) if is_past else movement.growth(loss.counter)
            if count > 0 and (loss.loss or not is_past) and not (is_past and is_focused):
                has_causes = True
                yield build_cause(movement, loss, count, is_past=is_past)
        if has_causes:
            return


def build_cause(movement: CounterMovement, loss: IntegrationLoss, count: float, *, is_past: bool) -> Cause:
    """Build the cause of a counter of a rule, action or source."""
    nodes = {} if is_past else movement.growth_by_node(loss.counter)
    evidence = f"{loss.counter}, {describe_nodes(nodes)}".removesuffix(", ")
    return Cause(
        loss.cause,
        "certain",
        f"{count_many(count, 'message')} {loss.sentence.format(describe_object(movement))}",
        evidence,
        loss.advice,
        next_step(movement),
        loss=loss.loss,
        past=is_past,
        rank=3,
        counter=loss.counter,
        messages=int(count),
        nodes=nodes,
    )


def judge_buffer(movement: CounterMovement) -> Iterator[Cause]:
    """Yield the cause of an action that only buffers: nothing is lost until request_ttl is over."""
    waiting, change = movement.total("queuing"), movement.growth("queuing")
    if waiting <= 0 or change <= 0 or movement.growth("success") > 0:
        return
    message = f"{count_many(waiting, 'message')} in the buffer of {describe_object(movement)}, and none was"
    message += " sent: they are lost after resource_opts.request_ttl"
    evidence = f"queuing, {describe_nodes(movement.growth_by_node('queuing'))}".removesuffix(", ")
    yield Cause(
        "action_buffering",
        "likely",
        message,
        evidence,
        "fix the connector or its target",
        next_step(movement),
        loss=False,
        rank=3,
        counter="queuing",
        messages=int(waiting),
    )


def describe_object(movement: CounterMovement) -> str:
    """Return an object's kind, id and namespace: `action 'http:x'`."""
    key = movement.object
    namespace = f" in namespace {key.namespace}" if key.namespace else ""
    return f"{NOUNS.get(key.kind, key.kind)} {key.id!r}{namespace}"


def next_step(movement: CounterMovement) -> str:
    """Return the command that explains the object's losses."""
    from shlex import quote

    key = movement.object
    namespace = f" --namespace {quote(key.namespace)}" if key.namespace else ""
    verb = "metrics" if key.kind == "bridges" else "why"
    return f"emqxctl {key.kind} {verb} {quote(key.id)}{namespace}"


def list_integration_rows(movements: Sequence[CounterMovement]) -> list[Row]:
    """Return a row for each rule, action and source that lost messages, those that still do first."""
    rows: list[Row] = []
    for movement in movements:
        key = movement.object
        names = RULE_COUNTERS if key.kind == "rules" else ACTION_COUNTERS
        totals = {name: movement.total(name) for name in names}
        if movement.error is None and any(totals.values()):
            row: Row = {
                "kind": NOUNS.get(key.kind, key.kind),
                "id": key.id,
                "namespace": key.namespace,
                "lost": sum(max(movement.growth(name), 0) for name in names),
                "increase": movement.grown(),
                "total": {name: value for name, value in totals.items() if value},
            }
            rows.append(row)
    return sorted(rows, key=lambda row: -float(str(row["lost"])))
