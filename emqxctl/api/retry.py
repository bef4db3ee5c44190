"""How long one attempt may take, whether it is made again, and after how long."""

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import inf

from emqxctl.api.request import SAFE_METHODS

RETRYABLE_STATUSES = frozenset({429, 502, 503, 504})  # statuses that may be gone in a moment
NOT_EXECUTED_STATUSES = frozenset(
    {429, 503}
)  # of these, what says that nothing was done: behind 502 and 504 it may have been
IDEMPOTENT_WRITES = frozenset({"PUT", "DELETE"})  # doing them twice is doing them once
FIRST_BACKOFF, MAX_BACKOFF = 0.2, 5.0  # seconds: the first pause, doubled each time, and where doubling ends
MAX_RETRY_AFTER = 30.0  # seconds: what a Retry-After may ask of us; who wants more is asked again after that


def retry_delay_after_response(method: str, status: int, retry_after: str, attempt: int) -> float | None:
    """Give the seconds to wait before asking again, or None when the answer stands.

    A read may always be repeated, PUT and DELETE only where the server says that it did nothing, a POST
    never: what was answered was received. `attempt` counts from 0.
    """
    passing = (
        RETRYABLE_STATUSES
        if method in SAFE_METHODS
        else NOT_EXECUTED_STATUSES
        if method in IDEMPOTENT_WRITES
        else frozenset[int]()
    )
    if status not in passing:
        return None
    asked = parse_retry_after(retry_after)
    return backoff(attempt) if asked is None else min(asked, MAX_RETRY_AFTER)


def retry_delay_after_failure(method: str, *, may_have_been_received: bool, attempt: int) -> float | None:
    """Give the seconds to wait after a lost connection, or None when the call must not be repeated.

    A request that never reached the server (`received` false) may always be; a read may be in any case; a
    write that may have been received is unknown, not failed.
    """
    return backoff(attempt) if not may_have_been_received or method in SAFE_METHODS else None


def backoff(attempt: int) -> float:
    """Double the pause each time, with jitter so that many clients do not return at once."""
    return float(min(FIRST_BACKOFF * 2**attempt, MAX_BACKOFF) * random.uniform(0.5, 1.5))  # noqa: S311  # jitter, no secret


def parse_retry_after(retry_after: str, now: datetime | None = None) -> float | None:
    """Read a Retry-After header, seconds or an HTTP date. None when absent, negative or garbage."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text) if len(text) < 10 else inf
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())
