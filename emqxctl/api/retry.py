"""Which attempts are repeated, and after how long."""

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import inf

from emqxctl.api.request import SAFE_METHODS

RETRYABLE_STATUSES = frozenset({429, 502, 503, 504})
# Of these, the statuses that mean that nothing was done: with 502 and 504 it may have been.
NOT_EXECUTED_STATUSES = frozenset({429, 503})
IDEMPOTENT_WRITES = frozenset({"PUT", "DELETE"})
FIRST_BACKOFF, MAX_BACKOFF = 0.2, 5.0  # seconds; doubled with each attempt


def retry_delay_after_response(
    method: str, status: int, retry_after: str, attempt: int, max_wait: float
) -> float | None:
    """Return the seconds before a retry, or None if the response is final.

    A read may always be repeated, PUT and DELETE only if the server did nothing, a POST never: a response
    means that it was received. `attempt` counts from 0.
    """
    if method in SAFE_METHODS:
        statuses = RETRYABLE_STATUSES
    elif method in IDEMPOTENT_WRITES:
        statuses = NOT_EXECUTED_STATUSES
    else:
        return None
    if status not in statuses:
        return None
    seconds = parse_retry_after(retry_after)
    if seconds is None:
        return backoff(attempt)
    return seconds if seconds <= max_wait else None


def retry_delay_after_failure(method: str, *, may_have_been_received: bool, attempt: int) -> float | None:
    """Return the seconds before a retry of a request without a response, or None if it must not be repeated.

    A request that did not reach the server may always be repeated, and a read in any case; the outcome of a
    write that may have been received is unknown, not failed.
    """
    return backoff(attempt) if not may_have_been_received or method in SAFE_METHODS else None


def backoff(attempt: int) -> float:
    """Return a delay that doubles with each attempt, with jitter so that clients do not retry together."""
    seconds = min(FIRST_BACKOFF * 2**attempt, MAX_BACKOFF)
    return float(seconds * random.uniform(0.5, 1.5))  # noqa: S311  # jitter, not a secret


def parse_retry_after(retry_after: str, now: datetime | None = None) -> float | None:
    """Parse a Retry-After header, seconds or an HTTP date. None if absent, negative or invalid."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text) if len(text) < 10 else inf
    try:
        time = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    time = time if time.tzinfo else time.replace(tzinfo=UTC)
    return max(0.0, (time - (now or datetime.now(UTC))).total_seconds())
