"""Deadlines of requests: connections that give up in time, also when bytes keep dripping."""

from contextvars import ContextVar
from http.client import HTTPResponse
from io import BufferedReader, RawIOBase
from math import inf
from time import monotonic
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection


class Patience:
    """How long one answer may take: `until` twice the time-out, however long the request took to send."""

    def __init__(self, timeout: float) -> None:
        """Begin now; `timeout` in seconds."""
        self.timeout = timeout
        self.started = monotonic()
        self.until = self.started + 2 * timeout
        self.begun = False  # to be sent: connected, and TLS agreed on
        self.sent = False  # whole, so that it may have been received

    def note_sent(self) -> None:
        """Begin to wait for the answer."""
        self.sent = True
        self.until = monotonic() + 2 * self.timeout

    @property
    def is_over(self) -> bool:
        """Whether it has ended (a socket's time-out may be a hair early)."""
        return monotonic() > self.until - 0.01

    @property
    def elapsed(self) -> float:
        """The seconds since it began."""
        return monotonic() - self.started


# The exchange under way in this thread: http.client makes the answer far below whoever knows the limit.
PATIENCE: ContextVar[Patience] = ContextVar("patience")


class PatientReader(RawIOBase):
    """A socket's bytes while patience lasts: a byte now and then must not hold us for ever."""

    def __init__(self, raw: Any, sock: Any, patience: Patience) -> None:  # noqa: ANN401  # TLS has its own
        """Read `raw`, which reads the socket."""
        self.raw, self.sock, self.patience = raw, sock, patience
        self.silence: float = sock.gettimeout() or inf

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any, /) -> int | None:  # noqa: ANN401  # any buffer
        """Read what comes next. Raises TimeoutError after the time-out, and when patience has ended."""
        left = min(self.silence, self.patience.until - monotonic())
        if left <= 0:
            raise TimeoutError
        self.sock.settimeout(left if left < inf else None)
        count: int | None = self.raw.readinto(buffer)
        return count

    def close(self) -> None:
        """Close what it reads."""
        self.raw.close()
        super().close()


class PatientResponse(HTTPResponse):
    """An answer read with patience, from the first byte of its status line."""

    def __init__(self, sock: Any, *arguments: Any, **options: Any) -> None:  # noqa: ANN401  # http.client's own
        """Put the reader between socket and answer."""
        super().__init__(sock, *arguments, **options)
        self.fp = BufferedReader(PatientReader(self.fp.detach(), sock, PATIENCE.get()))


class PatientPlain(HTTPConnection):
    """A connection that notes how far a request has gone: once it is out it may have been received."""

    response_class = PatientResponse

    def request(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401  # urllib3's own
        """Note it and send the request."""
        PATIENCE.get().begun = True
        super().request(*arguments, **options)

    def getresponse(self) -> Any:  # noqa: ANN401  # urllib3's own
        """Note it and read the answer."""
        PATIENCE.get().note_sent()
        return super().getresponse()


class PatientTls(PatientPlain, HTTPSConnection):
    """The same over TLS."""
