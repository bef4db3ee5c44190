"""The topic and the client that `messages why` was asked about."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from emqxctl.api.parallel import Fetch, Fetched, fetch_all, fetch_one
from emqxctl.commands.messages.why import _topic
from emqxctl.commands.messages.why._cause import Cause
from emqxctl.diagnosis import access
from emqxctl.emqx.acl import ClientIdentity
from emqxctl.emqx.topics import parse_delayed_topic, parse_subscription, topic_matches
from emqxctl.output.results import Row

if TYPE_CHECKING:
    from emqxctl.api.client import Client


class Subject(NamedTuple):
    """What the command was asked about, and what was read of it before the measurement."""

    topic: str
    clientid: str | None
    parts: Mapping[str, Fetched]
    facts: _topic.TopicFacts | None = None
    identity: ClientIdentity = ClientIdentity()

    @property
    def is_focused(self) -> bool:
        """Whether the command was asked about a topic or a client."""
        return bool(self.topic) or self.clientid is not None


def read_subject(client: "Client", topic: str | None, clientid: str | None) -> Subject:
    """Read what is known of the topic and the client. Raises an error if the subscriptions cannot be read."""
    fetches: dict[str, Fetch] = {}
    if topic is not None:
        fetches["topic rewrite"] = fetch_one("/mqtt/topic_rewrite")
    if topic is not None and clientid is not None:
        fetches |= access.list_fetches(clientid)
        fetches["client"] = fetch_one("/clients/{clientid}", clientid)
        fetches["client subscriptions"] = fetch_one("/clients/{clientid}/subscriptions", clientid)
    parts = fetch_all(client, fetches)
    identity = ClientIdentity(clientid)
    if "client" in parts:
        identity = access.identify_client(str(clientid), parts["client"].value, None, None)
        authenticators = access.list_enabled_authenticators(parts)
        parts |= fetch_all(client, access.list_user_fetches(identity, authenticators))
        identity = identity._replace(superuser=access.is_superuser(parts, authenticators))
    if topic is None:
        return Subject("", clientid, parts, identity=identity)
    undelayed_topic, _ = parse_delayed_topic(topic)
    real_topic = _topic.find_real_topic(undelayed_topic, parts["topic rewrite"].value, identity)
    parts |= fetch_all(client, _topic.list_topic_fetches(real_topic, clientid))
    if parts["subscriptions"].error:
        raise parts["subscriptions"].error
    facts = _topic.TopicFacts(topic, real_topic, parts["subscriptions"].value, [])
    return Subject(topic, clientid, parts, facts, identity)


def get_real_topic(subject: Subject) -> str:
    """Return the topic that messages are delivered on; empty without --topic."""
    return subject.facts.real_topic if subject.facts else ""


def list_clientids(subject: Subject) -> list[str] | None:
    """Return the only clients to read: the one asked about, or the topic's receivers; None for all."""
    if subject.clientid is not None:
        return [subject.clientid]
    return subject.facts.clientids if subject.facts else None


def list_subject_causes(
    subject: Subject, facts: _topic.TopicFacts | None, parts: Mapping[str, Fetched]
) -> list[Cause]:
    """Return what keeps messages on the topic from its receivers."""
    if facts is None:
        return []
    causes = list(_topic.list_topic_causes(facts))
    if subject.clientid is not None:
        subscriptions = parts["client subscriptions"].value
        causes += _topic.list_access_causes(parts, subject.identity, facts, subscriptions)
    return causes


def select_slow(rows: Sequence[Row], subject: Subject) -> list[Row]:
    """Return the slow subscriptions of the client and the topic that the command was asked about."""
    return [
        row
        for row in rows
        if subject.clientid in {None, row.get("clientid")}
        and (
            not subject.facts
            or topic_matches(subject.facts.real_topic, parse_subscription(str(row.get("topic", "")))[1])
        )
    ]
