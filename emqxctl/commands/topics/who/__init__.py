"""`emqxctl topics who`: show who receives a message, and what else processes it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer

from emqxctl.api.listing import iterate_list
from emqxctl.api.parallel import Fetch, Fetched, fetch_all, fetch_list, fetch_one
from emqxctl.cli.command import command
from emqxctl.cli.completion.declared import complete_topic_names
from emqxctl.cli.session import Session
from emqxctl.commands._topic_argument import check_topic
from emqxctl.commands.topics.who._report import build_report
from emqxctl.diagnosis import access
from emqxctl.diagnosis.causes import quote_for_shell
from emqxctl.diagnosis.health import describe_stopped_nodes, dict_rows
from emqxctl.diagnosis.topic_receivers import Receivers, find_receivers
from emqxctl.emqx.acl import AccessRequest, ClientIdentity
from emqxctl.emqx.topics import parse_delayed_topic, rewrite_topic, topic_matches
from emqxctl.errors import ExitCode, UsageError
from emqxctl.output.results import Report, Row

DEFAULT_LIMIT = 100  # receivers that are listed; all of them are counted


class Action(StrEnum):
    """What a client may do on a topic."""

    publish = "publish"
    subscribe = "subscribe"


Topic = Annotated[str, typer.Argument(metavar="TOPIC", help="Topic of the message, without wildcards.")]
ClientOption = Annotated[
    str | None, typer.Option(metavar="CLIENT_ID", help="Client that publishes or subscribes.")
]
ActionOption = Annotated[
    Action | None, typer.Option("--action", help="Action of the client to authorize (default both).")
]
Username = Annotated[
    str | None, typer.Option(metavar="NAME", help="Username of a client that is not connected.")
]
Ip = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="IP address of a client that is not connected.")
]
Qos = Annotated[
    int | None, typer.Option(metavar="0|1|2", min=0, max=2, help="QoS, for rules that depend on it.")
]
Limit = Annotated[
    int | None,
    typer.Option("--limit", metavar="N", min=1, help="Maximum number of clients to list (default 100)."),
]


@command(
    calls=(
        "GET /subscriptions",
        "GET /mqtt/topic_rewrite",
        "GET /mqtt/retainer/message/{topic}",
        "GET /mqtt/delayed",
        "GET /mqtt/topic_metrics/{topic}",
        "GET /mqtt/auto_subscribe",
        "GET /rules",
        "GET /sources",
        "GET /nodes",
        "GET /clients/{clientid}",
        *access.ACCESS_CALLS,
    ),
    examples=(
        "emqxctl topics who telemetry/sensor-001/temp",
        "emqxctl topics who cmd/dev-1 --client dev-2 --action publish --qos 1",
    ),
    completes={"topic": complete_topic_names},
)
def who(  # its options
    session: Session,
    topic: Topic,
    client: ClientOption = None,
    action: ActionOption = None,
    username: Username = None,
    ip: Ip = None,
    qos: Qos = None,
    limit: Limit = None,
) -> Report:
    """Show who receives messages on a topic.

    Resolves wildcards, shared groups and topic rewriting over all subscriptions. With --client, also shows
    whether the client may publish and subscribe, as far as the API shows the rules. Exits with 8 if no
    client and no rule receives the message, or if --action is denied.
    """
    check_topic(
        topic, f"list subscriptions: emqxctl subscriptions list --match-topic {quote_for_shell(topic)}"
    )
    if client is None:
        reject_client_options(action=action, username=username, ip=ip, qos=qos)
    parts = fetch_all(session.client, first_fetches(client))
    identity = find_identity(parts, client, username, ip)
    undelayed_topic, delay = split_delay(topic, parts["delayed messages"].value)
    # A delayed message is published again when its delay ends, and rewritten then.
    variables = {"clientid": identity.clientid, "username": identity.username}
    rewrite = rewrite_topic(undelayed_topic, dict_rows(parts["topic rewrite"].value), "publish", variables)
    authenticators = access.list_enabled_authenticators(parts) if client else []
    fetches = second_fetches(rewrite.topic, identity, authenticators, limit or DEFAULT_LIMIT)
    parts |= fetch_all(session.client, fetches)
    if parts["subscriptions"].error:
        raise parts["subscriptions"].error
    findings = collect_findings(parts, topic, rewrite.topic)
    findings["rewrite"] = dict(rewrite.rule) if rewrite.rule else None
    findings["rewrite_unknown"] = rewrite.unknown_reason or None
    findings["delayed_seconds"] = delay
    if client:
        identity = identity._replace(superuser=access.is_superuser(parts, authenticators))
        findings["authorization"] = authorize(parts, identity, topic, action, qos)
        findings["caveat"] = access.describe_hidden_rules(parts, authenticators) or None
    findings["unavailable"] = access.list_unavailable(parts) | describe_stopped_nodes(parts["nodes"].value)
    return build_report(findings, exit_code_of(findings, action))


def reject_client_options(**options: object) -> None:
    """Raise UsageError for an option that only says something about the client of --client."""
    for name, value in options.items():
        if value is not None:
            message = f"--{name} requires --client"
            raise UsageError(message, hint="add --client CLIENT_ID")


def split_delay(topic: str, settings: object) -> tuple[str, float | None]:
    """Return a topic without its delay, and the delay; unchanged if delayed messages are disabled."""
    if isinstance(settings, Mapping) and settings.get("enable") is False:
        return topic, None
    return parse_delayed_topic(topic)


def first_fetches(client: str | None) -> dict[str, Fetch]:
    """Return what is read to find the topic that the message is delivered on, and the client."""
    fetches: dict[str, Fetch] = {
        "topic rewrite": fetch_one("/mqtt/topic_rewrite"),
        "delayed messages": fetch_one("/mqtt/delayed"),
    }
    if client is not None:
        fetches |= {"client": fetch_one("/clients/{clientid}", client), **access.list_fetches(client)}
    return fetches


def second_fetches(
    topic: str, identity: ClientIdentity, authenticators: list[Row], limit: int
) -> dict[str, Fetch]:
    """Return what is read about the topic that the message is delivered on."""
    from emqxctl.commands.rules import RULES
    from emqxctl.commands.sources import SOURCES
    from emqxctl.commands.subscriptions import SUBSCRIPTIONS

    return {
        "subscriptions": lambda client: find_receivers(
            iterate_list(client, SUBSCRIPTIONS), topic, identity.clientid, limit
        ),
        "rules": fetch_list(RULES),
        "sources": fetch_list(SOURCES),
        "nodes": fetch_one("/nodes"),
        "auto-subscribe": fetch_one("/mqtt/auto_subscribe"),
        "retained message": fetch_one("/mqtt/retainer/message/{topic}", topic),
        "topic metrics": fetch_one("/mqtt/topic_metrics/{topic}", topic),
        **(access.list_user_fetches(identity, authenticators) if identity.clientid is not None else {}),
    }


def find_identity(
    parts: Mapping[str, Fetched], client: str | None, username: str | None, ip: str | None
) -> ClientIdentity:
    """Return the client's identity, from what was read and the options; an unknown one without a client."""
    if client is None:
        return ClientIdentity()
    if parts["client"].error:
        raise parts["client"].error
    return access.identify_client(client, parts["client"].value, username, ip)


