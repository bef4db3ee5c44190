"""`emqxctl messages why`: explain which messages are lost, and why."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from emqxctl.api.parallel import Fetch, Fetched, fetch_all, fetch_list, fetch_one, fetch_path
from emqxctl.cli.command import command
from emqxctl.cli.param_types import DURATION
from emqxctl.cli.session import Session
from emqxctl.commands._topic_argument import check_topic
from emqxctl.commands.messages.why import _integration, _topic
from emqxctl.commands.messages.why._cause import Cause, sort_causes
from emqxctl.commands.messages.why._clients import list_client_causes, name_worst_clients, rank_clients
from emqxctl.commands.messages.why._counters import Scope, list_counter_causes, list_settings, to_movement
from emqxctl.commands.messages.why._report import Findings, build_report
from emqxctl.commands.messages.why._retained import list_retainer_causes
from emqxctl.commands.messages.why._sample import MAX_OBJECTS, Sample, Target, pause, take_sample
from emqxctl.commands.messages.why._subject import (
    Subject,
    get_real_topic,
    list_clientids,
    list_subject_causes,
    read_subject,
    select_slow,
)
from emqxctl.diagnosis import access
from emqxctl.diagnosis.counter_movement import (
    MOVEMENT_CALLS,
    CountedObject,
    compare_counters,
    to_counted_objects,
)
from emqxctl.diagnosis.health import describe_stopped_nodes, dict_rows
from emqxctl.errors import UsageError
from emqxctl.output.results import Report

DEFAULT_SECONDS = 10.0
DEFAULT_SCAN = 10_000  # clients; ten requests per sample
KINDS = ("rules", "actions", "sources")


@command(
    calls=(
        "GET /metrics",
        "GET /clients",
        "GET /clients/{clientid}",
        "GET /clients/{clientid}/subscriptions",
        "GET /subscriptions",
        "GET /slow_subscriptions",
        "GET /configs/global_zone",
        "GET /mqtt/retainer",
        "GET /mqtt/topic_rewrite",
        "GET /mqtt/topic_metrics/{topic}",
        "GET /stats",
        "GET /nodes",
        *MOVEMENT_CALLS,
        *access.ACCESS_CALLS,
    ),
    examples=(
        "emqxctl messages why",
        "emqxctl messages why --over 30s -o json",
        "emqxctl messages why --topic telemetry/sensor-001/temp",
        "emqxctl messages why --client dev-1",
        "emqxctl messages why --topic cmd/dev-1 --client dev-1",
    ),
)
def why(
    session: Session,
    over: Annotated[
        float,
        typer.Option(
            click_type=DURATION,
            help="Time to measure counters over, such as 30s (default 10s; 0: since start).",
        ),
    ] = DEFAULT_SECONDS,
    topic: Annotated[
        str | None, typer.Option(metavar="TOPIC", help="Topic of the lost messages, without wildcards.")
    ] = None,
    client: Annotated[
        str | None,
        typer.Option(metavar="CLIENT_ID", help="Client that does not receive or publish messages."),
    ] = None,
    scan: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Maximum number of clients to fetch without --topic and --client (default 10000).",
        ),
    ] = None,
) -> Report:
    """Explain which messages are lost, and why.

    Reads all counters of lost messages twice: of nodes, clients, rules, actions and sources. Lists the causes
    with what to change, current losses first. Counters that only counted before are listed as past. Messages
    without a subscriber and those excluded by No Local are not lost, and the report says so.

    --topic adds who receives the topic, --client the client's queue, in-flight messages and session. Ctrl-C
    ends the measurement early, --over 0 omits it. Exits with 8 if messages were lost during it, or do not
    reach the topic's or client's receivers.
    """
    if topic is not None:
        check_topic(topic, "use a topic that messages are published on: emqxctl topics list")
    if client == "":
        message = "--client is empty"
        raise UsageError(message, hint="list clients: emqxctl clients list")
    if scan is not None and (topic is not None or client is not None):
        message = "--scan cannot be used with --topic or --client"
        raise UsageError(message, hint="their clients are all fetched; remove --scan")
    api = session.client
    subject = read_subject(api, topic, client)
    lists = fetch_all(api, list_fetches())
    objects = select_objects(lists, subject)
    target = Target(
        objects[:MAX_OBJECTS], list_clientids(subject), scan or DEFAULT_SCAN, get_real_topic(subject)
    )
    before = take_sample(api, target)
    after = before
    if over:
        pause(over, session.info)
        after = take_sample(api, target)
    parts = {**subject.parts, **lists, **after.parts, **fetch_all(api, list_state_fetches())}
    findings = collect_findings(subject, parts, before, after, len(objects))
    return build_report(findings)


def list_fetches() -> dict[str, Fetch]:
    """Return the fetches of the lists of rules, actions and sources."""
    from emqxctl.commands.actions import ACTIONS
    from emqxctl.commands.rules import RULES
    from emqxctl.commands.sources import SOURCES

    return {"rules": fetch_list(RULES), "actions": fetch_list(ACTIONS), "sources": fetch_list(SOURCES)}


def list_state_fetches() -> dict[str, Fetch]:
    """Return the fetches of what has no counters: nodes, settings, the retainer, slow subscriptions."""
    return {
        "nodes": fetch_one("/nodes"),
        "MQTT settings": fetch_one("/configs/global_zone"),
        "retainer": fetch_one("/mqtt/retainer"),
        "stats": fetch_path("/stats", query=(("aggregate", True),)),
        "slow subscriptions": fetch_one("/slow_subscriptions"),
    }


def select_objects(lists: Mapping[str, Fetched], subject: Subject) -> list[CountedObject]:
    """Return the rules, actions and sources to measure: all, or those that process the topic."""
    if subject.clientid is not None and not subject.topic:
        return []
    if subject.facts is None:
        return [key for kind in KINDS for key in to_counted_objects(kind, lists[kind].value)]
    rules = _topic.select_rules(lists["rules"].value, subject.facts.real_topic)
    names = {name for rule in rules for name in list_names(rule.get("actions"))}
    actions = to_counted_objects("actions", lists["actions"].value)
    return [*to_counted_objects("rules", rules), *(key for key in actions if key.id in names)]


def list_names(value: object) -> list[str]:
    """Return the texts in a list; a rule's actions may also be functions, which are objects."""
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []


