"""Topics as in MQTT and EMQX: matching, shared subscriptions, delays, rewriting."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

MAX_TOPIC_BYTES = 65535


class ParsedSubscription(NamedTuple):
    """The parts of a subscription's topic: its share group (empty without one), and the filter itself."""

    group: str
    filter: str
    exclusive: bool = False


def topic_matches(topic: str, topic_filter: str) -> bool:
    """Return whether a topic matches a filter; a leading wildcard does not match a `$` topic."""
    if topic.startswith("$") and topic_filter[:1] in ("+", "#"):
        return False
    return filter_covers(topic, topic_filter)


def filter_covers(topic: str, topic_filter: str) -> bool:
    """Return whether a filter covers a topic, or every topic of another filter, level by level.

    Authorization compares like this (`emqx_authz_rule:match_topic/2`): `#` also covers `$SYS`, and `a/+`
    covers `a/#`, as in EMQX.
    """
    topic_levels, filter_levels = topic.split("/"), topic_filter.split("/")
    for number, level in enumerate(filter_levels):
        if level == "#":
            return number == len(filter_levels) - 1
        if number >= len(topic_levels) or level not in ("+", topic_levels[number]):
            return False
    return len(topic_levels) == len(filter_levels)


def parse_subscription(topic: str) -> ParsedSubscription:
    """Parse `$share/GROUP/`, `$queue/` or `$exclusive/` at the start of a subscription's topic."""
    prefix, _, rest = topic.partition("/")
    match prefix:
        case "$share" if "/" in rest:
            group, _, topic_filter = rest.partition("/")
            return ParsedSubscription(group, topic_filter)
        case "$queue" if rest:
            return ParsedSubscription("$queue", rest)
        case "$exclusive" if rest:
            return ParsedSubscription("", rest, exclusive=True)
    return ParsedSubscription("", topic)


def has_wildcard(topic: str) -> bool:
    """Return whether a topic is a filter with a wildcard level."""
    return any(level in ("+", "#") for level in topic.split("/"))


def find_topic_error(topic: str) -> str:
    """Return why a topic or filter is invalid, empty if it is valid."""
    levels = topic.split("/")
    if not topic or "\0" in topic:
        return "it is empty" if not topic else "it contains a null character"
    if len(topic.encode("utf-8", "surrogatepass")) > MAX_TOPIC_BYTES:
        return f"it is longer than {MAX_TOPIC_BYTES} bytes"
    if "#" in levels[:-1]:
        return "# is only allowed as the last level"
    if any(len(level) > 1 and ("#" in level or "+" in level) for level in levels):
        return "+ and # must be a whole level"
    return ""


def find_filter_error(topic: str) -> str:
    """Return why the topic of a subscription is invalid, empty if it is valid; `$share/GROUP/` is allowed."""
    error = find_topic_error(topic)
    if error or not topic.startswith("$share/"):
        return error
    group, _, topic_filter = topic.removeprefix("$share/").partition("/")
    if not group or not topic_filter:
        return "$share needs a group and a filter"
    return "the group of $share has a wildcard" if "+" in group or "#" in group else ""


def parse_delayed_topic(topic: str) -> tuple[str, float | None]:
    """Parse `$delayed/SECONDS/` at the start of a topic; return the topic, and the delay or None."""
    match = re.fullmatch(r"\$delayed/(\d{1,10})/(.+)", topic, re.DOTALL)
    return (match[2], float(match[1])) if match else (topic, None)


class RewriteResult(NamedTuple):
    """The topic after rewriting, and the rule that did it; `unknown_reason`: why the topic is unknown."""

    topic: str
    rule: Mapping[str, object] | None = None
    unknown_reason: str = ""


def rewrite_topic(
    topic: str,
    rules: Iterable[Mapping[str, object]],
    action: str,
    variables: Mapping[str, str | None],
) -> RewriteResult:
    """Rewrite a topic as EMQX does: only the last rule whose source matches is applied.

    `variables` hold `clientid` and `username`, None if unknown (`emqx_rewrite:compile/1` reverses the rules,
    `match_and_rewrite/3` stops at the first source topic that matches).
    """
    for rule in reversed(list(rules)):
        source, pattern, target = (str(rule.get(name, "")) for name in ("source_topic", "re", "dest_topic"))
        if rule.get("action", "all") not in (action, "all") or not topic_matches(topic, source):
            continue
        try:
            match = re.search(pattern, topic)
        except re.error:
            return RewriteResult(topic, rule, "its regular expression is not supported by emqxctl")
        if not match:
            return RewriteResult(topic)
        return fill_target(target, variables, match.groups(""))._replace(rule=rule)
    return RewriteResult(topic)


def fill_target(target: str, variables: Mapping[str, str | None], groups: Iterable[str]) -> RewriteResult:
    """Fill in the target of a rewrite rule: `${clientid}`, `${username}`, then `$1` and so on."""
    for name in ("clientid", "username"):
        placeholder, value = f"${{{name}}}", variables.get(name)
        if placeholder in target and not value:
            return RewriteResult(target, unknown_reason=f"it depends on the {name}")
        target = target.replace(placeholder, value or "")
    for number, text in enumerate(groups, 1):
        target = target.replace(f"${number}", text)
    return RewriteResult(target)


def find_filter_problem(topic_filter: str) -> str:
    """Return why a topic filter is invalid, empty if it is valid."""
    levels = topic_filter.split("/")
    if not topic_filter:
        return "it is empty"
    if len(topic_filter.encode("utf-8", "surrogatepass")) > MAX_FILTER_BYTES:
        return f"it is longer than {MAX_FILTER_BYTES} bytes"
    if "\0" in topic_filter:
        return "it contains a null character"
    if "#" in levels[:-1]:
        return "# must be the last level"
    if any(len(level) > 1 and ("#" in level or "+" in level) for level in levels):
        return "# and + must be whole levels"
    return ""


MAX_FILTER_BYTES = 65535  # of MQTT
