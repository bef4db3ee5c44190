"""When a request is sent again, and after what pause."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import product
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emqxctl.api.retry import (
    MAX_BACKOFF,
    backoff,
    parse_retry_after,
    retry_delay_after_failure,
    retry_delay_after_response,
)

METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "POST", "PATCH")
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def test_what_is_asked_again_after_an_answer() -> None:
    statuses = (200, 400, 401, 404, 408, 429, 500, 501, 502, 503, 504)
    again = {
        pair
        for pair in product(METHODS, statuses)
        if retry_delay_after_response(*pair, "", 0, 30) is not None
    }
    reads = set(product(("GET", "HEAD", "OPTIONS"), (429, 502, 503, 504)))
    assert again == reads | set(product(("PUT", "DELETE"), (429, 503)))


def test_what_is_sent_again_after_a_loss() -> None:
    again = {
        method
        for method in METHODS
        if retry_delay_after_failure(method, may_have_been_received=True, attempt=0) is not None
    }
    assert again == {"GET", "HEAD", "OPTIONS"}
    assert all(
        retry_delay_after_failure(method, may_have_been_received=False, attempt=0) is not None
        for method in METHODS
    )


@given(st.integers(0, 1000))
def test_pauses_grow_and_end_growing(attempt: int) -> None:
    assert 0 < backoff(attempt) <= 1.5 * MAX_BACKOFF
    assert 0.1 <= backoff(0) <= 0.3
    assert backoff(3) >= 0.8


def test_pauses_differ() -> None:
    assert len({backoff(0) for _ in range(20)}) > 1


@given(st.text())
def test_no_header_delays_a_failure_for_long(text: str) -> None:
    seconds = retry_delay_after_response("GET", 503, text, 0, 30.0)
    assert seconds is None or 0 <= seconds <= 30


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        (" 12 ", 12.0),
        ("007", 7.0),
        ("9" * 5000, inf),
        ("-1", None),
        ("+1", None),
        ("1.5", None),
        ("1e3", None),
        ("٣", None),
        ("", None),
        ("soon", None),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(seconds=90), usegmt=True), 0.0),
        ("Wed, 04 Mar 2026 05:06:17 -0000", 10.0),
        ("Wed, 04 Mar 99999 05:06:17 GMT", None),
    ],
)
def test_retry_after_is_read(text: str, seconds: float | None) -> None:
    assert parse_retry_after(text, NOW) == seconds
