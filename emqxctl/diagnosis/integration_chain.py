"""The chain rule → action or source → connector of an object, and where it is broken. Pure."""

from collections.abc import Iterator, Sequence

from emqxctl.diagnosis.causes import Cause
from emqxctl.diagnosis.connection_reasons import explain_reason
from emqxctl.diagnosis.health import is_enabled
from emqxctl.diagnosis.integration_facts import (
    IntegrationFacts,
    Row,
    get_connector_id,
    list_channels,
    list_node_states,
    list_rule_links,
    list_rules_of,
)

Link = tuple[str, str]  # kind and id
# Reasons of an action or source that say nothing about the target, in words.
DEPENDENT_REASONS = {
    "Resource not operational": "its connector does not work",
    "Not installed": "not running on its connector",
}
CHANNELS = frozenset({"actions", "sources"})
WORKING_STATES = frozenset({"connected", "disabled", "unknown"})
MAX_LINKS = 30  # of a connector that many rules use


def list_links(facts: IntegrationFacts, kind: str, key: str) -> list[Link]:
    """Return the links of an object's chain, rules first and connectors last, each once."""
    return list(dict.fromkeys(iterate_links(facts, kind, key)))[:MAX_LINKS]


def iterate_links(facts: IntegrationFacts, kind: str, key: str) -> Iterator[Link]:
    """Yield the links of an object's chain in their order; links may be repeated."""
    if kind == "rules":
        channels = list_rule_links(facts.row("rules", key) or {})
        rules = [key]
    else:
        channels = list(list_channels(facts, key)) if kind == "connectors" else [(kind, key)]
        rules = [rule for channel in channels for rule in list_rules_of(facts, *channel)]
    yield from (("rules", rule) for rule in rules)
    yield from channels
    if kind == "connectors":
        yield kind, key
    for channel_kind, channel in channels if kind != "connectors" else ():
        row = facts.row(channel_kind, channel)
        if row is not None:
            yield "connectors", get_connector_id(facts, channel, row)


def get_link_state(facts: IntegrationFacts, kind: str, key: str) -> str:
    """Return the state of a link: EMQX's status, `enabled`, `disabled`, `missing` or `unknown`."""
    row = facts.row(kind, key)
    if row is None:
        return "missing" if facts.is_missing(kind, key) else "unknown"
    if not is_enabled(row):
        return "disabled"
    return "enabled" if kind == "rules" else str(row.get("status") or "unknown")


def describe_links(facts: IntegrationFacts, links: Sequence[Link], causes: Sequence[Cause]) -> list[Row]:
    """Return a row for each link, with its state, whether the chain is broken there, and why."""
    return [describe_link(facts, link, causes) for link in links]


def describe_link(facts: IntegrationFacts, link: Link, causes: Sequence[Cause]) -> Row:
    """Return the row of one link; broken is what a certain or likely cause names."""
    kind, key = link
    noun = kind[:-1]
    subject = f"{noun} {key}"
    own = [
        cause
        for cause in causes
        if cause.certainty != "possible"
        and cause.message.startswith((f"{subject}:", f"{subject} ", f"{subject},"))
    ]
    reason = own[0].message.removeprefix(subject).lstrip(":, ") if own else ""
    state = get_link_state(facts, kind, key)
    if not own and kind in CHANNELS and state not in WORKING_STATES:
        reason = "its connector does not work"
    return {
        "kind": noun,
        "id": key,
        "state": state,
        "broken": bool(own),
        "reason": reason,
    }


def describe_nodes(facts: IntegrationFacts, links: Sequence[Link]) -> list[Row]:
    """Return the status of each link on each node, with the reason in words and in EMQX's own."""
    rows: list[Row] = []
    for kind, key in links:
        for state in sorted(list_node_states(facts.row(kind, key) or {})):
            words = DEPENDENT_REASONS.get(state.reason) or explain_reason(state.reason).message
            own_words = {"reason": words, "status_reason": state.reason}
            rows.append(
                {"kind": kind[:-1], "id": key, "node": state.node, "status": state.status, **own_words}
            )
    return rows


def list_missing_nodes(facts: IntegrationFacts, links: Sequence[Link]) -> list[str]:
    """Return the running nodes that no link reports."""
    reported = {state.node for kind, key in links for state in list_node_states(facts.row(kind, key) or {})}
    return [node for node in facts.nodes if node not in reported] if reported else []
