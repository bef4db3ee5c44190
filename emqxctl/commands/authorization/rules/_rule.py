"""One ACL rule of the built-in database: `allow publish a/# qos=1,2 retain=true`, or EMQX's object."""

import json
import re
from typing import Any

from emqxctl.errors import UsageError

AclRule = dict[str, Any]

PERMISSIONS = ("allow", "deny")
ACTIONS = ("publish", "subscribe", "all")
SYNTAX = "allow|deny publish|subscribe|all TOPIC [qos=0,1,2] [retain=true|false|all]"
RETAIN_VALUES: dict[str, bool | str] = {"true": True, "false": False, "all": "all"}
ALL_QOS = [0, 1, 2]
FIELDS = ("permission", "action", "topic", "qos", "retain")
# A topic with spaces is in double quotes, as in JSON.
WORD = re.compile(r'"(?:[^"\\]|\\.)*"(?=\s|$)|\S+')
QUALIFIER = re.compile(r"(qos|retain)=(.*)")


def parse_rule(source: object) -> AclRule:
    """Parse a rule: a text in the SYNTAX above, or an object as EMQX has it.

    Returns the object to send; what it does not set is left to EMQX (any QoS, retained or not), and unknown
    fields are kept. Raises UsageError naming the rule.
    """
    try:
        return parse_text(source) if isinstance(source, str) else check_object(source)
    except ValueError as error:
        text = source if isinstance(source, str) else format_value(source)
        message = f"invalid rule '{text}': {error}"
        raise UsageError(message, hint=SYNTAX) from error


def parse_text(text: str) -> AclRule:
    """Parse a rule written as words. Raises ValueError."""
    words = WORD.findall(text)
    if len(words) < 3:
        message = "permission, action and topic required (in YAML, # begins a comment unless quoted)"
        raise ValueError(message)
    permission, action, *rest = words
    topic, qualifiers = parse_topic(rest)
    rule: AclRule = {
        "permission": check_word(permission, PERMISSIONS),
        "action": check_word(action, ACTIONS),
        "topic": topic,
    }
    for word in qualifiers:
        match = QUALIFIER.fullmatch(word)
        if not match:
            message = f"{word!r} is neither qos=... nor retain=...; quote a topic with spaces"
            raise ValueError(message)
        name, value = match.groups()
        if name in rule:
            message = f"{name} is set twice"
            raise ValueError(message)
        rule[name] = parse_qos(value) if name == "qos" else parse_retain(value)
    return rule


def parse_topic(words: list[str]) -> tuple[str, list[str]]:
    """Split words into the topic, `a/#`, `"a b/#"` or `eq a/#`, and the rest. Raises ValueError."""
    is_exact = words[0] == "eq" and len(words) > 1 and not QUALIFIER.fullmatch(words[1])
    word, *rest = words[1:] if is_exact else words
    try:
        topic = json.loads(word) if word.startswith('"') else word
    except ValueError:
        message = f"{word} has no closing quote"
        raise ValueError(message) from None
    if is_exact:
        return f"eq {topic}", rest
    return topic if topic.startswith("eq ") else check_topic_filter(topic), rest


def check_topic_filter(topic: str) -> str:
    """Check a topic filter: EMQX accepts an invalid one, which then never matches. Raises ValueError."""
    levels = topic.split("/")
    if not topic:
        message = "the topic is empty"
    elif "#" in levels[:-1] or any("#" in level and level != "#" for level in levels):
        message = f"invalid topic {topic!r}: # must be the last level"
    elif any("+" in level and level != "+" for level in levels):
        message = f"invalid topic {topic!r}: + must be a whole level"
    else:
        return topic
    raise ValueError(message)


def check_word(word: object, allowed: tuple[str, ...]) -> str:
    """Check that a word is one of those allowed. Raises ValueError."""
    if isinstance(word, str) and word in allowed:
        return word
    message = f"{word!r} is not {', '.join(allowed[:-1])} or {allowed[-1]}"
    raise ValueError(message)


def parse_qos(value: object) -> list[int]:
    """Parse QoS levels: `0,1`, 1, [0, "1"]. Raises ValueError."""
    items = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
    levels = {str(item).strip() for item in items}
    if not levels or not levels <= {"0", "1", "2"}:
        message = f"invalid qos {format_value(value)!r}: use 0, 1 and 2"
        raise ValueError(message)
    return sorted(map(int, levels))


def parse_retain(value: object) -> bool | str:
    """Parse which messages a rule applies to: true (retained), false or all. Raises ValueError."""
    word = format_value(value)
    if word not in RETAIN_VALUES:
        message = f"invalid retain {word!r}: use true, false or all"
        raise ValueError(message)
    return RETAIN_VALUES[word]


def format_value(value: object) -> str:
    """Format a value as JSON, a text as it is."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def check_object(source: object) -> AclRule:
    """Check a rule as EMQX has it. Raises ValueError."""
    if not isinstance(source, dict):
        message = "it is neither a text nor an object"
        raise ValueError(message)  # noqa: TRY004  # all mistakes in a rule are reported in one way
    missing_fields = [field for field in FIELDS[:3] if field not in source]
    if missing_fields:
        message = f"{' and '.join(missing_fields)} required"
        raise ValueError(message)
    check_word(source["permission"], PERMISSIONS)
    check_word(source["action"], ACTIONS)
    if not isinstance(source["topic"], str) or not source["topic"]:
        message = f"{source['topic']!r} is not a topic"
        raise ValueError(message)
    rule = dict(source)
    if "qos" in rule:
        rule["qos"] = parse_qos(rule["qos"])
    if "retain" in rule:
        rule["retain"] = parse_retain(rule["retain"])
    return rule


def format_rule(rule: object) -> str:
    """Format a rule as `parse_rule` parses it, without what is the default."""
    if not isinstance(rule, dict):
        return format_value(rule)
    words = [format_value(rule.get("permission", "?")), format_value(rule.get("action", "?"))]
    words.append(format_topic(format_value(rule.get("topic", ""))))
    if rule.get("qos", ALL_QOS) != ALL_QOS:
        levels = rule["qos"] if isinstance(rule["qos"], list) else [rule["qos"]]
        words.append("qos=" + ",".join(map(format_value, levels)))
    if rule.get("retain", "all") != "all":
        words.append(f"retain={format_value(rule['retain'])}")
    words += [f"{name}={format_value(value)}" for name, value in rule.items() if name not in FIELDS]
    return " ".join(words)


def format_topic(topic: str) -> str:
    """Format a topic, in quotes if it would be parsed differently otherwise."""
    return f"eq {quote_topic(topic[3:])}" if topic.startswith("eq ") else quote_topic(topic)


def quote_topic(topic: str) -> str:
    """Quote a topic that is not one plain word."""
    is_word = topic and not topic.startswith('"') and not any(letter.isspace() for letter in topic)
    return topic if is_word and not QUALIFIER.fullmatch(topic) else json.dumps(topic, ensure_ascii=False)