def authorize(
    parts: Mapping[str, Fetched],
    identity: ClientIdentity,
    topic: str,
    action: Action | None,
    qos: int | None,
) -> list[Row]:
    """Return whether the client may do the action, or both; the topic is not yet rewritten, as in EMQX."""
    rows = []
    for candidate in [action] if action else Action:
        verdict = access.evaluate_access(parts, identity, AccessRequest(candidate.value, topic, qos))
        row: Row = {
            "clientid": identity.clientid,
            "action": candidate.value,
            "topic": topic,
            "qos": qos,
            "message": access.describe_verdict(verdict),
        }
        rows.append(row | access.verdict_to_object(verdict))
    return rows


def collect_findings(parts: Mapping[str, Fetched], topic: str, real_topic: str) -> Row:
    """Collect what receives the message, and what else is known about the topic."""
    receivers: Receivers = parts["subscriptions"].value
    rules = [rule for rule in parts["rules"].value or [] if matches_any(real_topic, rule.get("from"))]
    return {
        "topic": topic,
        "real_topic": real_topic,
        "subscriptions": receivers.subscriptions,
        "deliveries": receivers.deliveries,
        "no_local": receivers.no_local_count,
        "clients": receivers.clients,
        "shared": receivers.list_groups(),
        "truncated": receivers.is_truncated,
        "rules": [{name: rule.get(name) for name in ("id", "enable", "from", "actions")} for rule in rules],
        "sources": [source for source in parts["sources"].value or [] if reads_topic(source, real_topic)],
        "auto_subscribe": [
            subscription
            for subscription in dict_rows(parts["auto-subscribe"].value)
            if may_match(str(subscription.get("topic", "")), real_topic)
        ],
        "retained": describe_message(parts["retained message"].value, real_topic),
        "metrics": get_metrics(parts["topic metrics"].value),
        "authorization": [],
        "caveat": None,
    }


def matches_any(topic: str, filters: object) -> bool:
    """Return whether a topic matches one of a rule's filters; `$events/` and the like match no message."""
    return isinstance(filters, list) and any(
        topic_matches(topic, str(topic_filter)) for topic_filter in filters
    )


def reads_topic(source: Mapping[str, Any], topic: str) -> bool:
    """Return whether a source reads this topic at the broker it is connected to."""
    parameters = source.get("parameters")
    return isinstance(parameters, Mapping) and topic_matches(topic, str(parameters.get("topic", "")))


def may_match(template: str, topic: str) -> bool:
    """Return whether an automatic subscription may match a topic: a placeholder may be any one level."""
    levels = ["+" if "${" in level else level for level in template.split("/")]
    return topic_matches(topic, "/".join(levels))


def describe_message(message: object, topic: str) -> Row | None:
    """Return a topic's retained message with its payload's size, which is None above 1 MiB."""
    if not isinstance(message, dict) or message.get("topic", topic) != topic:
        return None
    payload = message.get("payload")
    size = len(payload) * 3 // 4 - payload.count("=") if isinstance(payload, str) else None
    return {name: value for name, value in message.items() if name != "payload"} | {"payload_bytes": size}


def get_metrics(response: object) -> Row | None:
    """Return the counters of a topic that has metrics."""
    metrics = response.get("metrics") if isinstance(response, Mapping) else None
    return dict(metrics) if isinstance(metrics, Mapping) else None


def exit_code_of(findings: Row, action: Action | None) -> ExitCode:
    """Return 8 if the action is denied, or if no client and no enabled rule receives the message."""
    verdicts = dict_rows(findings["authorization"])
    if action and any(verdict["result"] == "deny" for verdict in verdicts):
        return ExitCode.NOT_READY
    if action is Action.subscribe:
        return ExitCode.OK
    has_rule = any(rule["enable"] is not False for rule in dict_rows(findings["rules"]))
    return ExitCode.OK if findings["deliveries"] or has_rule else ExitCode.NOT_READY
