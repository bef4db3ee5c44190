"""`emqxctl topics who`: who would get a message, and what else takes it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer

from emqxctl.api.listing import iterate_list
from emqxctl.api.parallel import Fetch, Fetched, fetch_all, fetch_list, fetch_one
from emqxctl.cli.command import command
from emqxctl.cli.session import Session
from emqxctl.commands.topics.who._receivers import Receivers, receivers
from emqxctl.commands.topics.who._report import page
from emqxctl.diagnosis import access
from emqxctl.emqx.acl import AccessRequest, ClientIdentity
from emqxctl.emqx.topics import (
    find_topic_error,
    has_wildcard,
    parse_delayed_topic,
    rewrite_topic,
    topic_matches,
)
from emqxctl.errors import ExitCode, UsageError
from emqxctl.output.results import Report, Row

SHOWN = 100  # receivers listed without --limit; all of them are counted


class Action(StrEnum):
    """What a client may want to do with a topic."""

    publish = "publish"
    subscribe = "subscribe"


Topic = Annotated[str, typer.Argument(metavar="TOPIC", help="The topic a message would come on.")]
Client = Annotated[str | None, typer.Option(metavar="ID", help="The client that would publish or subscribe.")]
Do = Annotated[Action | None, typer.Option("--action", help="What it would do (default: both are judged).")]
Username = Annotated[str | None, typer.Option(metavar="NAME", help="Its user name, if not connected.")]
Ip = Annotated[str | None, typer.Option(metavar="ADDRESS", help="Its address, if not connected.")]
Qos = Annotated[int | None, typer.Option(min=0, max=2, help="Its quality of service, where rules ask.")]
Limit = Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="At most N rows (100).")]


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
        "GET /clients/{clientid}",
        *access.ACCESS_CALLS,
    ),
    examples=(
        "emqxctl topics who telemetry/sensor-001/temp",
        "emqxctl topics who cmd/dev-1 --client dev-2 --action publish --qos 1",
    ),
)
def who(  # its options
    session: Session,
    topic: Topic,
    client: Client = None,
    action: Do = None,
    username: Username = None,
    ip: Ip = None,
    qos: Qos = None,
    limit: Limit = None,
) -> Report:
    """Find out who would receive a message on a topic.

    Wildcards, shared groups and rewriting are resolved here, over all subscriptions. With --client: whether
    it may publish and subscribe, as far as the API shows the rules. Exit 8 when no client and no rule takes
    the message, or the --action is denied.
    """
    check(topic, client, action)
    parts = fetch_all(session.client, first_reads(client))
    asker = of_client(parts, client, username, ip)
    known = {"clientid": asker.clientid, "username": asker.username}
    later, delay = delays(topic, parts["delayed messages"].value)
    # What was delayed is published anew when its time has come, and rewritten then.
    rewritten = rewrite_topic(later, access.objects(parts["topic rewriting"].value), "publish", known)
    real = rewritten.topic
    chain = access.list_enabled_authenticators(parts) if client else []
    parts |= fetch_all(session.client, second_reads(real, asker, chain, limit or SHOWN))
    if parts["subscriptions"].error:
        raise parts["subscriptions"].error
    asker = asker._replace(superuser=access.is_superuser(parts, chain) if client else None)
    found = findings(parts, topic, real)
    found["rewrite"] = dict(rewritten.rule) if rewritten.rule else None
    found["rewrite_doubt"] = rewritten.unknown_reason or None
    found["delayed_seconds"] = delay
    found["authorization"] = judged(parts, asker, topic, action, qos) if client else []
    found["caveat"] = (access.describe_hidden_rules(parts, chain) or None) if client else None
    found["unread"] = access.list_unavailable(parts)
    return page(found, exit_code(found, action))


def check(topic: str, client: str | None, action: Action | None) -> None:
    """Refuse what is no topic. Raises UsageError."""
    wrong = find_topic_error(topic)
    if wrong:
        message = f"{topic!r} is no topic: {wrong}"
        raise UsageError(message)
    if has_wildcard(topic):
        message = f"{topic!r} is a filter; a message has one topic"
        raise UsageError(
            message, hint=f"emqxctl subscriptions list --match-topic '{topic}' lists what lies in it"
        )
    if action and client is None:
        message = "--action is about a client"
        raise UsageError(message, hint="add --client ID")


def delays(topic: str, switch: object) -> tuple[str, float | None]:
    """Take the delay off a topic, unless delayed messages are switched off: then nothing is done about it."""
    if isinstance(switch, Mapping) and switch.get("enable") is False:
        return topic, None
    return parse_delayed_topic(topic)


def first_reads(client: str | None) -> dict[str, Fetch]:
    """Give what tells where the message really goes, and who the client is."""
    found: dict[str, Fetch] = {
        "topic rewriting": fetch_one("/mqtt/topic_rewrite"),
        "delayed messages": fetch_one("/mqtt/delayed"),
    }
    if client is not None:
        found |= {"client": fetch_one("/clients/{clientid}", client), **access.list_fetches(client)}
    return found


def second_reads(topic: str, asker: ClientIdentity, chain: list[Row], limit: int) -> dict[str, Fetch]:
    """Give what is read about the topic that the message has in the end."""
    from emqxctl.commands.rules import RULES
    from emqxctl.commands.sources import SOURCES
    from emqxctl.commands.subscriptions import SUBSCRIPTIONS

    return {
        "subscriptions": lambda api: receivers(
            iterate_list(api, SUBSCRIPTIONS), topic, asker.clientid, limit
        ),
        "rules": fetch_list(RULES),
        "sources": fetch_list(SOURCES),
        "automatic subscriptions": fetch_one("/mqtt/auto_subscribe"),
        "retained message": fetch_one("/mqtt/retainer/message/{topic}", topic),
        "topic metrics": fetch_one("/mqtt/topic_metrics/{topic}", topic),
        **(access.list_user_fetches(asker, chain) if asker.clientid is not None else {}),
    }


def of_client(
    parts: Mapping[str, Fetched], client: str | None, username: str | None, ip: str | None
) -> ClientIdentity:
    """Say who the client is: as its session has it, else as was given."""
    if client is None:
        return ClientIdentity()
    if parts["client"].error:
        raise parts["client"].error
    return identity(client, parts["client"].value, username, ip)


def identity(client: str, session: Any, username: str | None, ip: str | None) -> ClientIdentity:  # noqa: ANN401
    """Say who a client is: what a connected one shows counts, else what was given, else its last session."""
    shown = session if isinstance(session, Mapping) else {}
    last_name = (shown.get("username") or "") if "username" in shown else None
    last_address = shown.get("ip_address") or None
    if shown.get("connected"):
        return ClientIdentity(client, last_name, last_address)
    return ClientIdentity(client, last_name if username is None else username, ip or last_address)


def judged(
    parts: Mapping[str, Fetched], asker: ClientIdentity, topic: str, action: Action | None, qos: int | None
) -> list[Row]:
    """Judge what the client may do; before rewriting, as EMQX does."""
    return [
        {
            "clientid": asker.clientid,
            "action": one.value,
            "topic": topic,
            "qos": qos,
            "words": access.describe_verdict(found),
        }
        | access.verdict_to_object(found)
        for one in ([action] if action else Action)
        for found in [access.evaluate_access(parts, asker, AccessRequest(one.value, topic, qos))]
    ]


def findings(parts: Mapping[str, Fetched], topic: str, real: str) -> Row:
    """Put together what takes the message, and what else there is to the topic."""
    found: Receivers = parts["subscriptions"].value
    kept = parts["retained message"].value
    rules = [one for one in parts["rules"].value or [] if any_matches(real, one.get("from"))]
    return {
        "topic": topic,
        "real_topic": real,
        "subscriptions": found.subscriptions,
        "deliveries": found.deliveries,
        "no_local": found.no_local,
        "clients": found.clients,
        "shared": found.groups(),
        "truncated": found.truncated,
        "rules": [{name: rule.get(name) for name in ("id", "enable", "from", "actions")} for rule in rules],
        "sources": [one for one in parts["sources"].value or [] if remote(one, real)],
        "auto_subscribe": [
            one
            for one in access.objects(parts["automatic subscriptions"].value)
            if automatic(str(one.get("topic", "")), real)
        ],
        "retained": retained(kept) if isinstance(kept, dict) and kept.get("topic", real) == real else None,
        "metrics": metrics(parts["topic metrics"].value),
    }


def any_matches(topic: str, filters: object) -> bool:
    """Tell whether one of a rule's filters takes the topic; `$events/` and the like take no messages."""
    return isinstance(filters, list) and any(topic_matches(topic, str(one)) for one in filters)


