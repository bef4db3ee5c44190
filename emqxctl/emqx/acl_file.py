"""Rules of the file `acl.conf`, which is of Erlang terms."""

from emqxctl.emqx.acl import ALL_QOS, SECURITY_PROFILE, AclRule, parse_rule_topic
from emqxctl.emqx.erlang import Atom, Term, parse_terms

CONDITION_FIELDS = {"user": "username", "client": "clientid"}  # older names


def parse_acl_file(text: str, security_profile: str = "") -> list[AclRule]:
    """Parse the rules of `acl.conf`. Raises ValueError for a file that is not of Erlang terms.

    A rule that is not supported becomes one of which it is unknown whether it applies. `security_profile` is
    that of the cluster, empty if it is unknown: a rule for another one never applies (EMQX 6.2+).
    """
    rules = []
    for term in parse_terms(text):
        try:
            rule = parse_file_rule(term)
        except ValueError:
            rule = unsupported_rule(term)
        conditions = [value for kind, value in rule.conditions if kind == SECURITY_PROFILE]
        if not conditions or not security_profile:
            rules.append(rule)
        elif security_profile in conditions:
            rules.append(rule._replace(conditions=()))
    return rules


def unsupported_rule(term: Term) -> AclRule:
    """Return a rule of which it is unknown whether it applies, and what it permits if it does not say so."""
    permission = term[0] if isinstance(term, tuple) and term and term[0] in ("allow", "deny") else "unknown"
    return AclRule(str(permission), (("unsupported", ""),), "all", (("#", False),))


def parse_file_rule(term: Term) -> AclRule:
    """Parse one rule of `acl.conf`. Raises ValueError."""
    match term:
        case (Atom("allow" | "deny") as permission, Atom("all")):
            return AclRule(str(permission), (), "all", (("#", False),))
        case (Atom("allow" | "deny") as permission, (Atom("security_profile"), str() as profile)):
            return AclRule(str(permission), ((SECURITY_PROFILE, str(profile)),), "all", (("#", False),))
        case (Atom("allow" | "deny") as permission, client, action, [*topics]):
            name, qos, retain = parse_action(action)
            parsed_topics = tuple(map(parse_file_topic, topics))
            return AclRule(str(permission), parse_conditions(client), name, parsed_topics, qos, retain)
    message = "rule not supported"
    raise ValueError(message)


def parse_conditions(client: Term) -> tuple[tuple[str, object], ...]:
    """Parse the clients that a rule applies to. Raises ValueError."""
    match client:
        case Atom("all"):
            return ()
        case (Atom("and" | "or") as operator, [*clients]):
            conditions = [("every", list(parse_conditions(nested))) for nested in clients]
            return (("every" if operator == "and" else "any", conditions),)
        case (Atom("ipaddrs"), [*networks]):
            return (("any", [("ipaddr", network) for network in networks]),)
        case (Atom() as kind, (Atom("re"), str() as pattern)) if not isinstance(pattern, Atom):
            return ((f"{CONDITION_FIELDS.get(kind, kind)}_re", pattern),)
        case (Atom() as kind, str() as value) if not isinstance(value, Atom):
            return ((CONDITION_FIELDS.get(kind, kind), value),)
        case (Atom("client_attr"), str(), _):
            return (("client_attr", ""),)
    message = "clients of a rule not supported"
    raise ValueError(message)


def parse_action(action: Term) -> tuple[str, frozenset[int], object]:
    """Parse the action of a rule, its QoS, and whether it is for retained messages. Raises ValueError."""
    match action:
        case Atom("publish" | "subscribe" | "all") as name:
            return str(name), ALL_QOS, "all"
        case (Atom("publish" | "subscribe" | "all") as name, [*options]):
            qos: set[int] = set()
            retain: object = "all"
            for option in options:
                match option:
                    case (Atom("qos"), int() as level):
                        qos.add(level)
                    case (Atom("qos"), [*levels]):
                        qos |= {level for level in levels if isinstance(level, int)}
                    case (Atom("retain"), Atom("true" | "false") as value):
                        retain = value == "true"
            return str(name), frozenset(qos) or ALL_QOS, retain
    message = "action of a rule not supported"
    raise ValueError(message)


def parse_file_topic(topic: Term) -> tuple[str, bool]:
    """Parse a topic of a rule. Raises ValueError."""
    match topic:
        case str() if not isinstance(topic, Atom):
            return parse_rule_topic(topic)
        case (Atom("eq"), str() as exact_topic) if not isinstance(exact_topic, Atom):
            return exact_topic, True
    message = "topic of a rule not supported"
    raise ValueError(message)
