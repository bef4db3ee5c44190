"""What the server's filters mean, said once more here: rows that a filter let through wrongly are dropped.

EMQX does not apply the filters of `/clients` to durable sessions that are offline (api.md §0.2), and older
versions ignore parameters they do not know. A row without the field, or with a value of an unknown shape,
is kept: it is not for this tool to doubt what it cannot read.
"""

from collections.abc import Callable

from emqxctl.resource import RowCheck

STATES = {"connected": True, "disconnected": False}


def same(field: str) -> RowCheck:
    """Check that a field is the value, to the letter; `null` is never."""
    return RowCheck(field, lambda value, wanted: text(value) == text(wanted))


def contains(field: str) -> RowCheck:
    """Check that a field contains the text, case and all."""
    return RowCheck(field, lambda value, wanted: str(wanted) in text(value))


def since(field: str) -> RowCheck:
    """Check that a time is at or after the moment, given as epoch milliseconds."""
    return RowCheck(field, lambda value, wanted: compare(value, wanted, lambda at, limit: at >= limit))


def until(field: str) -> RowCheck:
    """Check that a time is at or before the moment, given as epoch milliseconds."""
    return RowCheck(field, lambda value, wanted: compare(value, wanted, lambda at, limit: at <= limit))


def address(field: str) -> RowCheck:
    """Check that an address is the same one, however it is written."""
    return RowCheck(field, lambda value, wanted: canonical(text(value)) == canonical(text(wanted)))


def matching(field: str) -> RowCheck:
    """Check that a topic matches a filter; EMQX before 5.5 lists all retained messages whatever is asked."""

    def holds(value: object, wanted: object) -> bool:
        from emqxctl.emqx.topics import topic_matches

        return topic_matches(text(value), text(wanted))

    return RowCheck(field, holds)


def connection_state() -> RowCheck:
    """Check `connected` and `disconnected`; what `idle` means only the server knows."""
    return RowCheck("connected", lambda value, wanted: STATES.get(str(wanted), value) == value)


def text(value: object) -> str:
    """Write a value as a query does: booleans in lower case; null is nothing."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def compare(value: object, limit: object, holds: Callable[[float, float], bool]) -> bool:
    """Compare an RFC 3339 time, to the millisecond, with epoch milliseconds."""
    from datetime import datetime

    if not isinstance(value, str) or not isinstance(limit, int):
        return True
    try:
        return holds(round(datetime.fromisoformat(value).timestamp() * 1000), limit)
    except ValueError:
        return True


def canonical(value: str) -> str:
    """Write an address the one usual way; what is none stays as it is."""
    from ipaddress import ip_address

    try:
        return str(ip_address(value))
    except ValueError:
        return value
