"""What a lost connection means, judged from what urllib3 raises."""

import http.client
import socket
import ssl
from typing import Any

import pytest
import requests
from urllib3 import exceptions
from urllib3.connection import HTTPConnection

from emqxctl.api.connection import Connection
from emqxctl.api.connection_errors import (
    TransportFailure,
    classify_failure,
    iterate_causes,
    mark_outcome_unknown,
    short_reason,
)
from emqxctl.api.request import build_request
from emqxctl.api.timeouts import Deadline
from emqxctl.errors import ExitCode, ServerError

KNOWN = Connection("http://emqx.example.com:18083", timeout=10)
POOL: Any = None
THERE = HTTPConnection("emqx.example.com")
READ, WRITE = build_request("GET", "/nodes"), build_request("POST", "/publish", body={})


def classify(
    error: Exception, *, is_started: bool = True, is_sent: bool = True, write: bool = True
) -> TransportFailure:
    """Judge an error of an exchange that got so far."""
    deadline = Deadline(10)
    deadline.request_started, deadline.request_sent = is_started, is_sent
    return classify_failure(error, WRITE if write else READ, KNOWN, deadline)


def wrapped(reason: Exception) -> requests.ConnectionError:
    """Wrap a reason as requests does."""
    return requests.ConnectionError(exceptions.MaxRetryError(POOL, "/", reason))


def protocol(cause: Exception) -> requests.ConnectionError:
    """Wrap what broke a connection as requests does."""
    return requests.ConnectionError(exceptions.ProtocolError("Connection aborted.", cause))


NO_NAME = socket.gaierror(-3, "Temporary failure in name resolution")
EXPIRED = ssl.SSLError("certificate verify failed: certificate has expired")
NEVER_SENT = {
    "refused": (exceptions.NewConnectionError(THERE, "[Errno 111] Connection refused"), "UNREACHABLE"),
    "unknown host": (exceptions.NameResolutionError("h", THERE, NO_NAME), "UNKNOWN_HOST"),
    "connect time-out": (exceptions.ConnectTimeoutError(THERE, "timed out"), "CONNECT_TIMED_OUT"),
    "proxy": (exceptions.ProxyError("no", OSError(111, "Connection refused")), "PROXY_FAILED"),
    "tls": (exceptions.SSLError(EXPIRED), "TLS_FAILED"),
}


@pytest.mark.parametrize("name", NEVER_SENT)
def test_what_was_never_sent_is_never_unknown(name: str) -> None:
    reason, code = NEVER_SENT[name]
    failure = classify(wrapped(reason), is_started=False, is_sent=False)
    assert not failure.may_have_been_received
    assert failure.error.code == code
    assert "unknown" not in failure.error.details
    assert failure.error.hint


@pytest.mark.parametrize(
    "error",
    [
        protocol(ConnectionResetError(104, "Connection reset by peer")),
        protocol(http.client.RemoteDisconnected("Remote end closed connection without response")),
        protocol(http.client.BadStatusLine("\x15\x03\x03")),
        wrapped(exceptions.SSLError(ssl.SSLEOFError(8, "EOF occurred in violation of protocol"))),
        wrapped(exceptions.ProxyError("no", ConnectionResetError(104, "Connection reset by peer"))),
        requests.exceptions.ChunkedEncodingError(exceptions.IncompleteRead(5, 9)),
        requests.exceptions.ContentDecodingError("not gzip"),
        requests.exceptions.InvalidHeader("two lengths"),
    ],
    ids=lambda error: str(error)[:40],
)
def test_what_was_sent_and_not_answered_is_unknown_for_a_write(error: Exception) -> None:
    failure = classify(error)
    assert (failure.may_have_been_received, failure.error.code) == (True, "OUTCOME_UNKNOWN")
    assert failure.error.details["unknown"] is True
    assert "object at" not in failure.error.message
    read = classify(error, write=False)
    assert (read.may_have_been_received, read.transient, read.error.code) == (True, True, "CONNECTION_LOST")


def test_a_connection_that_broke_in_the_handshake_was_never_received() -> None:
    for cause in (ConnectionResetError(104, "Connection reset by peer"), BrokenPipeError(32, "Broken pipe")):
        failure = classify(protocol(cause), is_started=False, is_sent=False)
        assert (failure.may_have_been_received, failure.transient, failure.error.code) == (
            False,
            True,
            "UNREACHABLE",
        )


def test_a_time_out_is_no_reason_to_repeat() -> None:
    error = requests.ReadTimeout(exceptions.ReadTimeoutError(POOL, "/", "Read timed out."))
    for write in (True, False):
        failure = classify(error, write=write)
        assert (failure.may_have_been_received, failure.transient) == (True, False)
        assert failure.error.exit_code is ExitCode.TIMED_OUT
        assert ("before you retry" in failure.error.hint) is write


def test_a_time_out_while_sending_is_one_too() -> None:
    failure = classify(protocol(TimeoutError("timed out")), is_sent=False)
    assert (failure.error.exit_code, failure.may_have_been_received) == (ExitCode.TIMED_OUT, True)


def test_a_long_call_that_was_cut_is_told_of_the_brokers_limit() -> None:
    deadline = Deadline(120)
    deadline.request_started = deadline.request_sent = True
    deadline.started_at -= 60
    failure = classify_failure(protocol(ConnectionResetError(104, "reset")), WRITE, KNOWN, deadline)
    assert "60 s" in failure.error.hint


@pytest.mark.parametrize("kind", ["InvalidURL", "InvalidProxyURL", "InvalidSchema", "MissingSchema"])
def test_a_url_that_is_none_is_the_configurations_fault(kind: str) -> None:
    failure = classify(getattr(requests.exceptions, kind)("x"), is_started=False, is_sent=False)
    assert (failure.error.exit_code, failure.may_have_been_received, failure.transient) == (
        ExitCode.CONFIG,
        False,
        False,
    )


def test_a_chain_of_causes_that_is_a_ring_ends() -> None:
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert list(iterate_causes(first)) == [first, second]


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (OSError(111, "Connection refused"), "connection refused"),
        (exceptions.IncompleteRead(3, 9), "incomplete response"),
        (http.client.BadStatusLine("\x1b[31m"), "not an HTTP response"),
        (ValueError(), "ValueError"),
        (ValueError("two\nlines\there"), "two lines here"),
    ],
)
def test_words_are_short_and_on_one_line(cause: BaseException, expected: str) -> None:
    assert short_reason(cause) == expected
    assert len(short_reason(ValueError("x" * 9999))) <= 100


def test_doubt_is_said_once() -> None:
    error = ServerError("bad gateway", hint="Check that EMQX runs.")
    request = build_request("POST", "/rules")
    doubted = mark_outcome_unknown(mark_outcome_unknown(error, request), request)
    assert doubted.hint.count("before you retry") == 1
    assert doubted.hint.startswith("Check that EMQX runs.")
    assert doubted.details["unknown"] is True
