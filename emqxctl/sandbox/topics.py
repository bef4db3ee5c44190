"""MQTT topics and filters: what matches what, and what a shared subscription is made of."""


def matches(topic: str, wanted: str) -> bool:
    """Tell whether a topic matches a filter; `$`-topics are not reached by a leading wildcard."""
    if topic.startswith("$") and wanted[:1] in ("+", "#"):
        return False
    names, filters = topic.split("/"), wanted.split("/")
    for level, word in enumerate(filters):
        if word == "#":
            return level == len(filters) - 1
        if level >= len(names) or word not in ("+", names[level]):
            return False
    return len(names) == len(filters)


def split_share(full: str) -> tuple[str, str]:
    """Split a subscription's topic into its share group (empty if none) and the filter itself."""
    if full.startswith("$share/"):
        group, _, real = full.removeprefix("$share/").partition("/")
        return group, real
    if full.startswith("$queue/"):
        return "$queue", full.removeprefix("$queue/")
    return "", full


def has_wildcard(topic: str) -> bool:
    """Tell whether a topic is a filter with a wildcard level."""
    return any(word in ("+", "#") for word in topic.split("/"))
