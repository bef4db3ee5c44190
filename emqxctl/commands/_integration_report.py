"""The report of `why` of rules, actions, sources and connectors."""

from collections.abc import Mapping, Sequence

from emqxctl.diagnosis.causes import Cause, cause_to_fact, format_first_cause, list_next_steps
from emqxctl.diagnosis.counter_movement import CounterMovement
from emqxctl.diagnosis.integration_chain import (
    Link,
    describe_links,
    describe_nodes,
    get_link_state,
    list_missing_nodes,
)
from emqxctl.diagnosis.integration_facts import IntegrationFacts, ProbeResult
from emqxctl.errors import ExitCode
from emqxctl.output.formatters import color_state, format_plain
from emqxctl.output.results import Report, Row, Section
from emqxctl.resource import Column

GOOD_STATES = frozenset({"connected", "enabled", "unknown"})
SUMMARY_COLUMNS = (
    Column("id"),
    Column("state", style=color_state),
    Column("causes", "CAUSE", format=format_first_cause, wrap=True),
)
CHAIN_COLUMNS = (
    Column("kind"),
    Column("id"),
    Column("state", style=color_state),
    Column(
        "broken",
        format=lambda value: "BROKEN" if value else "",
        title="LINK",
        style=lambda value: "red" if value else "",
    ),
    Column("reason", wrap=True),
)
NODE_COLUMNS = (
    Column("kind", wide=True),
    Column("id"),
    Column("node"),
    Column("status", style=color_state),
    Column("reason", wrap=True),
)
# Counters of a table: of rules, then of actions and sources; the names of EMQX.
COUNTERS = {
    "matched": ("matched",),
    "success": ("success", "actions.success"),
    "failed": ("actions.failed", "failed"),
    "no_result": ("failed.no_result",),
    "exceptions": ("failed.exception",),
    "dropped": ("dropped",),
    "received": ("received",),
    "retried": ("retried",),
    "late": ("late_reply",),
    "queued": ("queuing",),
}
COUNTER_COLUMNS = (
    Column("id"),
    Column("node"),
    *(Column(name, title=name.upper().replace("_", " "), align_right=True) for name in COUNTERS),
)
OPTIONAL_COUNTERS = frozenset({"no_result", "exceptions", "received", "retried", "late"})


def build_report(
    facts: IntegrationFacts, kind: str, key: str, links: Sequence[Link], causes: Sequence[Cause]
) -> Report:
    """Build the report about one object; its exit code is 8 unless the object works."""
    state = get_link_state(facts, kind, key)
    is_working = state in GOOD_STATES and all(cause.certainty == "possible" for cause in causes)
    return Report(
        {
            "id": key,
            "kind": kind[:-1],
            "state": state,
            "working": is_working,
            "causes": [cause._asdict() for cause in causes],
            **build_data(facts, links, causes),
        },
        describe_state(kind, key, state, causes),
        (
            Section("findings" if is_working else "causes", facts=list(map(cause_to_fact, causes))),
            *build_sections(facts, links, causes),
        ),
        style="green" if is_working else "red",
        key="id",
        exit_code=ExitCode.OK if is_working else ExitCode.NOT_READY,
        columns=SUMMARY_COLUMNS,
    )


def build_sections(facts: IntegrationFacts, links: Sequence[Link], causes: Sequence[Cause]) -> list[Section]:
    """Build the sections below the causes."""
    counters = [row for link in links for row in count_rows(facts.movements.get(link))]
    columns = [column for column in COUNTER_COLUMNS if is_counter_shown(column.field, counters)]
    return [
        Section("chain", rows=describe_links(facts, links, causes), columns=CHAIN_COLUMNS),
        Section("nodes", rows=describe_link_nodes(facts, links), columns=NODE_COLUMNS),
        Section(f"counters over {facts.pause:g} s", rows=counters, columns=columns),
        Section("target, checked from this computer", facts=list_target_facts(facts)),
        Section("test by EMQX", facts=[probe_to_fact(result) for result in facts.probes.values()]),
        Section("unavailable", facts=list_unavailable(facts, list_missing_nodes(facts, links))),
        Section("next steps", lines=list_next_steps(causes)),
    ]


def build_data(facts: IntegrationFacts, links: Sequence[Link], causes: Sequence[Cause]) -> Row:
    """Build the fields of the JSON output that the sections show."""
    return {
        "chain": describe_links(facts, links, causes),
        "nodes": describe_link_nodes(facts, links),
        "counters": [row for link in links for row in count_objects(facts.movements.get(link))],
        "counters_seconds": facts.pause,
        "targets": [check.to_row() for checks in facts.targets.values() for check in checks],
        "tests": [result._asdict() | {"kind": result.kind[:-1]} for result in facts.probes.values()],
        "nodes_without_status": list_missing_nodes(facts, links),
        "unavailable": dict(facts.unavailable),
    }


