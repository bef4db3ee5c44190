"""One rule of the built-in database: `allow publish a/# qos=1,2 retain=true`, or EMQX's own object."""

import json
import re
from typing import Any

from emqxctl.errors import UsageError

Rule = dict[str, Any]

PERMISSIONS = ("allow", "deny")
ACTIONS = ("publish", "subscribe", "all")
FORM = "allow|deny publish|subscribe|all TOPIC [qos=0,1,2] [retain=true|false|all]"
RETAIN: dict[str, bool | str] = {"true": True, "false": False, "all": "all"}
EVERY_QOS = [0, 1, 2]
FIELDS = ("permission", "action", "topic", "qos", "retain")
# A topic with spaces stands in double quotes, as in JSON.
WORD = re.compile(r'"(?:[^"\\]|\\.)*"(?=\s|$)|\S+')
QUALIFIER = re.compile(r"(qos|retain)=(.*)")


def read_rule(given: object) -> Rule:
    """Read a rule: a text in the FORM above, or an object as EMQX has it.

    Gives the object to be sent; what it does not say is left to EMQX (any QoS, retained or not), and fields
    that are unknown here stay. Raises UsageError naming the rule.
    """
    try:
        return of_text(given) if isinstance(given, str) else of_object(given)
    except ValueError as error:
        shown = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False, default=str)
        message = f"rule '{shown}': {error}"
        raise UsageError(message, hint=FORM) from error


def of_text(text: str) -> Rule:
    """Read a rule of words. Raises ValueError."""
    words = WORD.findall(text)
    if len(words) < 3:
        message = "it needs a permission, an action and a topic (in YAML, # begins a comment unless quoted)"
        raise ValueError(message)
    permission, action, *rest = words
    topic, qualifiers = topic_of(rest)
    rule: Rule = {
        "permission": one_of(permission, PERMISSIONS),
        "action": one_of(action, ACTIONS),
        "topic": topic,
    }
    for word in qualifiers:
        found = QUALIFIER.fullmatch(word)
        if not found:
            message = f"{word!r} is neither qos=... nor retain=...; a topic with spaces stands in quotes"
            raise ValueError(message)
        if found[1] in rule:
            message = f"{found[1]} is said twice"
            raise ValueError(message)
        rule[found[1]] = levels(found[2]) if found[1] == "qos" else retention(found[2])
    return rule


def topic_of(words: list[str]) -> tuple[str, list[str]]:
    """Take the topic off the words: `a/#`, `"a b/#"`, or `eq a/#`, that filter itself. Raises ValueError."""
    literal = words[0] == "eq" and len(words) > 1 and not QUALIFIER.fullmatch(words[1])
    word, *rest = words[1:] if literal else words
    try:
        topic = json.loads(word) if word.startswith('"') else word
    except ValueError:
        message = f"{word} is not closed by a quote"
        raise ValueError(message) from None
    if literal:
        return f"eq {topic}", rest
    return topic if topic.startswith("eq ") else a_filter(topic), rest


def a_filter(topic: str) -> str:
    """Check a topic filter: EMQX takes a wrong one, which then never matches. Raises ValueError."""
    parts = topic.split("/")
    if not topic:
        message = "the topic is empty"
    elif "#" in parts[:-1] or any("#" in part and part != "#" for part in parts):
        message = f"topic {topic!r}: # stands for itself, at the end"
    elif any("+" in part and part != "+" for part in parts):
        message = f"topic {topic!r}: + stands for a whole level"
    else:
        return topic
    raise ValueError(message)


def one_of(word: object, words: tuple[str, ...]) -> str:
    """Check a word. Raises ValueError."""
    if isinstance(word, str) and word in words:
        return word
    message = f"{word!r} is not {', '.join(words[:-1])} or {words[-1]}"
    raise ValueError(message)


def levels(value: object) -> list[int]:
    """Read levels of QoS: `0,1`, 1, [0, "1"]. Raises ValueError."""
    given = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
    found = {str(one).strip() for one in given}
    if not found or not found <= {"0", "1", "2"}:
        message = f"qos {plainly(value)}: only 0, 1 and 2 are levels"
        raise ValueError(message)
    return sorted(map(int, found))


def retention(value: object) -> bool | str:
    """Read whether retained messages are meant: true, false or all. Raises ValueError."""
    word = plainly(value)
    if word not in RETAIN:
        message = f"retain {word}: only true, false and all are known"
        raise ValueError(message)
    return RETAIN[word]


def plainly(value: object) -> str:
    """Write a value as JSON has it, a text as it is."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def of_object(given: object) -> Rule:
    """Check a rule as EMQX has it. Raises ValueError."""
    if not isinstance(given, dict):
        message = "it is neither a text nor an object"
        raise ValueError(message)  # noqa: TRY004  # all that is wrong with a rule is said in one way
    missing = [field for field in FIELDS[:3] if field not in given]
    if missing:
        message = f"{' and '.join(missing)} {'are' if len(missing) > 1 else 'is'} missing"
        raise ValueError(message)
    one_of(given["permission"], PERMISSIONS)
    one_of(given["action"], ACTIONS)
    if not isinstance(given["topic"], str) or not given["topic"]:
        message = f"{given['topic']!r} is no topic"
        raise ValueError(message)
    rule = dict(given)
    if "qos" in rule:
        rule["qos"] = levels(rule["qos"])
    if "retain" in rule:
        rule["retain"] = retention(rule["retain"])
    return rule


def write_rule(rule: object) -> str:
    """Write a rule of EMQX's as `read_rule` reads it, without what holds anyway."""
    if not isinstance(rule, dict):
        return plainly(rule)
    words = [plainly(rule.get("permission", "?")), plainly(rule.get("action", "?"))]
    words.append(write_topic(plainly(rule.get("topic", ""))))
    if rule.get("qos", EVERY_QOS) != EVERY_QOS:
        given = rule["qos"] if isinstance(rule["qos"], list) else [rule["qos"]]
        words.append("qos=" + ",".join(map(plainly, given)))
    if rule.get("retain", "all") != "all":
        words.append(f"retain={plainly(rule['retain'])}")
    words += [f"{name}={plainly(value)}" for name, value in rule.items() if name not in FIELDS]
    return " ".join(words)


def write_topic(topic: str) -> str:
    """Write a topic, in quotes where it would be read otherwise."""
    return f"eq {quoted(topic[3:])}" if topic.startswith("eq ") else quoted(topic)


def quoted(topic: str) -> str:
    """Put quotes around what is not one plain word."""
    bare = topic and not topic.startswith('"') and not any(letter.isspace() for letter in topic)
    return topic if bare and not QUALIFIER.fullmatch(topic) else json.dumps(topic, ensure_ascii=False)
