"""What the counters of rules and actions say: messages that fail, wait, expire or are dropped. Pure."""

from collections.abc import Iterator

from emqxctl.diagnosis.causes import Cause, quote_for_shell
from emqxctl.diagnosis.counter_movement import CounterMovement
from emqxctl.diagnosis.integration_facts import IntegrationFacts, list_rules_of
from emqxctl.text.nouns import count_noun
from emqxctl.text.units import format_duration

# HTTP actions count an answer as failed if its status is not 2xx; 429, 503 and a timeout are retried
# (emqx_bridge_http_connector of 5.8 and 6.2).
ERROR_ANSWER = {
    "http": "the HTTP server answers with an error: a status other than 2xx, 429 and 503",
    "": "the target refuses the messages, or cannot be reached",
}
NO_ANSWER = {
    "http": "the HTTP server does not answer in time, or answers 429 or 503",
    "": "the target does not confirm the messages",
}
DROPS = {
    "dropped.queue_full": (
        "buffer_full",
        "the buffer is full, and messages are dropped",
        "make the target faster, or raise resource_opts.max_buffer_bytes of the action",
    ),
    "dropped.expired": (
        "buffer_expired",
        "messages expire in the buffer and are dropped",
        "make the target faster, or raise resource_opts.request_ttl of the action",
    ),
    "dropped.resource_stopped": ("resource_stopped", "messages are dropped as the action is stopped", ""),
    "dropped.resource_not_found": (
        "resource_missing",
        "messages are dropped as the action is not running",
        "",
    ),
    "dropped.other": ("dropped", "messages are dropped", ""),
}


def channel_movement_causes(facts: IntegrationFacts, kind: str, key: str) -> Iterator[Cause]:
    """Yield what the counters of an action or source say; a source counts only what it received."""
    movement = facts.movements.get((kind, key))
    if movement is None or movement.error:
        return
    if kind == "sources":
        yield from source_movement_causes(movement, key)
        return
    trace = suggest_trace(facts, kind, key)
    causes = list(loss_causes(movement, key, describe_growth(movement, facts.pause), trace))
    yield from causes
    if not causes and movement.growth("success") <= 0:
        yield from past_causes(movement, key, trace)


def loss_causes(movement: CounterMovement, key: str, evidence: str, trace: str) -> Iterator[Cause]:
    """Yield why messages of an action do not succeed now: what the target does, then what follows from it."""
    subject = f"action {key}"
    if movement.growth("failed") > 0:
        yield Cause(
            "target_error", "likely", f"{subject}: {choose_message(ERROR_ANSWER, key)}", evidence, trace
        )
    if movement.growth("late_reply") > 0:
        message = f"{subject}: the target answers later than request_ttl, when the message has expired"
        fix = "make the target faster, or raise resource_opts.request_ttl of the action"
        yield Cause("late_reply", "likely", message, evidence, trace, fix)
    if movement.growth("success") <= 0 and is_stuck(movement):
        yield Cause("no_answer", "likely", f"{subject}: {choose_message(NO_ANSWER, key)}", evidence, trace)
    for counter, (code, message, fix) in DROPS.items():
        if movement.growth(counter) > 0:
            yield Cause(code, "likely", f"{subject}: {message}", evidence, trace, fix)
    if is_waiting(movement):
        message = f"{subject}: no message was confirmed yet, {movement.total('inflight'):.0f} are in flight"
        next_step = f"emqxctl actions why {quote_for_shell(key)} --over 60s"
        yield Cause("waiting", "possible", message, evidence, next_step)


def is_stuck(movement: CounterMovement) -> bool:
    """Return whether messages are retried, pile up, expire or find no place, while none succeeds."""
    matched_growth, inflight = movement.growth("matched"), movement.total("inflight")
    piles_up = matched_growth > 0 and (movement.growth("queuing") > 0 or inflight > matched_growth)
    loss_growth = movement.growth("dropped.expired") + movement.growth("dropped.queue_full")
    return piles_up or movement.growth("retried") > 0 or loss_growth > 0


def is_waiting(movement: CounterMovement) -> bool:
    """Return whether all messages of the pause are in flight: the target is slow, or does not answer."""
    names = ("success", "failed", "retried", "dropped", "queuing")
    growth = movement.growth("matched")
    is_calm = not any(movement.growth(name) > 0 for name in names)
    return is_calm and 0 < movement.total("inflight") <= growth


def source_movement_causes(movement: CounterMovement, key: str) -> Iterator[Cause]:
    """Yield a finding if a source has received nothing: nothing may have been sent."""
    if not movement.total("received"):
        message = f"source {key} has received no message"
        fix = "check the topic of the source, and whether the target sends messages"
        yield Cause("nothing_received", "possible", message, "since its metrics were reset", "", fix)


