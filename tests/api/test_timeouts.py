"""Deadlines of requests and of reading responses."""

import socket
from io import BytesIO
from math import inf
from time import monotonic

import pytest

from emqxctl.api.timeouts import Deadline, DeadlineReader


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
