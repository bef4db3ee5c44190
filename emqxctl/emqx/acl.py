"""What authorization decides, as far as the API shows its rules; what it does not show stays open. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_address, ip_network
from typing import NamedTuple

from emqxctl.emqx.erlang import Atom, Term, terms
from emqxctl.emqx.topics import filter_covers

Json = Mapping[str, object]
CONDITION_FIELDS = {"user": "username", "client": "clientid"}  # older names in acl.conf
CONDITIONS = ("clientid_re", "username_re", "ipaddr", "listener_re", "zone")  # of stored rules, EMQX 5.9+
ALL_QOS = frozenset({0, 1, 2})


class ClientIdentity(NamedTuple):
    """Who asks. None is "not known"; a client known to have no user name has an empty one."""

    clientid: str | None = None
    username: str | None = None
    address: str | None = None
    superuser: bool | None = None


class AccessRequest(NamedTuple):
    """What is asked for: `publish` or `subscribe`; without `qos` or `retain` whatever these may be."""

    action: str
    topic: str
    qos: int | None = None
    retain: bool | None = None


class AclRule(NamedTuple):
    """One rule: `who` are conditions that all must hold, `topics` filters of which one must match.

    A condition is `(kind, value)`, with `any`/`every` for nested ones; a topic is `(filter, to the letter)`.
    """

    permission: str
    conditions: tuple[tuple[str, object], ...]
    action: str
    topics: tuple[tuple[str, bool], ...]
    qos: frozenset[int] = ALL_QOS
    retain: object = "all"

    @property
    def text(self) -> str:
        """The rule in words: `allow publish telemetry/#`."""
        names = ", ".join(f"eq {topic}" if exact else topic for topic, exact in self.topics)
        action = {"all": "publish and subscribe"}.get(self.action, self.action)
        return f"{self.permission} {action} {names}"


class AclSource(NamedTuple):
    """A source of authorization: its rules in order, each with whose they are; None: not shown by the API."""

    name: str
    rules: Sequence[tuple[str, AclRule]] | None
    hidden_reason: str = ""


class AclDecision(NamedTuple):
    """`result` is allow, deny or unknown; `source` decided it, by `rule`; `why` says it in words."""

    result: str
    source: str = ""
    rule: str = ""
    reason: str = ""


def evaluate(
    sources: Iterable[AclSource], no_match: str, who: ClientIdentity, access: AccessRequest
) -> AclDecision:
    """Ask the sources in order as EMQX does: the first rule that matches decides, else `no_match`.

    Where something is not known both ways are followed; it is only unknown if they end differently.
    """
    if who.superuser:
        return AclDecision("allow", "superuser", reason="a superuser may do all")
    possible: set[str] = set()
    doubts: list[str] = []
    for source in sources:
        if source.rules is None:
            doubts.append(f"{source.name}: {source.hidden_reason}" if source.hidden_reason else source.name)
            possible |= {"allow", "deny"}
            continue
        for whose, rule in source.rules:
            hit = rule_applies(rule, who, access)
            if hit is False:
                continue
            if hit is None:
                possible.add(rule.permission)
                doubts.append(f"{source.name}: {rule.text}")
                continue
            decided = AclDecision(rule.permission, source.name, rule.text, whose)
            return combine(decided, possible, doubts)
    return combine(AclDecision(no_match, "no_match", reason="no rule matches"), possible, doubts)


def combine(last: AclDecision, possible: set[str], doubts: Sequence[str]) -> AclDecision:
    """Give the verdict where every way ends the same, else that it cannot be told."""
    if possible <= {last.result} and last.result in {"allow", "deny"}:
        return last
    return AclDecision("unknown", last.source, last.rule, "; ".join(dict.fromkeys(doubts)))


def rule_applies(rule: AclRule, who: ClientIdentity, access: AccessRequest) -> bool | None:
    """Tell whether a rule is about this; None if that depends on what is not known."""
    if rule.action not in (access.action, "all"):
        return False
    return all_hold(
        [
            qos_matches(rule, access),
            retain_matches(rule, access),
            all_hold([condition_matches(kind, value, who) for kind, value in rule.conditions]),
            any_holds([topic_matches(topic, exact, who, access.topic) for topic, exact in rule.topics]),
        ]
    )


def all_hold(answers: Sequence[bool | None]) -> bool | None:
    """Join answers that all must be yes."""
    return False if False in answers else None if None in answers else True


def any_holds(answers: Sequence[bool | None]) -> bool | None:
    """Join answers of which one must be yes."""
    return True if True in answers else None if None in answers else False


def qos_matches(rule: AclRule, access: AccessRequest) -> bool | None:
    """Tell whether a rule is about this QoS."""
    if access.qos is None:
        return True if rule.qos >= ALL_QOS else None
    return access.qos in rule.qos


def retain_matches(rule: AclRule, access: AccessRequest) -> bool | None:
    """Tell whether a rule is about messages retained or not; only publishing asks."""
    if access.action == "subscribe" or rule.retain not in (True, False):
        return True
    return None if access.retain is None else access.retain == rule.retain


def topic_matches(topic: str, exact: bool, who: ClientIdentity, asked: str) -> bool | None:
    """Tell whether a rule's topic, with its placeholders filled, takes in the topic asked for.

    What is not known may be anything, and of any length; only what stands before it can rule a topic out. A
    client without a user name is in no topic that has one.
    """
    for name, value in (("clientid", who.clientid), ("username", who.username)):
        placeholder = f"${{{name}}}"
        if placeholder in topic and value == "":
            return False
        topic = topic.replace(placeholder, value or placeholder)
    if "${" not in topic:
        return topic == asked if exact else filter_covers(asked, topic)
    return None if asked.startswith(re.split(r"[+#]|\$\{", topic, maxsplit=1)[0]) else False


def condition_matches(kind: str, value: object, who: ClientIdentity) -> bool | None:
    """Tell whether a condition on the client holds; None if that is not known."""
    if kind.startswith("username") and who.username == "":
        return False
    match kind, value:
        case "any" | "every", [*nested]:
            answers = [
                condition_matches(str(one[0]), one[1], who) for one in nested if isinstance(one, tuple)
            ]
            return any_holds(answers) if kind == "any" else all_hold(answers)
        case "clientid" | "username", str():
            known = getattr(who, kind)
            return None if known is None else known == value
        case "clientid_re" | "username_re", str():
            known = getattr(who, kind.removesuffix("_re"))
            return None if known is None else pattern_matches(value, known)
        case "ipaddr", str():
            return None if who.address is None else is_in_network(who.address, value)
        case _:
            return None


def pattern_matches(pattern: str, text: str) -> bool | None:
    """Tell whether an expression is found in a text; None if it cannot be read here."""
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return None


def is_in_network(address: str, network: str) -> bool | None:
    """Tell whether an address lies in a network; None if either cannot be read."""
    try:
        return ip_address(address) in ip_network(network, strict=False)
    except ValueError:
        return None


def parse_stored_rule(row: Json) -> AclRule | None:
    """Read a rule of the built-in database; None for what is none."""
    permission, topic = row.get("permission"), row.get("topic")
    if permission not in ("allow", "deny") or not isinstance(topic, str):
        return None
    qos = row.get("qos")
    kinds = [name for name in CONDITIONS if row.get(name)]
    return AclRule(
        str(permission),
        tuple((name, row[name]) for name in kinds),
        str(row.get("action", "all")),
        (parse_rule_topic(topic),),
        frozenset(one for one in qos if isinstance(one, int)) if isinstance(qos, list) else ALL_QOS,
        row.get("retain", "all"),
    )


def parse_rule_topic(text: str) -> tuple[str, bool]:
    """Read a rule's topic: `eq a/#` is meant to the letter."""
    return (text[3:], True) if text.startswith("eq ") else (text, False)


