"""Deadlines of requests: connections that time out even if the server sends a byte now and then."""

from collections.abc import Callable
from contextvars import ContextVar
from http.client import HTTPException, HTTPResponse, IncompleteRead, parse_headers
from io import BufferedReader, RawIOBase
from math import inf
from time import monotonic
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection

MAX_INTERIM_RESPONSES = 100  # of one request

# Called in this thread when a request is sent, before its response is read; None for nothing.
on_request_sent: ContextVar[Callable[[], object] | None] = ContextVar("on_request_sent", default=None)


class Deadline:
    """The end of one attempt: twice the timeout after its start, then twice after the request is sent."""

    def __init__(self, timeout: float) -> None:
        """Start now; `timeout` in seconds."""
        self.timeout = timeout
        self.started_at = monotonic()
        self.expires_at = self.started_at + 2 * timeout
        self.request_started = False  # connected, and TLS agreed on
        self.request_sent = False  # completely, so that it may have been received
        self.response_started = False  # some of it was received

    def note_sent(self) -> None:
        """Start to wait for the response."""
        self.request_sent = True
        self.expires_at = monotonic() + 2 * self.timeout
        notify = on_request_sent.get()
        if notify:
            notify()

    @property
    def is_expired(self) -> bool:
        """Whether it has passed (a socket's timeout may end slightly early)."""
        return monotonic() > self.expires_at - 0.01

    @property
    def elapsed(self) -> float:
        """The seconds since the start."""
        return monotonic() - self.started_at


# Of the request of this thread: http.client creates the response, which no parameter of ours reaches.
current_deadline: ContextVar[Deadline] = ContextVar("current_deadline")


class DeadlineReader(RawIOBase):
    """The bytes of a socket until the deadline: a byte now and then must not block forever."""

    def __init__(self, raw: Any, sock: Any, deadline: Deadline) -> None:  # noqa: ANN401  # TLS has its own
        """Read `raw`, which reads the socket."""
        self.raw, self.sock, self.deadline = raw, sock, deadline
        self.socket_timeout: float = sock.gettimeout() or inf
        self.current_timeout = self.socket_timeout
        self.at_end = False  # the server has closed its side

    def readable(self) -> bool:
        """Return whether it can be read: always."""
        return True

    def readinto(self, buffer: Any, /) -> int | None:  # noqa: ANN401  # any buffer
        """Read the next bytes. Raises TimeoutError after the socket's timeout, and after the deadline."""
        seconds = min(self.socket_timeout, self.deadline.expires_at - monotonic())
        if seconds <= 0:
            raise TimeoutError
        if seconds != self.current_timeout:
            self.sock.settimeout(seconds if seconds < inf else None)
            self.current_timeout = seconds
        count: int | None = self.raw.readinto(buffer)
        self.at_end = count == 0
        self.deadline.response_started |= not self.at_end
        return count

    def close(self) -> None:
        """Close the socket's reader."""
        self.raw.close()
        super().close()


class DeadlineResponse(HTTPResponse):
    """A response read until the deadline, from the first byte of its status line."""

    def __init__(self, sock: Any, *arguments: Any, **options: Any) -> None:  # noqa: ANN401  # http.client's own
        """Put the reader between socket and response."""
        super().__init__(sock, *arguments, **options)
        self.reader = DeadlineReader(self.fp.detach(), sock, current_deadline.get())
        self.fp = BufferedReader(self.reader)

    def begin(self) -> None:
        """Read the status line and the headers. Raises IncompleteRead if the connection ends in them.

        http.client takes the end of a connection for the end of the headers, and a write would seem done.
        """
        super().begin()
        if self.reader.at_end:
            raise IncompleteRead(partial=b"")

    def _read_status(self) -> tuple[str, int, str]:
        """Read the status line of the final response.

        Interim responses such as 103 Early Hints come before it (RFC 9110 §15.2); 101 is final.
        """
        status_line: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]  # not in the stubs
        interim_count = 0
        while 101 < status_line[1] < 200:
            interim_count += 1
            if interim_count > MAX_INTERIM_RESPONSES:
                message = "too many interim responses"
                raise HTTPException(message)
            parse_headers(self.fp)
            status_line = super()._read_status()  # type: ignore[misc]
        return status_line


class DeadlineHTTPConnection(HTTPConnection):
    """A connection that records how far a request is: once sent, it may have been received."""

    response_class = DeadlineResponse

    def request(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401  # urllib3's own
        """Record the start and send the request."""
        current_deadline.get().request_started = True
        super().request(*arguments, **options)

    def getresponse(self) -> Any:  # noqa: ANN401  # urllib3's own
        """Record the end of the request and read the response."""
        current_deadline.get().note_sent()
        return super().getresponse()


class DeadlineHTTPSConnection(DeadlineHTTPConnection, HTTPSConnection):
    """The same over TLS."""
