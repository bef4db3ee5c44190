"""The report of `messages why`."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from emqxctl.commands.messages.why._cause import Cause, count_many
from emqxctl.commands.messages.why._clients import MAX_SHOWN_CLIENTS, describe_session
from emqxctl.commands.messages.why._counters import list_counter_rows, sum_losses
from emqxctl.diagnosis.counter_movement import CounterMovement
from emqxctl.errors import ExitCode
from emqxctl.output.formatters import color_state, format_duration_ms, format_plain, number_formatter
from emqxctl.output.results import Report, Row, Section
from emqxctl.resource import Column
from emqxctl.text.units import format_duration

# What EMQX 5.8.9 and 6.2.2 discard without a counter.
NOT_COUNTED = (
    "retained messages above retainer.max_publish_rate or retainer.max_payload_size",
    "messages for sessions that ended: expired, or replaced by a clean start",
    "publishes larger than mqtt.max_packet_size: EMQX closes the connection",
)
format_count = number_formatter(lambda value: f"{value:,.0f}")


def format_nodes(value: object) -> str:
    """Format counts by node: `emqx1: 5, emqx2: 7`."""
    if not isinstance(value, Mapping) or not value:
        return "-"
    return ", ".join(f"{node}: {count:,.0f}" for node, count in value.items())


def format_first_cause(causes: object) -> str:
    """Format the first cause, with its certainty."""
    first = causes[0] if isinstance(causes, list) and causes else None
    return f"{first['certainty']}: {first['message']}" if isinstance(first, Mapping) else "-"


COUNTER_COLUMNS = (
    Column("counter"),
    Column("increase", "NOW", format=format_count, align_right=True),
    Column("total", "SINCE START", format=format_count, align_right=True),
    Column("nodes", "NOW BY NODE", format=format_nodes, wrap=True),
)
CLIENT_COLUMNS = (
    Column("clientid", "CLIENT ID"),
    Column("increase", "NOW", format=format_count, align_right=True),
    Column("dropped", "DROPPED", format=format_count, align_right=True),
    Column("connected", style=color_state),
    Column("mqueue_len", "QUEUED", align_right=True),
    Column("inflight_cnt", "IN FLIGHT", align_right=True),
    Column("node"),
)
INTEGRATION_COLUMNS = (
    Column("kind"),
    Column("id", "ID"),
    Column("counter"),
    Column("increase", "NOW", format=format_count, align_right=True),
    Column("total", "SINCE START", format=format_count, align_right=True),
)
SLOW_COLUMNS = (
    Column("clientid", "CLIENT ID"),
    Column("topic"),
    Column("timespan", "LATENCY", format=format_duration_ms, align_right=True),
    Column("node"),
)
SUMMARY_COLUMNS = (
    Column("lost", format=format_count, align_right=True),
    Column("causes", "CAUSE", format=format_first_cause, wrap=True),
)


class Findings(NamedTuple):
    """All that `messages why` has to report; `seconds` is how long it measured."""

    causes: Sequence[Cause]
    seconds: float
    movement: CounterMovement
    clients: Sequence[Row]
    integration: Sequence[Row]
    slow_subscriptions: Sequence[Row]
    topic: Row | None
    clientid: str | None
    session: Row
    scanned: int
    omitted_objects: int
    client_count: int | None
    unavailable: Mapping[str, str]
    settings: Mapping[str, object]

    @property
    def decisive(self) -> Cause | None:
        """The first cause, if messages were lost during the measurement or do not reach the receivers."""
        first = self.causes[0] if self.causes else None
        if first is None or first.past or first.certainty == "possible":
            return None
        return first if first.loss or first.rank == 0 else None


def build_report(findings: Findings) -> Report:
    """Build the report; its exit code is 8 if messages do not arrive now."""
    is_bad = findings.decisive is not None
    return Report(
        build_data(findings),
        describe_result(findings),
        build_sections(findings),
        style="red" if is_bad else "green",
        key="lost",
        notes=list_notes(findings),
        exit_code=ExitCode.NOT_READY if is_bad else ExitCode.OK,
        columns=SUMMARY_COLUMNS,
    )


def build_sections(findings: Findings) -> tuple[Section, ...]:
    """Build the sections of the report; the empty ones are not shown."""
    return (
        Section("causes", facts=[fact for cause in findings.causes for fact in cause_to_facts(cause)]),
        Section("client", facts=list_client_facts(findings)),
        Section("topic", facts=list_topic_facts(findings.topic)),
        Section("counters", rows=list_counter_rows(findings.movement), columns=COUNTER_COLUMNS),
        Section(
            "clients with the most drops",
            rows=findings.clients[:MAX_SHOWN_CLIENTS],
            columns=CLIENT_COLUMNS,
        ),
        Section(
            "rules, actions and sources",
            rows=list_object_counters(findings.integration),
            columns=INTEGRATION_COLUMNS,
        ),
        Section("slow subscriptions", rows=findings.slow_subscriptions, columns=SLOW_COLUMNS),
        Section("unavailable", facts=list(findings.unavailable.items())),
        Section("not counted by EMQX", lines=NOT_COUNTED),
        Section("next steps", lines=list_next_steps(findings.causes)),
    )


def list_object_counters(rows: Sequence[Row]) -> list[Row]:
    """Return a row for each counter of the rules, actions and sources that grew or lost messages."""
    counters: list[Row] = []
    for row in rows:
        increase, total = to_counts(row["increase"]), to_counts(row["total"])
        counters += [
            {
                "kind": row["kind"],
                "id": row["id"],
                "counter": name,
                "increase": increase.get(name, 0),
                "total": total.get(name),
            }
            for name in dict.fromkeys((*total, *increase))
        ]
    return counters


def to_counts(value: object) -> Mapping[str, object]:
    """Return a row's counters by name."""
    return value if isinstance(value, Mapping) else {}


