"""The report of `topics who`."""

from collections.abc import Mapping

from emqxctl.diagnosis.health import dict_rows
from emqxctl.errors import ExitCode
from emqxctl.output.formatters import color_state
from emqxctl.output.results import Report, Row, Section
from emqxctl.resource import Column
from emqxctl.text.nouns import count_noun


def format_rule_actions(value: object) -> str:
    """Format the actions of a rule; a function by its name and the topic it publishes to."""
    if not isinstance(value, list):
        return ""
    names = []
    for action in value:
        if isinstance(action, Mapping):
            topic = get_object(action.get("args")).get("topic")
            names.append(f"{action.get('function')} {topic}" if topic else str(action.get("function")))
        else:
            names.append(str(action))
    return ", ".join(names)


CLIENT_COLUMNS = (
    Column("clientid", "CLIENT ID"),
    Column("topic", "SUBSCRIBED TO"),
    Column("qos", "QOS", align_right=True),
    Column("node"),
)
GROUP_COLUMNS = (
    Column("group"),
    Column("filter", "SUBSCRIBED TO"),
    Column("members", align_right=True),
    Column("clients", "SAMPLE"),
)
RULE_COLUMNS = (
    Column("id", "ID"),
    Column("enable", "ENABLED", style=color_state),
    Column("from"),
    Column("actions", format=format_rule_actions),
)
SOURCE_COLUMNS = (
    Column("name"),
    Column("type"),
    Column("parameters.topic", "REMOTE TOPIC"),
    Column("status", style=color_state),
)
AUTO_SUBSCRIBE_COLUMNS = (
    Column("topic"),
    Column("qos", "QOS", align_right=True),
    Column("nl", "NO LOCAL", align_right=True),
)


def format_length(value: object) -> str:
    """Format a list as its length."""
    return str(len(value)) if isinstance(value, list) else "-"


SUMMARY_COLUMNS = (
    Column("topic"),
    Column("deliveries", "RECEIVERS", align_right=True),
    Column("shared", "SHARED GROUPS", format=format_length, align_right=True),
    Column("rules", format=format_length, align_right=True),
    Column("retained.publish_at", "RETAINED"),
)


def build_report(findings: Row, exit_code: ExitCode) -> Report:
    """Build the report."""
    groups = dict_rows(findings["shared"])
    direct_count = get_count(findings["subscriptions"]) - sum(get_count(group["members"]) for group in groups)
    total = count_noun(direct_count, "client")
    shown_count = len(dict_rows(findings["clients"]))
    note = f"showing the first {shown_count} of {total}; use --limit N to show more"
    verdicts = [
        {name: value for name, value in verdict.items() if name != "message"}
        for verdict in dict_rows(findings["authorization"])
    ]
    return Report(
        findings | {"authorization": verdicts},
        describe_receivers(findings),
        build_sections(findings),
        style="green" if exit_code is ExitCode.OK else "red",
        key="topic",
        notes=[note] if findings["truncated"] else [],
        exit_code=exit_code,
        columns=SUMMARY_COLUMNS,
    )


def build_sections(findings: Row) -> tuple[Section, ...]:
    """Build the sections of the report; the empty ones are not shown."""
    unavailable = get_object(findings["unavailable"])
    return (
        Section("topic", facts=list_topic_facts(findings)),
        Section("clients", rows=dict_rows(findings["clients"]), columns=CLIENT_COLUMNS),
        Section(
            "shared groups: one member of each receives it",
            rows=dict_rows(findings["shared"]),
            columns=GROUP_COLUMNS,
        ),
        Section("rules", rows=dict_rows(findings["rules"]), columns=RULE_COLUMNS),
        Section("sources", rows=dict_rows(findings["sources"]), columns=SOURCE_COLUMNS),
        Section("auto-subscribe", rows=dict_rows(findings["auto_subscribe"]), columns=AUTO_SUBSCRIBE_COLUMNS),
        Section("authorization", lines=list_caveats(findings), facts=list_authorization_facts(findings)),
        Section("unavailable", facts=[(name, str(reason)) for name, reason in unavailable.items()]),
    )


def describe_receivers(findings: Row) -> str:
    """Return a sentence with the receivers: `2 subscriptions and 1 shared group receive t/1.`."""
    group_count = len(dict_rows(findings["shared"]))
    direct_count = get_count(findings["deliveries"]) - group_count
    enabled_rules = [rule for rule in dict_rows(findings["rules"]) if rule["enable"] is not False]
    receivers = []
    if direct_count:
        receivers.append(count_noun(direct_count, "subscription"))
    if group_count:
        receivers.append(count_noun(group_count, "shared group"))
    verb = "receive" if direct_count + group_count > 1 else "receives"
    sentence = f"{' and '.join(receivers) or 'No client'} {verb} {findings['topic']}"
    if enabled_rules:
        verb = "process" if len(enabled_rules) > 1 else "processes"
        sentence += f"; {count_noun(len(enabled_rules), 'rule')} {verb} it"
    return sentence + "."


def list_topic_facts(findings: Row) -> list[tuple[str, str]]:
    """Return what else is known about the topic."""
    facts = []
    if findings["rewrite"]:
        facts.append(("Rewritten", describe_rewrite(findings)))
    if findings["delayed_seconds"] is not None:
        delay = f"by {findings['delayed_seconds']:g} s, then published on {findings['real_topic']}"
        facts.append(("Delayed", delay))
    if get_count(findings["no_local"]):
        facts.append(("No local", "the client does not receive its own messages"))
    facts.append(("Retained", describe_retained(findings)))
    metrics = get_object(findings["metrics"])
    if metrics:
        incoming, outgoing, dropped = (
            metrics.get(f"messages.{name}.count", "?") for name in ("in", "out", "dropped")
        )
        facts.append(("Metrics", f"{incoming} in, {outgoing} out, {dropped} dropped"))
    return facts


def describe_rewrite(findings: Row) -> str:
    """Return what the topic is rewritten to, and by which rule."""
    target = f"{findings['topic']} to {findings['real_topic']}"
    if findings["rewrite_unknown"]:
        target = f"target unknown: {findings['rewrite_unknown']}"
    return f"{target} (rule for {get_object(findings['rewrite']).get('source_topic')})"


def describe_retained(findings: Row) -> str:
    """Return the size and origin of the topic's retained message."""
    message = get_object(findings["retained"])
    if not message:
        return "unknown" if "retained message" in get_object(findings["unavailable"]) else "none"
    size = message.get("payload_bytes")
    size_text = "over 1 MiB" if size is None else f"{size} bytes"
    origin = f"by {message.get('from_clientid')} at {message.get('publish_at')}"
    return f"{size_text}, QoS {message.get('qos')}, {origin}"


def list_caveats(findings: Row) -> list[str]:
    """Return what the verdicts on authorization depend on."""
    return [f"Applies {findings['caveat']}:"] if findings["caveat"] else []


def list_authorization_facts(findings: Row) -> list[tuple[str, str]]:
    """Return what the client may do."""
    phrases = {"allow": "may", "deny": "may not"}
    return [
        (
            f"{verdict['clientid']} {phrases.get(str(verdict['result']), 'to')} {verdict['action']}",
            str(verdict["message"]),
        )
        for verdict in dict_rows(findings["authorization"])
    ]


def get_count(value: object) -> int:
    """Return a count; 0 for anything else."""
    return value if isinstance(value, int) else 0


def get_object(value: object) -> Mapping[str, object]:
    """Return an object; an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}
