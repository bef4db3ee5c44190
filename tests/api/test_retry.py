"""When a request is sent again, and how long an answer may take."""

import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from io import BytesIO
from itertools import product
from math import inf
from time import monotonic

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
from emqxctl.api.timeouts import Deadline, DeadlineReader

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


def test_the_deadline_starts_again_when_the_request_is_sent() -> None:
    deadline = Deadline(10)
    deadline.expires_at = 0.0
    assert deadline.is_expired
    before = monotonic()
    deadline.note_sent()
    assert deadline.request_sent
    assert before <= deadline.expires_at - 20 <= monotonic()
    assert not deadline.is_expired


def test_a_reader_stops_at_the_deadline() -> None:
    near_end, far_end = socket.socketpair()
    with near_end, far_end:
        near_end.settimeout(5)
        deadline = Deadline(50)
        reader = DeadlineReader(BytesIO(b"abc"), near_end, deadline)
        assert reader.read(1) == b"a"
        assert near_end.gettimeout() == 5, "the timeout of a read ends before the deadline"
        deadline.expires_at = monotonic() + 4
        assert reader.read(1) == b"b"
        assert 0 < (near_end.gettimeout() or 0) <= 4
        assert deadline.response_started
        deadline.expires_at = inf
        assert reader.read(1) == b"c"
        assert near_end.gettimeout() == 5, "a stream without a deadline has the whole timeout again"
        deadline.expires_at = 0.0
        with pytest.raises(TimeoutError):
            reader.read(1)
        reader.close()
        assert reader.closed


def test_a_reader_without_limits_waits_forever() -> None:
    near_end, far_end = socket.socketpair()
    with near_end, far_end:
        deadline = Deadline(5)
        deadline.expires_at = inf
        assert DeadlineReader(BytesIO(b"abc"), near_end, deadline).read(3) == b"abc"
        assert near_end.gettimeout() is None
