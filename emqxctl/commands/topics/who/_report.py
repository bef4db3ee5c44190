"""What was found out about a topic, as a page."""

from collections.abc import Mapping

from emqxctl.diagnosis.access import objects
from emqxctl.errors import ExitCode
from emqxctl.output.formatters import color_state
from emqxctl.output.results import Report, Row, Section
from emqxctl.resource import Column


def actions(value: object) -> str:
    """Name the actions of a rule; a function by its name and the topic it publishes to."""
    if not isinstance(value, list):
        return ""
    names = []
    for one in value:
        if isinstance(one, Mapping):
            target = mapping(one.get("args")).get("topic")
            names.append(f"{one.get('function')} {target}" if target else str(one.get("function")))
        else:
            names.append(str(one))
    return ", ".join(names)


CLIENTS = (
    Column("clientid", "CLIENT ID"),
    Column("topic", "SUBSCRIBED TO"),
    Column("qos", "QOS", align_right=True),
    Column("node"),
)
SHARED = (
    Column("group"),
    Column("filter", "SUBSCRIBED TO"),
    Column("members", align_right=True),
    Column("clients", "AMONG THEM"),
)
RULES = (
    Column("id", "ID"),
    Column("enable", "ENABLED", style=color_state),
    Column("from"),
    Column("actions", format=actions),
)
SOURCES = (
    Column("name"),
    Column("type"),
    Column("parameters.topic", "REMOTE TOPIC"),
    Column("status", style=color_state),
)
AUTOMATIC = (
    Column("topic"),
    Column("qos", "QOS", align_right=True),
    Column("nl", "NO LOCAL", align_right=True),
)


def count(value: object) -> str:
    """Count what is in a list."""
    return str(len(value)) if isinstance(value, list) else "-"


ONE_OF_SEVERAL = (
    Column("topic"),
    Column("deliveries", "RECEIVERS", align_right=True),
    Column("shared", "SHARED GROUPS", format=count, align_right=True),
    Column("rules", format=count, align_right=True),
    Column("retained.publish_at", "RETAINED"),
)


def page(found: Row, code: ExitCode) -> Report:
    """Make the page."""
    clients = objects(found["clients"])
    hidden = number(found["subscriptions"]) - sum(number(one["members"]) for one in objects(found["shared"]))
    more = [f"the first {len(clients)} of {hidden}; --limit N lists more"] if found["truncated"] else []
    sections = (
        Section("about the topic", facts=facts(found)),
        Section("clients", rows=clients, columns=CLIENTS),
        Section("shared: one member of each group", rows=objects(found["shared"]), columns=SHARED),
        Section("rules", rows=objects(found["rules"]), columns=RULES),
        Section("sources reading this topic from elsewhere", rows=objects(found["sources"]), columns=SOURCES),
        Section("subscribed on connecting", rows=objects(found["auto_subscribe"]), columns=AUTOMATIC),
        Section("authorization", lines=caveats(found), facts=authorization(found)),
        Section("not known", facts=[(name, str(why)) for name, why in mapping(found["unread"]).items()]),
    )
    judged = objects(found["authorization"])
    data = found | {"authorization": [{name: one[name] for name in one if name != "words"} for one in judged]}
    style = "green" if code is ExitCode.OK else "red"
    return Report(
        data,
        lead(found),
        sections,
        style=style,
        key="topic",
        notes=more,
        exit_code=code,
        columns=ONE_OF_SEVERAL,
    )


def lead(found: Row) -> str:
    """Say who receives it, in a sentence."""
    groups = len(objects(found["shared"]))
    direct = number(found["deliveries"]) - groups
    on = [one for one in objects(found["rules"]) if one["enable"] is not False]
    takers = []
    if direct:
        takers.append(several(direct, "subscription"))
    if groups:
        takers.append(f"one member of {'each of ' if groups > 1 else ''}{several(groups, 'shared group')}")
    receives = " and ".join(takers)
    if not takers:
        receives = "No client"
    receives = receives[:1].upper() + receives[1:]
    verb = "receive" if direct > 1 or len(takers) > 1 or (groups > 1 and not direct) else "receives"
    told = f"{receives} {verb} {found['topic']}"
    if on:
        told += f"; {several(len(on), 'rule')} {'take' if len(on) > 1 else 'takes'} it"
    return told + "."


def facts(found: Row) -> list[tuple[str, str]]:
    """Say what else there is to the topic."""
    told = []
    rule = mapping(found["rewrite"])
    if rule:
        target = f"{found['topic']} becomes {found['real_topic']}"
        doubt = f"; where to cannot be told: {found['rewrite_doubt']}" if found["rewrite_doubt"] else ""
        told.append(("Rewritten", (doubt[2:] or target) + f" (rule for {rule.get('source_topic')})"))
    if found["delayed_seconds"] is not None:
        told.append(
            ("Delayed", f"by {found['delayed_seconds']:g} s, then published on {found['real_topic']}")
        )
    if number(found["no_local"]):
        told.append(("No local", "the client's own subscription does not get what it publishes itself"))
    kept = mapping(found["retained"])
    if kept:
        size = kept.get("payload_bytes")
        by = kept.get("from_clientid")
        weight = "over 1 MiB" if size is None else f"{size} bytes"
        told.append(("Retained", f"{weight}, QoS {kept.get('qos')}, by {by} at {kept.get('publish_at')}"))
    else:
        told.append(
            ("Retained", "nothing" if "retained message" not in mapping(found["unread"]) else "not known")
        )
    counted = mapping(found["metrics"])
    if counted:
        came, went, lost = (counted.get(f"messages.{one}.count", "?") for one in ("in", "out", "dropped"))
        told.append(("Measured", f"{came} in, {went} out, {lost} dropped"))
    return told


def caveats(found: Row) -> list[str]:
    """Say what else may decide."""
    return [f"So it is, {found['caveat']}:"] if found["caveat"] else []


def authorization(found: Row) -> list[tuple[str, str]]:
    """Say what the client may do."""
    return [
        (f"{one['clientid']} may {one['action']}" if one["result"] == "allow" else
         f"{one['clientid']} may not {one['action']}" if one["result"] == "deny" else
         f"{one['clientid']} to {one['action']}", str(one["words"]))
        for one in objects(found["authorization"])
    ]  # fmt: skip


def several(count: int, noun: str) -> str:
    """Count things in words: `1 rule`, `2 rules`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def number(value: object) -> int:
    """Take a count; 0 for what is none."""
    return value if isinstance(value, int) else 0


def mapping(value: object) -> Mapping[str, object]:
    """Take an object; an empty one for what is none."""
    return value if isinstance(value, Mapping) else {}
