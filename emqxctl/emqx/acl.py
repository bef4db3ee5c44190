"""Which ACL rule decides; rules that the API does not show make the result unknown."""

import re
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_address, ip_network
from typing import NamedTuple

from emqxctl.emqx.topics import filter_covers

Json = Mapping[str, object]
CONDITIONS = ("clientid_re", "username_re", "ipaddr", "listener_re", "zone")  # of stored rules, EMQX 5.9+
ALL_QOS = frozenset({0, 1, 2})
SECURITY_PROFILE = "security_profile"


class ClientIdentity(NamedTuple):
    """The client of a request. None means unknown; a client known to have no username has an empty one."""

    clientid: str | None = None
    username: str | None = None
    address: str | None = None
    superuser: bool | None = None


class AccessRequest(NamedTuple):
    """A request: `publish` or `subscribe`; without `qos` or `retain` for any value of these."""

    action: str
    topic: str
    qos: int | None = None
    retain: bool | None = None


class AclRule(NamedTuple):
    """One rule: all `conditions` must match, and one of `topics`.

    A condition is `(kind, value)`, with kind `any` or `every` for nested ones; a topic is
    `(filter, is_exact)`.
    """

    permission: str
    conditions: tuple[tuple[str, object], ...]
    action: str
    topics: tuple[tuple[str, bool], ...]
    qos: frozenset[int] = ALL_QOS
    retain: object = "all"

    @property
    def text(self) -> str:
        """The rule as text: `allow publish telemetry/#`."""
        if ("unsupported", "") in self.conditions:
            return "a rule that is not supported"
        names = ", ".join(f"eq {topic}" if is_exact else topic for topic, is_exact in self.topics)
        action = {"all": "publish and subscribe"}.get(self.action, self.action)
        return f"{self.permission} {action} {names}"


class AclSource(NamedTuple):
    """An authorization source: its rules in order with their owners; None if the API hides them."""

    name: str
    rules: Sequence[tuple[str, AclRule]] | None
    hidden_reason: str = ""


class AclDecision(NamedTuple):
    """`result` is allow, deny or unknown; `source` and `rule` decided it; `reason` explains it."""

    result: str
    source: str = ""
    rule: str = ""
    reason: str = ""


def evaluate(
    sources: Iterable[AclSource], no_match: str, client: ClientIdentity, request: AccessRequest
) -> AclDecision:
    """Evaluate the sources in order as EMQX does: the first rule that matches decides, else `no_match`.

    If it is unknown whether a rule matches, both outcomes are followed; the result is unknown only if they
    differ.
    """
    if client.superuser:
        return AclDecision("allow", "superuser", reason="a superuser has all permissions")
    possible_results: set[str] = set()
    unknown_reasons: list[str] = []
    for source in sources:
        if source.rules is None:
            reason = f"{source.name}: {source.hidden_reason}" if source.hidden_reason else source.name
            unknown_reasons.append(reason)
            possible_results |= {"allow", "deny"}
            continue
        for owner, rule in source.rules:
            applies = rule_applies(rule, client, request)
            if applies is None:
                possible_results |= {rule.permission} & {"allow", "deny"} or {"allow", "deny"}
                unknown_reasons.append(f"{source.name}: {rule.text}")
            elif applies:
                decision = AclDecision(rule.permission, source.name, rule.text, owner)
                return combine(decision, possible_results, unknown_reasons)
    decision = AclDecision(no_match, "no_match", reason="no matching rule")
    return combine(decision, possible_results, unknown_reasons)


def combine(decision: AclDecision, possible_results: set[str], unknown_reasons: Sequence[str]) -> AclDecision:
    """Return the decision if all possible results agree with it, else an unknown one."""
    if possible_results <= {decision.result} and decision.result in {"allow", "deny"}:
        return decision
    reason = "; ".join(dict.fromkeys(unknown_reasons))
    return AclDecision("unknown", decision.source, decision.rule, reason)


