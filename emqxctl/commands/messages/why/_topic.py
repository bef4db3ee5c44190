"""Who receives a topic, and why a message on it may not arrive."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from emqxctl.api.listing import iterate_list
from emqxctl.api.parallel import Fetch, Fetched, fetch_one
from emqxctl.commands.messages.why._cause import Cause, count_many
from emqxctl.diagnosis import access
from emqxctl.diagnosis.causes import quote_for_shell
from emqxctl.diagnosis.health import dict_rows, parse_number
from emqxctl.diagnosis.topic_receivers import Receivers, find_receivers
from emqxctl.emqx.acl import AccessRequest, ClientIdentity
from emqxctl.emqx.topics import parse_subscription, rewrite_topic, topic_matches
from emqxctl.output.results import Row

MAX_RECEIVERS = 100  # whose sessions are read; all of them are counted


class TopicFacts(NamedTuple):
    """What is known of a topic: its name after rewriting, its receivers, and the rules that process it."""

    topic: str
    real_topic: str
    receivers: Receivers
    rules: Sequence[Row]
    counters: Mapping[str, float] = {}

    @property
    def clientids(self) -> list[str]:
        """The clients that receive the topic, as many as were kept, and members of its shared groups."""
        names = [str(row.get("clientid")) for row in self.receivers.clients]
        for group in self.receivers.list_groups():
            members = group["clients"]
            names += [str(name) for name in members] if isinstance(members, list) else []
        return list(dict.fromkeys(names))

    def to_object(self) -> Row:
        """Return the facts as an object for programs."""
        return {
            "topic": self.topic,
            "real_topic": self.real_topic,
            "subscriptions": self.receivers.subscriptions,
            "deliveries": self.receivers.deliveries,
            "no_local": self.receivers.no_local_count,
            "clients": self.receivers.clients,
            "shared": self.receivers.list_groups(),
            "rules": [rule.get("id") for rule in self.rules],
            "increase": dict(self.counters),
        }


def find_real_topic(topic: str, rewrite_rules: object, identity: ClientIdentity) -> str:
    """Return the topic that a message is delivered on, after rewriting."""
    variables = {"clientid": identity.clientid, "username": identity.username}
    return rewrite_topic(topic, dict_rows(rewrite_rules), "publish", variables).topic


def list_topic_fetches(topic: str, publisher: str | None) -> dict[str, Fetch]:
    """Return what is read about the topic that the message is delivered on."""
    from emqxctl.commands.subscriptions import SUBSCRIPTIONS

    return {
        "subscriptions": lambda client: find_receivers(
            iterate_list(client, SUBSCRIPTIONS), topic, publisher, MAX_RECEIVERS
        ),
    }


def fetch_topic_counters(topic: str) -> Fetch:
    """Return the fetch of a topic's counters; None if it has no metrics."""
    return fetch_one("/mqtt/topic_metrics/{topic}", topic)


def compute_topic_growth(before: object, after: object) -> dict[str, float]:
    """Return how much a topic's counters grew; empty if it has no metrics."""
    first, last = (
        sample.get("metrics") if isinstance(sample, Mapping) else None for sample in (before, after)
    )
    if not isinstance(first, Mapping) or not isinstance(last, Mapping):
        return {}
    growth = {}
    for name in ("messages.in.count", "messages.out.count", "messages.dropped.count"):
        start, end = parse_number(first.get(name)), parse_number(last.get(name))
        if start is not None and end is not None:
            growth[name] = end if end < start else end - start
    return growth


def select_rules(rules: object, topic: str) -> list[Row]:
    """Return the enabled rules that process a topic."""
    return [
        rule
        for rule in dict_rows(rules)
        if rule.get("enable") is not False and matches_any(topic, rule.get("from"))
    ]


def matches_any(topic: str, filters: object) -> bool:
    """Return whether a topic matches one of a rule's filters."""
    return isinstance(filters, list) and any(
        topic_matches(topic, str(topic_filter)) for topic_filter in filters
    )


def list_topic_causes(facts: TopicFacts) -> Iterator[Cause]:
    """Yield why a message on a topic reaches no client: no subscriber, or nothing was published."""
    topic, receivers = facts.topic, facts.receivers
    command = f"emqxctl topics who {quote_for_shell(topic)}"
    rewritten = f" (rewritten to {facts.real_topic!r})" if facts.real_topic != topic else ""
    if not receivers.deliveries:
        message = f"no client subscribes to {topic!r}{rewritten}: EMQX discards its messages, which is not a"
        message += " loss"
        rules = ", ".join(str(rule.get("id")) for rule in facts.rules)
        evidence = f"processed by {count_many(len(facts.rules), 'rule')}: {rules}" if rules else ""
        if receivers.no_local_count:
            evidence = "; ".join(
                [*filter(None, [evidence]), "the client subscribes to its own topic with No Local"]
            )
        advice = "subscribe to the topic before it is published, or publish it retained"
        yield Cause("no_subscribers", "certain", message, evidence, advice, command, loss=False, rank=0)
    if facts.counters and not facts.counters.get("messages.in.count"):
        message = f"nothing was published on {topic!r} during the measurement"
        advice = "measure again while the client publishes; check the topic and the publisher's permission"
        yield Cause("not_published", "certain", message, "topic metrics", advice, command, loss=False, rank=1)


def list_access_causes(
    parts: Mapping[str, Fetched], identity: ClientIdentity, facts: TopicFacts, subscriptions: object
) -> Iterator[Cause]:
    """Yield why a client may not publish or receive a topic: authorization, or no subscription to it.

    A subscriber needs no permission to publish, and EMQX does not check its subscription again.
    """
    is_subscribed = is_subscribed_to(subscriptions, facts.real_topic)
    rank = 2 if is_subscribed else 0
    certainty = "possible" if is_subscribed else "likely"
    name = quote_for_shell(str(identity.clientid))
    for action in ("publish", "subscribe"):
        verdict = access.evaluate_access(parts, identity, AccessRequest(action, facts.topic, None))
        if access.verdict_to_object(verdict).get("result") == "deny":
            yield Cause(
                "denied" if action == "publish" else "subscription_denied",
                certainty,
                f"authorization denies client {identity.clientid!r} to {action} to {facts.topic!r}",
                access.describe_verdict(verdict),
                "allow it in the ACL rules or with authorization.no_match",
                f"emqxctl topics who {quote_for_shell(facts.topic)} --client {name} --action {action}",
                loss=False,
                rank=rank,
            )
    if is_subscribed is False:
        message = f"client {identity.clientid!r} has no subscription that matches {facts.real_topic!r}"
        advice = "subscribe the client, if it should receive the topic and not only publish it"
        command = f"emqxctl clients subscriptions {name}"
        yield Cause("not_subscribed", "certain", message, "", advice, command, loss=False)


def is_subscribed_to(subscriptions: object, topic: str) -> bool | None:
    """Return whether one of a client's subscriptions matches a topic; None if they could not be read."""
    if not isinstance(subscriptions, list):
        return None
    filters = [parse_subscription(str(row.get("topic", "")))[1] for row in dict_rows(subscriptions)]
    return any(topic_matches(topic, topic_filter) for topic_filter in filters)
