"""Row checks that repeat the server's filters and drop the rows that do not match.

EMQX does not apply the filters of `/clients` to durable sessions that are offline (api.md §0.2), and older
versions ignore parameters they do not know. A row without the field, or with a value of an unknown form, is
kept: it cannot be checked.
"""

from collections.abc import Callable

from emqxctl.resource import RowCheck

CONNECTED_VALUES = {"connected": True, "disconnected": False}


def check_equal(field: str) -> RowCheck:
    """Return a check that a field equals the value exactly; `null` never does."""
    return RowCheck(field, lambda value, target: to_query_text(value) == to_query_text(target))


def check_contains(field: str) -> RowCheck:
    """Return a check that a field contains the text, case-sensitively."""
    return RowCheck(field, lambda value, text: str(text) in to_query_text(value))


def check_at_or_after(field: str) -> RowCheck:
    """Return a check that a time is at or after a limit in epoch milliseconds."""
    return RowCheck(field, lambda value, limit: compare_times(value, limit, lambda time, end: time >= end))


def check_at_or_before(field: str) -> RowCheck:
    """Return a check that a time is at or before a limit in epoch milliseconds."""
    return RowCheck(field, lambda value, limit: compare_times(value, limit, lambda time, end: time <= end))


def check_same_address(field: str) -> RowCheck:
    """Return a check that an IP address is the same, in any notation."""

    def matches(value: object, address: object) -> bool:
        return canonical_address(to_query_text(value)) == canonical_address(to_query_text(address))

    return RowCheck(field, matches)


def check_topic_match(field: str) -> RowCheck:
    """Return a check that a topic matches a filter; EMQX before 5.5 lists all retained messages."""

    def matches(topic: object, topic_filter: object) -> bool:
        from emqxctl.emqx.topics import topic_matches

        return topic_matches(to_query_text(topic), to_query_text(topic_filter))

    return RowCheck(field, matches)


def check_any_filter_matches(field: str) -> RowCheck:
    """Return a check that one of the filters in a field matches a topic, or is the name of an event."""

    def matches(filters: object, topic: object) -> bool:
        from emqxctl.emqx.topics import topic_matches

        names = filters if isinstance(filters, list) else [filters]
        return any(topic_matches(to_query_text(topic), to_query_text(name)) for name in names)

    return RowCheck(field, matches)


def check_connection_state() -> RowCheck:
    """Return a check for `connected` and `disconnected`; which clients are `idle` only the server knows."""
    return RowCheck("connected", lambda value, state: CONNECTED_VALUES.get(str(state), value) == value)


def to_query_text(value: object) -> str:
    """Format a value as in a query: booleans in lower case, null as nothing."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def compare_times(value: object, limit: object, compare: Callable[[float, float], bool]) -> bool:
    """Compare an RFC 3339 time with a limit, both in epoch milliseconds; True if they cannot be compared."""
    from datetime import datetime

    if not isinstance(value, str) or not isinstance(limit, int):
        return True
    try:
        return compare(round(datetime.fromisoformat(value).timestamp() * 1000), limit)
    except ValueError:
        return True


def canonical_address(text: str) -> str:
    """Return the canonical notation of an IP address; other texts unchanged."""
    from ipaddress import ip_address

    try:
        return str(ip_address(text))
    except ValueError:
        return text
