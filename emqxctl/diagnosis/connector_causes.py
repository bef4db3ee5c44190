"""Causes for a connector that does not work: what EMQX reports, what its test and the target say. Pure."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from emqxctl.diagnosis.causes import Cause, quote_for_shell
from emqxctl.diagnosis.connection_reasons import UNKNOWN, Reason, explain_reason
from emqxctl.diagnosis.health import is_enabled
from emqxctl.diagnosis.integration_facts import IntegrationFacts, list_node_states
from emqxctl.diagnosis.unknown_names import missing_cause

# Reasons that say only that the connection ended: TLS on one side alone is a frequent cause.
VAGUE_REASONS = frozenset({UNKNOWN, "connection_closed", "connection_reset", "timeout", "tls_failed"})
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