def parse_acl_file(text: str) -> list[AclRule]:
    """Read the rules of `acl.conf`. Raises ValueError where one is not plain."""
    return [parse_file_rule(term) for term in terms(text)]


def parse_file_rule(term: Term) -> AclRule:
    """Read one rule of `acl.conf`. Raises ValueError."""
    match term:
        case (Atom(permission), Atom("all")) if permission in {"allow", "deny"}:
            return AclRule(permission, (), "all", (("#", False),))
        case (Atom(permission), who, action, [*topics]) if permission in {"allow", "deny"}:
            name, qos, retain = parse_action(action)
            return AclRule(
                permission, parse_conditions(who), name, tuple(map(parse_file_topic, topics)), qos, retain
            )
    message = "a rule that is not plain"
    raise ValueError(message)


def parse_conditions(who: Term) -> tuple[tuple[str, object], ...]:
    """Read whom a rule is about. Raises ValueError."""
    match who:
        case Atom("all"):
            return ()
        case (Atom("and" | "or" as both), [*nested]):
            conditions = [("every", list(parse_conditions(one))) for one in nested]
            return (("every" if both == "and" else "any", conditions),)
        case (Atom("ipaddrs"), [*networks]):
            return (("any", [("ipaddr", network) for network in networks]),)
        case (Atom(kind), (Atom("re"), str() as pattern)):
            return ((f"{CONDITION_FIELDS.get(kind, kind)}_re", pattern),)
        case (Atom(kind), str() as value):
            return ((CONDITION_FIELDS.get(kind, kind), value),)
        case (Atom("client_attr"), str(), _):
            return (("client_attr", ""),)
    message = "a rule about whom is not plain"
    raise ValueError(message)


def parse_action(action: Term) -> tuple[str, frozenset[int], object]:
    """Read what a rule is about: the action, its QoS, retained or not. Raises ValueError."""
    match action:
        case Atom("publish" | "subscribe" | "all" as name):
            return name, ALL_QOS, "all"
        case (Atom("publish" | "subscribe" | "all" as name), [*options]):
            qos: set[int] = set()
            retain: object = "all"
            for option in options:
                match option:
                    case (Atom("qos"), int() as one):
                        qos.add(one)
                    case (Atom("qos"), [*several]):
                        qos |= {one for one in several if isinstance(one, int)}
                    case (Atom("retain"), Atom("true" | "false" as word)):
                        retain = word == "true"
            return name, frozenset(qos) or ALL_QOS, retain
    message = "a rule about what is not plain"
    raise ValueError(message)


def parse_file_topic(topic: Term) -> tuple[str, bool]:
    """Read a topic of a rule. Raises ValueError."""
    match topic:
        case str():
            return parse_rule_topic(topic)
        case (Atom("eq"), str() as exact):
            return exact, True
    message = "a topic that is not plain"
    raise ValueError(message)