def build_data(findings: Findings) -> Row:
    """Build the report as one object."""
    return {
        "seconds": round(findings.seconds, 3),
        "lost": sum_losses(findings.causes),
        "causes": [cause.to_object() for cause in findings.causes],
        "topic": findings.topic,
        "client": findings.session or None,
        "counters": list_counter_rows(findings.movement),
        "clients": list(findings.clients),
        "clients_read": findings.scanned,
        "integration": list(findings.integration),
        "slow_subscriptions": list(findings.slow_subscriptions),
        "settings": dict(findings.settings),
        "not_counted": list(NOT_COUNTED),
        "unavailable": dict(findings.unavailable),
    }


def describe_result(findings: Findings) -> str:
    """Return a sentence with what was lost, and the first cause."""
    duration = format_duration(max(round(findings.seconds), 1))
    first = findings.decisive
    if first is not None:
        return capitalize(f"{first.message}.") if first.rank == 0 else f"Messages are lost: {first.message}."
    subjects = [
        *([f"for topic {findings.topic['topic']!r}"] if findings.topic else []),
        *([f"for client {findings.clientid!r}"] if findings.clientid is not None else []),
    ]
    sentence = " ".join(["No message was lost", *subjects, f"in {duration}, as far as EMQX counts."])
    if not findings.seconds:
        sentence = " ".join(["No losses were measured", *subjects, "(--over 0)."])
    current = [cause for cause in findings.causes if not cause.past]
    if current:
        return f"{sentence} {'Elsewhere: ' if is_elsewhere(current[0]) else ''}{describe_other(current[0])}."
    return f"{sentence} Earlier losses: {findings.causes[0].message}." if findings.causes else sentence


def is_elsewhere(cause: Cause) -> bool:
    """Return whether a cause is of the whole cluster, not of the topic or client in question."""
    return cause.loss and cause.certainty == "possible"


def describe_other(cause: Cause) -> str:
    """Return a cause outside what the command was asked about, as a sentence or after a colon."""
    return cause.message if is_elsewhere(cause) else capitalize(cause.message)


def capitalize(text: str) -> str:
    """Return a text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def cause_to_facts(cause: Cause) -> list[tuple[str, str]]:
    """Return a cause as facts: its certainty with the evidence, and what to change."""
    message = cause.message + (f" ({cause.evidence})" if cause.evidence else "")
    name = "before" if cause.past else cause.certainty
    facts = [(name, message + (", since the nodes started" if cause.past and cause.rank != 0 else ""))]
    return [*facts, ("", cause.advice)] if cause.advice else facts


def list_client_facts(findings: Findings) -> list[tuple[str, str]]:
    """Return the facts about the client that the command was asked about."""
    session = findings.session
    if not session:
        return []
    expiry = session.get("expiry_interval")
    lifetime = "ends with the connection"
    if isinstance(expiry, int) and expiry:
        lifetime = f"kept for {format_duration(expiry)} after a disconnect"
    sent, received = (session.get(f"{name}.dropped") for name in ("send_msg", "recv_msg"))
    return [
        ("State", describe_session(session)),
        ("Session", lifetime),
        ("Dropped", f"{format_plain(sent)} to the client, {format_plain(received)} from it"),
    ]


def list_topic_facts(topic: Row | None) -> list[tuple[str, str]]:
    """Return the facts about the topic that the command was asked about."""
    if topic is None:
        return []
    clients, groups = topic["clients"], topic["shared"]
    names = [str(row.get("clientid")) for row in clients] if isinstance(clients, list) else []
    names += [f"group {group['group']}" for group in groups] if isinstance(groups, list) else []
    omission = f" and {len(names) - 5} more" if len(names) > 5 else ""
    facts = [("Received by", (", ".join(names[:5]) + omission) or "no client")]
    if topic["real_topic"] != topic["topic"]:
        facts.append(("Rewritten to", str(topic["real_topic"])))
    rules = topic["rules"]
    if isinstance(rules, list) and rules:
        facts.append(("Rules", ", ".join(map(str, rules))))
    growth = topic["increase"]
    if isinstance(growth, Mapping) and growth:
        incoming, outgoing, dropped = (
            growth.get(f"messages.{name}.count", 0) for name in ("in", "out", "dropped")
        )
        facts.append(("Metrics", f"{incoming:.0f} in, {outgoing:.0f} out, {dropped:.0f} dropped"))
    return facts


def list_notes(findings: Findings) -> list[str]:
    """Return what was not read."""
    notes = []
    if (
        findings.clientid is None
        and findings.topic is None
        and findings.client_count is not None
        and findings.client_count > findings.scanned > 0
    ):
        total = count_many(findings.client_count, "client")
        notes.append(f"only {findings.scanned} of {total} were read; read more: --scan N")
    if findings.omitted_objects:
        notes.append(f"the counters of {findings.omitted_objects} rules, actions and sources were not read")
    return notes


def list_next_steps(causes: Sequence[Cause]) -> list[str]:
    """Return the commands to run next, each once."""
    return list(dict.fromkeys(cause.next_step for cause in causes if cause.next_step))