def collect_findings(
    subject: Subject,
    parts: Mapping[str, Fetched],
    before: Sample,
    after: Sample,
    object_count: int,
) -> Findings:
    """Build the causes and the tables from all that was read."""
    settings = list_settings(parts["MQTT settings"].value)
    movement = to_movement(before.parts["metrics"].value, after.parts["metrics"].value)
    movements = compare_counters(before.objects, after.objects)
    scope = Scope(settings, subject.is_focused)
    facts = complete_facts(subject, parts, before, after)
    clients = rank_clients(before.clients, after.clients)
    causes = [
        *list_subject_causes(subject, facts, parts),
        *list_session_causes(subject, before, after, settings),
        *list_counter_causes(movement, scope),
        *list_retainer_causes(parts["retainer"].value, parts["stats"].value),
        *_integration.list_integration_causes(
            movements, dict_rows(parts["rules"].value), is_focused=subject.is_focused
        ),
    ]
    return Findings(
        causes=select_causes(name_worst_clients(causes, clients)),
        seconds=after.time - before.time,
        movement=movement,
        clients=clients,
        integration=_integration.list_integration_rows(movements),
        slow_subscriptions=select_slow(access.get_nested_rows(parts["slow subscriptions"], "data"), subject),
        topic=facts.to_object() if facts else None,
        clientid=subject.clientid,
        session=dict(after.clients.get(subject.clientid, {})) if subject.clientid is not None else {},
        scanned=len(after.clients),
        omitted_objects=max(object_count - MAX_OBJECTS, 0),
        client_count=count_clients(parts["stats"].value),
        unavailable=access.list_unavailable(parts) | describe_stopped_nodes(parts["nodes"].value),
        settings={name: value for name, value in settings.items() if name.startswith("mqtt.")},
    )


def complete_facts(
    subject: Subject, parts: Mapping[str, Fetched], before: Sample, after: Sample
) -> _topic.TopicFacts | None:
    """Return the facts about the topic with its rules and the growth of its counters."""
    if subject.facts is None:
        return None
    samples = [sample.parts["topic metrics"].value for sample in (before, after)]
    return subject.facts._replace(
        rules=_topic.select_rules(parts["rules"].value, subject.facts.real_topic),
        counters=_topic.compute_topic_growth(*samples),
    )


def list_session_causes(
    subject: Subject,
    before: Sample,
    after: Sample,
    settings: Mapping[str, object],
) -> list[Cause]:
    """Return what keeps messages from the client asked about, or from the topic's receivers."""
    clientids: Sequence[str] = []
    if after.parts["clients"].error is None:
        clientids = list_clientids(subject) or []
    return [
        cause
        for clientid in clientids
        for cause in list_client_causes(
            clientid, before.clients.get(clientid), after.clients.get(clientid), settings
        )
        if subject.clientid is not None or cause.cause not in {"no_session", "session_ends"}
    ]


def select_causes(causes: Sequence[Cause]) -> list[Cause]:
    """Return the causes in order; past ones only if nothing is lost now."""
    has_losses = any(cause.loss and not cause.past and cause.certainty == "certain" for cause in causes)
    return sort_causes(cause for cause in causes if not (has_losses and cause.past))


def count_clients(stats: object) -> int | None:
    """Return the number of sessions of the cluster; None if it is not known."""
    value = stats.get("connections.count") if isinstance(stats, Mapping) else None
    return value if isinstance(value, int) else None