def past_causes(movement: CounterMovement, key: str, trace: str) -> Iterator[Cause]:
    """Yield what was lost since the metrics of an idle action were reset, and messages that wait.

    It is only possible that the action still fails, unless no message has ever succeeded.
    """
    success, failed, dropped = (movement.total(name) for name in ("success", "failed", "dropped"))
    evidence = (
        f"{success:.0f} succeeded, {failed:.0f} failed, {dropped:.0f} dropped since its metrics were reset"
    )
    if failed or dropped:
        code = "target_error" if failed >= dropped else "no_answer"
        message = f"action {key}: {choose_message(ERROR_ANSWER if failed >= dropped else NO_ANSWER, key)}"
        message += "" if not success else "; this may be over, no message came in during the measurement"
        yield Cause(code, "possible" if success else "likely", message, evidence, trace)
    elif movement.total("queuing") > 0:
        message = f"action {key}: {count_noun(movement.total('queuing'), 'message')} waiting in the buffer"
        yield Cause("buffered", "possible", message, evidence, trace)


def rule_movement_causes(facts: IntegrationFacts, key: str) -> Iterator[Cause]:
    """Yield what the counters of a rule say; without actions, whose own counters say more."""
    movement = facts.movements.get(("rules", key))
    if movement is None or movement.error:
        return
    evidence = describe_growth(movement, facts.pause)
    trace = f"emqxctl traces tail --rule {quote_for_shell(key)}"
    matched, passed = movement.total("matched"), movement.total("passed")
    yield from sql_exception_causes(movement, key, evidence, trace)
    if movement.growth("actions.failed") > 0:
        message = f"actions of rule {key} fail"
        yield Cause("actions_failed", "likely", message, evidence, trace)
    elif movement.total("actions.failed") and movement.growth("actions.success") <= 0:
        message = f"actions of rule {key} have failed"
        total = f"{movement.total('actions.failed'):.0f} since its metrics were reset"
        yield Cause("actions_failed", "possible", message, total, trace)
    if not matched:
        message = f"no message has matched the FROM of rule {key}"
        yield Cause(
            "no_match", "possible", message, "since its metrics were reset", suggest_topic(facts, key)
        )
    elif not passed and movement.total("failed.no_result") >= matched:
        message = f"the WHERE of rule {key} has filtered all messages"
        yield Cause("filtered", "possible", message, f"{matched:.0f} since its metrics were reset", trace)


def sql_exception_causes(movement: CounterMovement, key: str, evidence: str, trace: str) -> Iterator[Cause]:
    """Yield the errors that the SQL of a rule raises; past ones are only possible if messages passed."""
    total = movement.total("failed.exception")
    exceptions = movement.growth("failed.exception")
    if exceptions > 0 or (total and not movement.total("passed")):
        evidence = evidence if exceptions > 0 else f"{total:.0f} in all"
        message = f"the SQL of rule {key} raises an error"
        fix = "test the SQL with a message of a client"
        yield Cause("sql_exception", "likely", message, evidence, trace, fix)
    elif total:
        message = f"the SQL of rule {key} has raised errors"
        yield Cause("sql_exception", "possible", message, f"{total:.0f} since its metrics were reset", trace)


def suggest_topic(facts: IntegrationFacts, key: str) -> str:
    """Return the command that follows the messages on a topic of a rule; empty for events and sources."""
    topics = (facts.row("rules", key) or {}).get("from")
    names = [str(topic) for topic in topics] if isinstance(topics, list) else []
    plain = [name for name in names if not name.startswith("$")]
    return f"emqxctl traces tail --topic {quote_for_shell(plain[0])}" if plain else ""


def choose_message(messages: dict[str, str], key: str) -> str:
    """Return the message for the type of an action."""
    return messages.get(key.partition(":")[0], messages[""])


def suggest_trace(facts: IntegrationFacts, kind: str, key: str) -> str:
    """Return the command that follows the next message through a rule of an action; empty without a rule."""
    rules = list_rules_of(facts, kind, key)
    return f"emqxctl traces tail --rule {quote_for_shell(rules[0])}" if rules else ""


def describe_growth(movement: CounterMovement, pause: float) -> str:
    """Return how the counters grew: `matched +30, failed +30 in 3s; on emqx@1 only`."""
    growth = {name: value for name, value in movement.grown().items() if name not in HIDDEN_COUNTERS}
    if not growth:
        return f"no counter moved in {format_duration(pause)}"
    text = ", ".join(f"{name} {value:+.0f}" for name, value in growth.items())
    nodes = list(dict.fromkeys(node for name in growth for node in movement.growth_by_node(name)))
    only_node = f" on {nodes[0]}" if len(nodes) == 1 and len(movement.nodes) > 1 and nodes[0] else ""
    return f"{text} in {format_duration(pause)}{only_node}"


HIDDEN_COUNTERS = frozenset({"queuing_bytes"})