def remote(source: Mapping[str, Any], topic: str) -> bool:
    """Tell whether a source reads this topic, at the broker it is connected to."""
    parameters = source.get("parameters")
    return isinstance(parameters, Mapping) and topic_matches(topic, str(parameters.get("topic", "")))


def automatic(wanted: str, topic: str) -> bool:
    """Tell whether an automatic subscription may take the topic: placeholders stand for any one level."""
    levels = ["+" if "${" in level else level for level in wanted.split("/")]
    return topic_matches(topic, "/".join(levels))


def retained(message: Row) -> Row:
    """Describe a retained message, its payload by its size; EMQX leaves out one above 1 MiB."""
    payload = message.get("payload")
    size = len(payload) * 3 // 4 - payload.count("=") if isinstance(payload, str) else None
    return {name: value for name, value in message.items() if name != "payload"} | {"payload_bytes": size}


def metrics(shown: object) -> Row | None:
    """Take the counters of a topic that is measured."""
    inside = shown.get("metrics") if isinstance(shown, Mapping) else None
    return dict(inside) if isinstance(inside, Mapping) else None


def exit_code(found: Row, action: Action | None) -> ExitCode:
    """Give 0 when someone takes the message; 8 when nobody does, or the action is denied."""
    judged_ = access.objects(found["authorization"])
    if action and any(one["result"] == "deny" for one in judged_):
        return ExitCode.NOT_YET
    if action is Action.subscribe:
        return ExitCode.OK
    taken = found["deliveries"] or any(one["enable"] is not False for one in access.objects(found["rules"]))
    return ExitCode.OK if taken else ExitCode.NOT_YET
