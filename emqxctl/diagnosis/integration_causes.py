"""Why a connector, action, source or rule does not work: causes in order of likelihood. Pure."""

from collections.abc import Iterator

from emqxctl.diagnosis.causes import Cause, quote_for_shell, sort_by_certainty
from emqxctl.diagnosis.connection_reasons import UNKNOWN, explain_reason
from emqxctl.diagnosis.connector_causes import NodeGroup, connector_causes, list_failing_groups, target_causes
from emqxctl.diagnosis.health import is_enabled
from emqxctl.diagnosis.integration_facts import (
    EVENT_PREFIX,
    IntegrationFacts,
    Row,
    find_close_name,
    get_connector_id,
    list_channels,
    list_rule_links,
)
from emqxctl.diagnosis.movement_causes import channel_movement_causes, rule_movement_causes
from emqxctl.diagnosis.unknown_names import missing_cause

# Reasons of an action or source that repeat the state of its connector.
DEPENDENT_REASONS = ("Not installed", "Resource not operational", "resource_not_operational")


def list_causes(facts: IntegrationFacts, kind: str, key: str) -> list[Cause]:
    """Return the causes for an object, the most certain first, each once.

    Causes that are only possible are omitted if one is certain.
    """
    finders = {"connectors": connector_and_channel_causes, "rules": rule_causes}
    finder = finders.get(kind)
    causes = finder(facts, key) if finder else channel_causes(facts, kind, key)
    sorted_causes = sort_by_certainty(dict.fromkeys(causes))
    if any(cause.certainty == "certain" for cause in sorted_causes):
        return [cause for cause in sorted_causes if cause.certainty != "possible"]
    return sorted_causes


def connector_and_channel_causes(facts: IntegrationFacts, key: str) -> Iterator[Cause]:
    """Yield the causes for a connector; if it works, those for what uses it."""
    causes = list(connector_causes(facts, key))
    yield from causes
    if causes:
        return
    for kind, channel in list_channels(facts, key):
        if is_enabled(facts.row(kind, channel) or {}):
            yield from own_channel_causes(facts, kind, channel)


def channel_causes(facts: IntegrationFacts, kind: str, key: str, user: str = "") -> Iterator[Cause]:
    """Yield the causes for an action or source; `user` is the rule that names it."""
    noun, row = kind[:-1], facts.row(kind, key)
    if row is None:
        if facts.is_missing(kind, key):
            yield missing_cause(facts, kind, key, user)
        return
    if not is_enabled(row):
        next_step = f"emqxctl {kind} enable {quote_for_shell(key)}"
        yield Cause(f"{noun}_disabled", "certain", f"{noun} {key} is disabled", "", next_step)
        return
    broken_connector = list(connector_causes(facts, get_connector_id(facts, key, row)))
    yield from broken_connector or own_channel_causes(facts, kind, key)


def own_channel_causes(facts: IntegrationFacts, kind: str, key: str) -> Iterator[Cause]:
    """Yield the causes for an action or source whose connector works."""
    row = facts.row(kind, key) or {}
    groups = list_failing_groups(row)
    for group in groups:
        yield channel_failure_cause(facts, kind, key, group)
    if groups:
        return
    causes = list(channel_movement_causes(facts, kind, key))
    if any(cause.certainty != "possible" for cause in causes):
        yield from target_causes(facts, get_connector_id(facts, key, row), is_silent=True)
    yield from causes


def channel_failure_cause(facts: IntegrationFacts, kind: str, key: str, group: NodeGroup) -> Cause:
    """Return why an action or source does not work on some nodes although its connector does."""
    noun = kind[:-1]
    row = facts.row(kind, key) or {}
    connector = get_connector_id(facts, key, row)
    if group.reason in DEPENDENT_REASONS and facts.rows.get("connectors") is None:
        message = f"{noun} {key}: its connector {connector} does not work{group.location}"
        return Cause(
            "connector_failing", "certain", message, group.reason, f"emqxctl connectors why {connector}"
        )
    probe = facts.probes.get((kind, key))
    reason = explain_reason("" if group.reason in DEPENDENT_REASONS else group.reason)
    if reason.code == UNKNOWN and probe and probe.result == "fails":
        reason = explain_reason(probe.reason)
    next_step = f"emqxctl {kind} test {quote_for_shell(key)}"
    if reason.message:
        message = f"{noun} {key}: {reason.message}{group.location}"
        code = reason.code if reason.code != UNKNOWN else "not_connected"
        return Cause(code, "certain", message, reason.text, next_step, reason.fix)
    message = f"{noun} {key} is {group.status}{group.location} although its connector works"
    next_step = f"emqxctl {kind} start {quote_for_shell(key)}"
    return Cause("not_installed", "likely", message, group.reason, next_step)


def rule_causes(facts: IntegrationFacts, key: str) -> Iterator[Cause]:
    """Yield the causes for a rule: itself, its sources, its actions, their connectors."""
    row = facts.row("rules", key) or {}
    if not is_enabled(row):
        next_step = f"emqxctl rules enable {quote_for_shell(key)}"
        yield Cause("rule_disabled", "certain", f"rule {key} is disabled", "", next_step)
    if not row.get("actions"):
        next_step = f"emqxctl rules update {quote_for_shell(key)} --action TYPE:NAME"
        yield Cause("no_actions", "certain", f"rule {key} has no actions", "", next_step)
    yield from event_causes(facts, key, row)
    link_causes = [
        cause for kind, link in list_rule_links(row) for cause in channel_causes(facts, kind, link, key)
    ]
    yield from link_causes
    movement_causes = rule_movement_causes(facts, key)
    yield from (cause for cause in movement_causes if not (link_causes and cause.cause == "actions_failed"))


def event_causes(facts: IntegrationFacts, key: str, row: Row) -> Iterator[Cause]:
    """Yield the events in FROM that EMQX does not have; 6.x has a second form: `$events/client/connected`."""
    topics = row.get("from")
    names = {normalize_event(name): name for name in facts.events}
    for topic in topics if isinstance(topics, list) and names else []:
        text = str(topic)
        if not text.startswith(EVENT_PREFIX) or normalize_event(text) in names or "+" in text or "#" in text:
            continue
        close = names.get(find_close_name(normalize_event(text), list(names)), "")
        fix = f'did you mean "{close}"?' if close else ""
        message = f"rule {key}: EMQX has no event {text}"
        yield Cause(
            "unknown_event", "likely" if close else "possible", message, "", "emqxctl rules events", fix
        )


def normalize_event(name: str) -> str:
    """Return the name of an event in one form."""
    return name.removeprefix(EVENT_PREFIX).replace("/", "_")