def rule_applies(rule: AclRule, client: ClientIdentity, request: AccessRequest) -> bool | None:
    """Return whether a rule applies to a request; None if that depends on something unknown."""
    if rule.action not in (request.action, "all"):
        return False
    topics = [topic_matches(topic, is_exact, client, request.topic) for topic, is_exact in rule.topics]
    conditions = [condition_matches(kind, value, client) for kind, value in rule.conditions]
    return all_hold(
        [qos_matches(rule, request), retain_matches(rule, request), all_hold(conditions), any_holds(topics)]
    )


def all_hold(results: Sequence[bool | None]) -> bool | None:
    """Return whether all results are true; None if that is unknown."""
    return False if False in results else None if None in results else True


def any_holds(results: Sequence[bool | None]) -> bool | None:
    """Return whether any result is true; None if that is unknown."""
    return True if True in results else None if None in results else False


def qos_matches(rule: AclRule, request: AccessRequest) -> bool | None:
    """Return whether a rule applies to the QoS of a request; None if that is unknown."""
    if request.qos is None:
        return True if rule.qos >= ALL_QOS else None
    return request.qos in rule.qos


def retain_matches(rule: AclRule, request: AccessRequest) -> bool | None:
    """Return whether a rule applies to the retain flag, which EMQX checks for publishing only."""
    if request.action == "subscribe" or rule.retain not in (True, False):
        return True
    return None if request.retain is None else request.retain == rule.retain


def topic_matches(topic: str, is_exact: bool, client: ClientIdentity, requested_topic: str) -> bool | None:
    """Return whether a rule's topic, with its placeholders filled in, covers the requested topic.

    An unknown value may be any text of any length: only the part before it can exclude a topic. A client
    without a username matches no topic with one.
    """
    for name, value in (("clientid", client.clientid), ("username", client.username)):
        placeholder = f"${{{name}}}"
        if placeholder in topic and value == "":
            return False
        topic = topic.replace(placeholder, value or placeholder)
    if "${" not in topic:
        return topic == requested_topic if is_exact else filter_covers(requested_topic, topic)
    known_prefix = re.split(r"[+#]|\$\{", topic, maxsplit=1)[0]
    return None if requested_topic.startswith(known_prefix) else False


def condition_matches(kind: str, value: object, client: ClientIdentity) -> bool | None:
    """Return whether a condition on the client matches; None if that is unknown."""
    if kind.startswith("username") and client.username == "":
        return False
    match kind, value:
        case "any" | "every", [*conditions]:
            nested = [condition for condition in conditions if isinstance(condition, tuple)]
            results = [condition_matches(str(condition[0]), condition[1], client) for condition in nested]
            return any_holds(results) if kind == "any" else all_hold(results)
        case "clientid" | "username", str():
            client_value = getattr(client, kind)
            return None if client_value is None else client_value == value
        case "clientid_re" | "username_re", str():
            client_value = getattr(client, kind.removesuffix("_re"))
            return None if client_value is None else pattern_matches(value, client_value)
        case "ipaddr", str():
            return None if client.address is None else is_in_network(client.address, value)
        case _:
            return None


def pattern_matches(pattern: str, text: str) -> bool | None:
    """Return whether an expression occurs in a text; None if Python cannot compile it."""
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return None


def is_in_network(address: str, network: str) -> bool | None:
    """Return whether an address is in a network; None if either is invalid."""
    try:
        return ip_address(address) in ip_network(network, strict=False)
    except ValueError:
        return None


def parse_stored_rule(row: Json) -> AclRule | None:
    """Parse a rule of the built-in database; None if it is invalid."""
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
        frozenset(level for level in qos if isinstance(level, int)) if isinstance(qos, list) else ALL_QOS,
        row.get("retain", "all"),
    )


def parse_rule_topic(text: str) -> tuple[str, bool]:
    """Parse a rule's topic; `eq a/#` is an exact one."""
    return (text[3:], True) if text.startswith("eq ") else (text, False)