def describe_link_nodes(facts: IntegrationFacts, links: Sequence[Link]) -> list[Row]:
    """Return the status on each node of the links that have one; rules have none."""
    return describe_nodes(facts, [link for link in links if link[0] != "rules"])


def describe_state(kind: str, key: str, state: str, causes: Sequence[Cause]) -> str:
    """Return a sentence with the state of an object and the first cause."""
    subject = f"{kind[:-1]} {key}"
    sentence = f"{subject} is {state}" if state != "unknown" else f"the state of {subject} is unknown"
    first = causes[0] if causes else None
    if first is None:
        return f"{sentence}. No problems found."
    if first.certainty == "possible":
        return f"{sentence}. No problems found for certain; see the findings."
    reason = first.message.removeprefix(f"{subject}: ")
    return f"{sentence}." if reason == sentence else f"{sentence}: {reason}."


def count_rows(movement: CounterMovement | None) -> list[Row]:
    """Return the counters of an object for a table: growth and total of the sum, and of each node."""
    objects = count_objects(movement)
    rows = []
    for counted_object in objects:
        growth, total = counted_object["growth"], counted_object["total"]
        assert isinstance(growth, Mapping)  # noqa: S101  # built below
        assert isinstance(total, Mapping)  # noqa: S101
        row: Row = {"id": counted_object["id"], "node": counted_object["node"] or "all"}
        for name, counters in COUNTERS.items():
            counter = next((name for name in counters if name in total), None)
            row[name] = format_growth(growth.get(counter, 0), total[counter]) if counter else ""
        rows.append(row)
    return rows


def format_growth(growth: float, total: float) -> str:
    """Format a counter: its growth and its total, `+3 of 40`."""
    return f"{growth:+.0f} of {total:.0f}" if growth else f"{total:.0f}"


def is_counter_shown(field: str, rows: Sequence[Row]) -> bool:
    """Return whether a column has something to show; some counters are mostly 0."""
    if field not in COUNTERS:
        return True
    values = {format_plain(row[field]) for row in rows}
    return bool(values - ({"-", "0"} if field in OPTIONAL_COUNTERS else {"-"}))


def count_objects(movement: CounterMovement | None) -> list[Row]:
    """Return growth and total of the counters of an object: of all nodes, then of each of several."""
    if movement is None or movement.error:
        return []
    names = list(dict.fromkeys(name for node in movement.nodes for name in movement.after[node]))
    names = [name for name in names if "rate" not in name]
    kind, key = movement.object.kind[:-1], movement.object.id
    rows: list[Row] = [
        {
            "kind": kind,
            "id": key,
            "node": None,
            "growth": {name: to_integer(value) for name, value in movement.grown().items()},
            "total": {name: to_integer(movement.total(name)) for name in names},
        }
    ]
    for node in sorted(movement.nodes) if len(movement.nodes) > 1 else ():
        growth = {name: movement.growth_on(node, name) for name in names}
        nonzero_growth = {name: to_integer(value) for name, value in growth.items() if value}
        total = dict(movement.after[node])
        totals = {name: to_integer(total.get(name, 0)) for name in names}
        rows.append({"kind": kind, "id": key, "node": node, "growth": nonzero_growth, "total": totals})
    return rows


def to_integer(value: float) -> float:
    """Return a number without a fraction as an integer."""
    return int(value) if value == int(value) else value


def list_target_facts(facts: IntegrationFacts) -> list[tuple[str, str]]:
    """Return the checks of the targets as facts: the address and the step, then the result."""
    return [
        (f"{check.target.address} {step.check}", f"{step.status}: {step.result}")
        for checks in facts.targets.values()
        for check in checks
        for step in check.findings
    ]


def probe_to_fact(result: ProbeResult) -> tuple[str, str]:
    """Return the result of a test as a fact."""
    text = result.result + (f": {result.reason}" if result.reason else "")
    return f"{result.kind[:-1]} {result.id}", text + (f" ({result.note})" if result.note else "")


def list_unavailable(facts: IntegrationFacts, missing_nodes: Sequence[str]) -> list[tuple[str, str]]:
    """Return what could not be read, and the running nodes without a status."""
    nodes = [("status", f"not reported by {', '.join(missing_nodes)}")] if missing_nodes else []
    return [*facts.unavailable.items(), *nodes]
