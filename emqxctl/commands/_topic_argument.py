"""The check of a topic that messages are published on."""

from emqxctl.emqx.topics import find_topic_error, has_wildcard
from emqxctl.errors import UsageError


def check_topic(topic: str, wildcard_hint: str) -> None:
    """Check a topic without wildcards. Raises UsageError, with the hint for a wildcard."""
    problem = find_topic_error(topic)
    if problem:
        message = f"invalid topic {topic!r}: {problem}"
        raise UsageError(message)
    if has_wildcard(topic):
        message = f"topic {topic!r} contains a wildcard"
        raise UsageError(message, hint=wildcard_hint)
