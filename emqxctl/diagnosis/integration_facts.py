"""Rules, actions, sources and connectors, how they are linked, and what was read of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from emqxctl.api.parallel import Fetch, Fetched, fetch_list, fetch_path
from emqxctl.diagnosis.counter_movement import CounterMovement
from emqxctl.diagnosis.health import describe_stopped_nodes, dict_rows, get_resource_id, is_running
from emqxctl.diagnosis.target_check import TargetCheck
from emqxctl.errors import ExitCode
from emqxctl.resource import Resource

Row = dict[str, Any]
SOURCE_PREFIXES = ("$bridges/", "$sources/")  # of the topics of sources in FROM
EVENT_PREFIX = "$events/"
WORKING, FAILING, DISABLED, MISSING, UNREAD = "connected", "failing", "disabled", "missing", "unknown"


class NodeState(NamedTuple):
    """The status of an object on one node, with EMQX's reason."""

    node: str
    status: str
    reason: str = ""


class ProbeResult(NamedTuple):
    """The result of EMQX's test of a stored definition: `works`, `fails` or `not run`, and why.

    `note` says what to know about the test.
    """

    kind: str
    id: str
    result: str
    reason: str = ""
    note: str = ""


class IntegrationFacts(NamedTuple):
    """All rows by kind (`connectors`, `actions`, `sources`, `rules`) and id; None if a list was not read.

    `unavailable` says why; `nodes` are the running nodes; `events` are those that rules can select from.
    """

    rows: Mapping[str, Mapping[str, Row] | None]
    nodes: Sequence[str] = ()
    events: Sequence[str] = ()
    movements: Mapping[tuple[str, str], CounterMovement] = {}
    pause: float = 0.0
    targets: Mapping[str, Sequence[TargetCheck]] = {}  # by the id of a connector
    probes: Mapping[tuple[str, str], ProbeResult] = {}
    unavailable: Mapping[str, str] = {}

    def row(self, kind: str, key: str) -> Row | None:
        """Return an object; None if it does not exist, or its list was not read."""
        return (self.rows.get(kind) or {}).get(key)

    def is_missing(self, kind: str, key: str) -> bool:
        """Return whether an object does not exist; False if its list was not read."""
        rows = self.rows.get(kind)
        return rows is not None and key not in rows

    def keys(self, kind: str) -> list[str]:
        """Return the ids of all objects of a kind."""
        return list(self.rows.get(kind) or {})


def list_fetches(rules: Resource, *, with_events: bool = False) -> dict[str, Fetch]:
    """Return the fetches of the lists that a chain of rules, actions and connectors is in."""
    fetches = {kind: fetch_path(f"/{kind}") for kind in ("connectors", "actions", "sources", "nodes")}
    fetches["rules"] = fetch_list(rules)
    return fetches | ({"events": fetch_path("/rule_events")} if with_events else {})


def build_facts(parts: Mapping[str, Fetched]) -> IntegrationFacts:
    """Build the facts from the lists; what this EMQX lacks is empty, what failed is unavailable."""
    unavailable = {
        name: part.missing
        for name, part in parts.items()
        if part.error and part.error.exit_code is not ExitCode.UNSUPPORTED
    }
    rows = {
        kind: None if parts[kind].error else index_rows(kind, parts[kind].value)
        for kind in ("connectors", "actions", "sources", "rules")
    }
    node_rows = dict_rows(parts["nodes"].value)
    nodes = [str(row.get("node")) for row in node_rows if is_running(row)]
    unavailable |= describe_stopped_nodes(node_rows)
    events = parts["events"].value if "events" in parts else ()
    names = [str(row.get("event")) for row in dict_rows(events) if row.get("event")]
    return IntegrationFacts(rows, nodes=nodes, events=names, unavailable=unavailable)


def index_rows(kind: str, rows: object) -> dict[str, Row]:
    """Return rows by id."""
    objects: list[Row] = dict_rows(rows)
    return {str(row.get("id")) if kind == "rules" else get_resource_id(row): row for row in objects}


def list_node_states(row: Mapping[str, object]) -> list[NodeState]:
    """Return the status of an object on each node."""
    return [
        NodeState(
            str(node.get("node", "?")),
            str(node.get("status") or "unknown"),
            str(node.get("status_reason") or node.get("error") or ""),
        )
        for node in dict_rows(row.get("node_status"))
    ]


def get_connector_id(facts: IntegrationFacts, channel: str, row: Mapping[str, object]) -> str:
    """Return the id of the connector of an action or source; nearly always it is of the same type."""
    name = str(row.get("connector") or "")
    key = f"{channel.partition(':')[0]}:{name}"
    if not facts.is_missing("connectors", key):
        return key
    other_ids = [other for other in facts.keys("connectors") if other.partition(":")[2] == name]
    own_channels = [
        other
        for other in other_ids
        if channel.partition(":")[2] in list_names(facts.row("connectors", other))
    ]
    return own_channels[0] if own_channels else key


def list_names(connector: Mapping[str, object] | None) -> list[str]:
    """Return the names of the actions and sources that a connector lists (EMQX 5.8.0 and later)."""
    fields = [(connector or {}).get(field) for field in ("actions", "sources")]
    return [str(name) for names in fields if isinstance(names, list) for name in names]


def list_channels(facts: IntegrationFacts, connector: str) -> Iterator[tuple[str, str]]:
    """Yield kind and id of the actions and sources on a connector."""
    for kind in ("actions", "sources"):
        for key in facts.keys(kind):
            row = facts.row(kind, key)
            if row is not None and get_connector_id(facts, key, row) == connector:
                yield kind, key


def list_rule_links(rule: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return kind and id of the sources that a rule reads from and of the actions that it runs.

    Functions (`console`, `republish`) are no links, and a source with a wildcard is none of them alone.
    """
    topics, actions = rule.get("from"), rule.get("actions")
    texts = [str(topic) for topic in topics] if isinstance(topics, list) else []
    sources = [
        text.partition("/")[2] for text in texts if text.startswith(SOURCE_PREFIXES) and "*" not in text
    ]
    ids = [action for action in actions if isinstance(action, str)] if isinstance(actions, list) else []
    return [*(("sources", key) for key in sources), *(("actions", key) for key in ids)]


def list_rules_of(facts: IntegrationFacts, kind: str, key: str) -> list[str]:
    """Return the ids of the rules that use an action or source."""
    return [
        rule for rule in facts.keys("rules") if (kind, key) in list_rule_links(facts.row("rules", rule) or {})
    ]


def find_close_name(name: str, names: Sequence[str]) -> str:
    """Return the name that a misspelt one most likely means, empty for none."""
    from difflib import get_close_matches

    lower = {candidate.lower(): candidate for candidate in names}
    matches = get_close_matches(name.lower(), lower, n=1, cutoff=0.75)
    return lower[matches[0]] if matches else ""
