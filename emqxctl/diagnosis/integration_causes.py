"""Why a connector, action, source or rule does not work: causes in order of likelihood. Pure."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from emqxctl.diagnosis.causes import Cause, quote_for_shell, sort_by_certainty
from emqxctl.diagnosis.connection_reasons import UNKNOWN, Reason, explain_reason
from emqxctl.diagnosis.health import is_enabled
from emqxctl.diagnosis.integration_facts import (
    EVENT_PREFIX,
    IntegrationFacts,
    Row,
    find_close_name,
    get_connector_id,
    list_channels,
    list_node_states,
    list_rule_links,
)
from emqxctl.diagnosis.movement_causes import channel_movement_causes, rule_movement_causes

# Reasons that say only that the connection ended: TLS on one side alone is a frequent cause.
VAGUE_REASONS = frozenset({UNKNOWN, "connection_closed", "connection_reset", "timeout", "tls_failed"})
# Reasons of an action or source that repeat the state of its connector.
DEPENDENT_REASONS = ("Not installed", "Resource not operational", "resource_not_operational")
TARGET_CAUSES = {
    "unknown_host": "the host name of the target cannot be resolved",
    "connection_refused": "the target refuses connections",
    "unreachable": "there is no route to the target",
    "timeout": "the target does not respond",
    "tls_required": "the target requires TLS, and the connector does not use it",
    "tls_not_spoken": "the target does not use TLS on this port",
    "tls_expired": "the certificate of the target has expired or is not valid yet",
    "tls_wrong_name": "the certificate of the target is for another host name",
    "tls_failed": "the TLS handshake with the target fails",
}


class NodeGroup(NamedTuple):
    """The nodes on which an object does not work, for one reason; no nodes if the object lists none."""

    status: str
    reason: str
    nodes: tuple[str, ...] = ()
    is_everywhere: bool = True

    @property
    def location(self) -> str:
        """Where the object does not work; empty for everywhere."""
        return "" if self.is_everywhere else f" on {', '.join(self.nodes)}"


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


def connector_causes(facts: IntegrationFacts, key: str) -> Iterator[Cause]:
    """Yield the causes for a connector itself."""
    row = facts.row("connectors", key)
    if row is None:
        if facts.is_missing("connectors", key):
            yield missing_cause(facts, "connectors", key)
        return
    if not is_enabled(row):
        next_step = f"emqxctl connectors enable {quote_for_shell(key)}"
        yield Cause("connector_disabled", "certain", f"connector {key} is disabled", "", next_step)
        return
    groups = list_failing_groups(row)
    if groups and has_recovered(facts, key, groups):
        yield recovered_cause(key, groups[0])
        return
    for group in groups:
        yield from failure_causes(facts, key, group)


def recovered_cause(key: str, group: NodeGroup) -> Cause:
    """Return the cause for a connector that could connect now: it begins to, or its status is old."""
    start = f"emqxctl connectors start {quote_for_shell(key)}"
    evidence = "EMQX's test of its stored definition works"
    if group.status == "connecting":
        message = f"connector {key} is still connecting; its target can be used"
        return Cause("connecting", "likely", message, evidence, start)
    message = f"connector {key} can connect now: EMQX still shows an earlier failure"
    return Cause(
        "recovered", "certain", message, f"{evidence}; earlier: {group.reason or group.status}", start
    )


def has_recovered(facts: IntegrationFacts, key: str, groups: list[NodeGroup]) -> bool:
    """Return whether a connector that works on no node could connect when EMQX tested it, on one node."""
    probe = facts.probes.get(("connectors", key))
    return probe is not None and probe.result == "works" and all(group.is_everywhere for group in groups)


def list_failing_groups(row: Mapping[str, object]) -> list[NodeGroup]:
    """Return the nodes on which an object is not connected, by reason."""
    states = list_node_states(row)
    failing = [state for state in states if state.status != "connected"]
    if not states and str(row.get("status") or "unknown") not in {"connected", "unknown"}:
        return [NodeGroup(str(row["status"]), str(row.get("status_reason") or row.get("error") or ""))]
    groups: dict[tuple[str, str], list[str]] = {}
    for state in failing:
        groups.setdefault((state.status, state.reason), []).append(state.node)
    is_everywhere = len(failing) == len(states)
    return [
        NodeGroup(status, reason, tuple(nodes), is_everywhere and len(groups) == 1)
        for (status, reason), nodes in groups.items()
    ]


def failure_causes(facts: IntegrationFacts, key: str, group: NodeGroup) -> Iterator[Cause]:
    """Yield why a connector does not work on some nodes: what EMQX says, and what was checked from here."""
    subject = f"connector {key}"
    reason = explain_reason(group.reason)
    if reason.code == UNKNOWN:
        probe = facts.probes.get(("connectors", key))
        reason = explain_reason(probe.reason) if probe and probe.result == "fails" else reason
    next_step = f"emqxctl connectors test {quote_for_shell(key)}"
    is_vague = reason.code in VAGUE_REASONS and not (reason.code == UNKNOWN and reason.message)
    others = list(target_causes(facts, key, is_silent=not reason.message)) if is_vague else []
    yield from others
    is_uncertain = not reason.message or any(cause.certainty == "likely" for cause in others)
    message = reason.message or f"{group.status}; EMQX gives no reason"
    yield Cause(
        reason.code if reason.code != UNKNOWN else "not_connected",
        "likely" if is_uncertain else "certain",
        f"{subject}: {message}{group.location}",
        "; ".join(filter(None, (reason.text, describe_target(facts, key, reason)))),
        next_step,
        reason.fix,
    )


def target_causes(facts: IntegrationFacts, key: str, *, is_silent: bool) -> Iterator[Cause]:
    """Yield what is wrong with the target of a connector as seen from this computer; never certain.

    Only what a firewall before this computer does not cause is likely; that the target refuses connections
    only if EMQX `is_silent` about the reason.
    """
    for check in facts.targets.get(key, ()):
        if check.code in TARGET_CAUSES:
            last = check.findings[-1]
            is_likely = check.code.startswith("tls_") or (is_silent and check.code == "connection_refused")
            message = f"connector {key}: {TARGET_CAUSES[check.code]} ({check.target.address})"
            evidence = f"checked from this computer: {last.result}"
            next_step = f"emqxctl connectors test {quote_for_shell(key)}"
            yield Cause(
                check.code, "likely" if is_likely else "possible", message, evidence, next_step, last.fix
            )


def describe_target(facts: IntegrationFacts, key: str, reason: Reason) -> str:
    """Return what the check of the target from this computer adds to a reason; empty for nothing."""
    checks = facts.targets.get(key, ())
    if reason.code == "connection_refused" and any(check.target.is_loopback for check in checks):
        return "localhost is the node itself; in a container, the container"
    for check in checks:
        if check.code and (check.code == reason.code or (reason.is_tls and check.code.startswith("tls_"))):
            return f"from this computer too: {check.findings[-1].result}"
    if checks and not any(check.code for check in checks) and not reason.is_tls:
        return "from this computer the target can be reached"
    return ""


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


def missing_cause(facts: IntegrationFacts, kind: str, key: str, user: str = "") -> Cause:
    """Return the cause for an object that is named but does not exist, with the name that may be meant."""
    noun = kind[:-1]
    close = find_close_name(key, facts.keys(kind))
    mention = f", which rule {user} names," if user else ""
    message = f"{noun} {key}{mention} does not exist"
    fix = f"did you mean {close}?" if close else ""
    next_step = f"emqxctl {kind} list"
    if user and close and kind == "actions":
        next_step = suggest_rule_update(facts, user, key, close)
    return Cause(f"unknown_{noun}", "certain", message, "", next_step, fix)


def suggest_rule_update(facts: IntegrationFacts, rule: str, wrong: str, right: str) -> str:
    """Return the command that replaces a misspelt action of a rule, and keeps the others."""
    from json import dumps

    actions = (facts.row("rules", rule) or {}).get("actions")
    words = []
    for action in actions if isinstance(actions, list) else []:
        is_plain = isinstance(action, dict) and set(action) <= {"function"} and "function" in action
        text = action if isinstance(action, str) else action["function"] if is_plain else dumps(action)
        words.append(f"--action {quote_for_shell(right if text == wrong else str(text))}")
    return f"emqxctl rules update {quote_for_shell(rule)} {' '.join(dict.fromkeys(words))}"
