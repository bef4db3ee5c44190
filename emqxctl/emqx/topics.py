"""Topics as MQTT and EMQX read them: what matches what, shared subscriptions, rewriting. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple


class ParsedSubscription(NamedTuple):
    """A subscription's topic taken apart: its share group (empty for none), and the filter itself."""

    group: str
    filter: str
    exclusive: bool = False


def topic_matches(topic: str, topic_filter: str) -> bool:
    """Tell whether a topic's messages reach a filter; no leading wildcard reaches a `$` topic."""
    if topic.startswith("$") and topic_filter[:1] in ("+", "#"):
        return False
    return filter_covers(topic, topic_filter)


def filter_covers(topic: str, topic_filter: str) -> bool:
    """Tell whether a topic, or all that a filter stands for, lies within a filter, word by word.

    This is how authorization compares (`emqx_authz_rule:match_topic/2`): `#` there takes in `$SYS` too, and
    `a/#` counts as within `a/+`, as EMQX has it.
    """
    words, filters = topic.split("/"), topic_filter.split("/")
    for level, word in enumerate(filters):
        if word == "#":
            return level == len(filters) - 1
        if level >= len(words) or word not in ("+", words[level]):
            return False
    return len(words) == len(filters)


def parse_subscription(full: str) -> ParsedSubscription:
    """Take `$share/GROUP/`, `$queue/` or `$exclusive/` off a subscription's topic."""
    head, _, rest = full.partition("/")
    match head:
        case "$share" if "/" in rest:
            group, _, real = rest.partition("/")
            return ParsedSubscription(group, real)
        case "$queue" if rest:
            return ParsedSubscription("$queue", rest)
        case "$exclusive" if rest:
            return ParsedSubscription("", rest, exclusive=True)
    return ParsedSubscription("", full)


def has_wildcard(topic: str) -> bool:
    """Tell whether a topic is a filter with a wildcard level."""
    return any(word in ("+", "#") for word in topic.split("/"))


def find_topic_error(topic: str) -> str:
    """Say what is wrong with a topic or filter; nothing when it is a good one."""
    words = topic.split("/")
    if not topic or "\0" in topic:
        return "it is empty" if not topic else "it has a null character"
    if len(topic.encode("utf-8", "surrogatepass")) > 65535:
        return "it is longer than 65535 bytes"
    if "#" in words[:-1]:
        return "# may only be its last level"
    if any(len(word) > 1 and ("#" in word or "+" in word) for word in words):
        return "+ and # take a level of their own"
    return ""


def parse_delayed_topic(topic: str) -> tuple[str, float | None]:
    """Take `$delayed/SECONDS/` off a topic: the topic it is for, and the delay (None for none)."""
    found = re.fullmatch(r"\$delayed/(\d{1,10})/(.+)", topic, re.DOTALL)
    return (found[2], float(found[1])) if found else (topic, None)


class RewriteResult(NamedTuple):
    """What a topic is rewritten to, by which rule; `doubt` says why that cannot be told."""

    topic: str
    rule: Mapping[str, object] | None = None
    unknown_reason: str = ""


def rewrite_topic(
    topic: str,
    rules: Iterable[Mapping[str, object]],
    action: str,
    known: Mapping[str, str | None],
) -> RewriteResult:
    """Rewrite a topic as EMQX does: the last rule whose source matches is tried, and none else.

    `known` gives `clientid` and `username` where they are known (`emqx_rewrite:compile/1` reverses the
    rules, `match_and_rewrite/3` stops at the first source topic that matches).
    """
    for rule in reversed(list(rules)):
        source, pattern, target = (str(rule.get(name, "")) for name in ("source_topic", "re", "dest_topic"))
        if rule.get("action", "all") not in (action, "all") or not topic_matches(topic, source):
            continue
        try:
            found = re.search(pattern, topic)
        except re.error:
            return RewriteResult(topic, rule, "its expression cannot be read here")
        if not found:
            return RewriteResult(topic)
        return fill_target(target, known, found.groups(""))._replace(rule=rule)
    return RewriteResult(topic)


def fill_target(target: str, known: Mapping[str, str | None], captured: Iterable[str]) -> RewriteResult:
    """Fill in a rewriting rule's target: `${clientid}`, `${username}`, then `$1` and so on."""
    for name in ("clientid", "username"):
        placeholder, value = f"${{{name}}}", known.get(name)
        if placeholder in target and not value:
            return RewriteResult(target, unknown_reason=f"it depends on the {name}")
        target = target.replace(placeholder, value or "")
    for number, text in enumerate(captured, 1):
        target = target.replace(f"${number}", text)
    return RewriteResult(target)
