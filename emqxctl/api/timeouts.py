"""Deadlines of requests: connections that give up in time, also when bytes keep dripping."""

from contextvars import ContextVar
from http.client import HTTPResponse
from io import BufferedReader, RawIOBase
from math import inf
from time import monotonic
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection


class Deadline:
    """How long one answer may take: `until` twice the time-out, however long the request took to send."""

    def __init__(self, timeout: float) -> None:
        """Begin now; `timeout` in seconds."""
        self.timeout = timeout
        self.started_at = monotonic()
        self.expires_at = self.started_at + 2 * timeout
        self.request_started = False  # to be sent: connected, and TLS agreed on
        self.request_sent = False  # whole, so that it may have been received

    def note_sent(self) -> None:
        """Begin to wait for the answer."""
        self.request_sent = True
        self.expires_at = monotonic() + 2 * self.timeout

    @property
    def is_expired(self) -> bool:
        """Whether it has ended (a socket's time-out may be a hair early)."""
        return monotonic() > self.expires_at - 0.01

    @property
    def elapsed(self) -> float:
        """The seconds since it began."""
        return monotonic() - self.started_at


# The exchange under way in this thread: http.client makes the answer far below whoever knows the limit.
current_deadline: ContextVar[Deadline] = ContextVar("patience")


class DeadlineReader(RawIOBase):
    """A socket's bytes while patience lasts: a byte now and then must not hold us for ever."""

    def __init__(self, raw: Any, sock: Any, patience: Deadline) -> None:  # noqa: ANN401  # TLS has its own
        """Read `raw`, which reads the socket."""
        self.raw, self.sock, self.deadline = raw, sock, patience
        self.socket_timeout: float = sock.gettimeout() or inf

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any, /) -> int | None:  # noqa: ANN401  # any buffer
        """Read what comes next. Raises TimeoutError after the time-out, and when patience has ended."""
        left = min(self.socket_timeout, self.deadline.expires_at - monotonic())
        if left <= 0:
            raise TimeoutError
        self.sock.settimeout(left if left < inf else None)
        count: int | None = self.raw.readinto(buffer)
        return count

    def close(self) -> None:
        """Close what it reads."""
        self.raw.close()
        super().close()


class DeadlineResponse(HTTPResponse):
    """An answer read with patience, from the first byte of its status line."""

    def __init__(self, sock: Any, *arguments: Any, **options: Any) -> None:  # noqa: ANN401  # http.client's own
        """Put the reader between socket and answer."""
        super().__init__(sock, *arguments, **options)
        self.fp = BufferedReader(DeadlineReader(self.fp.detach(), sock, current_deadline.get()))


class DeadlineHTTPConnection(HTTPConnection):
    """A connection that notes how far a request has gone: once it is out it may have been received."""

    response_class = DeadlineResponse

    def request(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401  # urllib3's own
        """Note it and send the request."""
        current_deadline.get().request_started = True
        super().request(*arguments, **options)

    def getresponse(self) -> Any:  # noqa: ANN401  # urllib3's own
        """Note it and read the answer."""
        current_deadline.get().note_sent()
        return super().getresponse()


class DeadlineHTTPSConnection(DeadlineHTTPConnection, HTTPSConnection):
    """The same over TLS."""
