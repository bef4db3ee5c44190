"""How long one attempt may take, whether it is made again, and after how long."""

import random
from contextvars import ContextVar
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPResponse
from io import BufferedReader, RawIOBase
from math import inf
from time import monotonic
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection

from emqxctl.api.request import SAFE_METHODS

PASSING = frozenset({429, 502, 503, 504})  # statuses that may be gone in a moment
UNDONE = frozenset(
    {429, 503}
)  # of these, what says that nothing was done: behind 502 and 504 it may have been
WRITES_ALIKE = frozenset({"PUT", "DELETE"})  # doing them twice is doing them once
FIRST, LONGEST = 0.2, 5.0  # seconds: the first pause, doubled each time, and where doubling ends
LONGEST_ASKED = 30.0  # seconds: what a Retry-After may ask of us; who wants more is asked again after that


def after_answer(method: str, status: int, retry_after: str, attempt: int) -> float | None:
    """Give the seconds to wait before asking again, or None when the answer stands.

    A read may always be repeated, PUT and DELETE only where the server says that it did nothing, a POST
    never: what was answered was received. `attempt` counts from 0.
    """
    passing = PASSING if method in SAFE_METHODS else UNDONE if method in WRITES_ALIKE else frozenset[int]()
    if status not in passing:
        return None
    asked = seconds_asked(retry_after)
    return pause(attempt) if asked is None else min(asked, LONGEST_ASKED)


def after_loss(method: str, *, received: bool, attempt: int) -> float | None:
    """Give the seconds to wait after a lost connection, or None when the call must not be repeated.

    A request that never reached the server (`received` false) may always be; a read may be in any case; a
    write that may have been received is unknown, not failed.
    """
    return pause(attempt) if not received or method in SAFE_METHODS else None


def pause(attempt: int) -> float:
    """Double the pause each time, with jitter so that many clients do not return at once."""
    return float(min(FIRST * 2**attempt, LONGEST) * random.uniform(0.5, 1.5))  # noqa: S311  # jitter, no secret


def seconds_asked(retry_after: str, now: datetime | None = None) -> float | None:
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
