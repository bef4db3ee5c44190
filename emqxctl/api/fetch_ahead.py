"""One request ahead: the next response of a list is fetched while the last one is decoded and printed."""

from collections.abc import Callable, Mapping
from queue import SimpleQueue
from sys import setswitchinterval
from threading import Event, Thread
from time import monotonic
from typing import Generic, NamedTuple, TypeVar

from emqxctl.api.timeouts import on_request_sent

Query = Mapping[str, object]
ResponseT = TypeVar("ResponseT")

# How long the thread that fetches waits for the one that prints, which is in Python most of the time: with
# Python's 5 ms it would read the next response only after this one is printed.
SWITCH_SECONDS = 0.0002
# How long the caller waits until a request in advance is sent: decoding a page keeps Python to itself for
# milliseconds, in which the server could respond already. A connection that is lost takes longer to open.
SEND_SECONDS = 0.002


class Fetched(NamedTuple, Generic[ResponseT]):
    """A response, and the seconds until it was complete."""

    response: ResponseT
    seconds: float


class FetchAhead(Generic[ResponseT]):
    """Fetches the response of one query in a thread, before it is needed.

    The thread only fetches: what is decoded where it is printed stays with one processor. It is one thread
    for all responses, since each would keep memory for itself, and it never keeps the process alive.
    """

    def __init__(self, fetch: Callable[[Query], ResponseT]) -> None:
        """Request nothing yet."""
        self.fetch = fetch
        self.query: Query | None = None  # requested, its response not taken yet
        self.unwanted_responses = 0  # on their way, to be dropped
        self.thread: Thread | None = None
        self.request_sent = Event()
        self.queries: SimpleQueue[Query | None] = SimpleQueue()
        self.outcomes: SimpleQueue[Fetched[ResponseT] | BaseException] = SimpleQueue()

    def __enter__(self) -> "FetchAhead[ResponseT]":
        """Return self."""
        return self

    def __exit__(self, *_: object) -> None:
        """Fetch nothing more; a response on its way is dropped."""
        self.queries.put(None)

    def request(self, query: Query) -> None:
        """Send the request of a query, in place of one whose response was not taken."""
        if query == self.query:
            return
        if self.query is not None:
            self.unwanted_responses += 1
        self.query = query
        if self.thread is None:
            setswitchinterval(SWITCH_SECONDS)
            self.thread = Thread(target=self.fetch_responses, name="next page", daemon=True)
            self.thread.start()
        self.request_sent.clear()
        self.queries.put(query)
        self.request_sent.wait(SEND_SECONDS)

    def take(self, query: Query) -> Fetched[ResponseT]:
        """Return the response of a query, requested before or now. Raises what its fetch raised.

        Until something is requested in advance no thread is needed.
        """
        if self.thread is None:
            return self.fetch_timed(query)
        self.request(query)
        self.query = None
        while self.unwanted_responses:
            self.outcomes.get()
            self.unwanted_responses -= 1
        outcome = self.outcomes.get()
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def fetch_responses(self) -> None:
        """Put the response of each query into `outcomes`, or the exception."""
        on_request_sent.set(self.request_sent.set)
        outcome: Fetched[ResponseT] | BaseException
        while (query := self.queries.get()) is not None:
            try:
                outcome = self.fetch_timed(query)
            except BaseException as error:  # noqa: BLE001  # it is raised again where the response is taken
                outcome = error
            self.request_sent.set()
            self.outcomes.put(outcome)
            del outcome  # its page would be in memory until the next one is here

    def fetch_timed(self, query: Query) -> Fetched[ResponseT]:
        """Fetch the response of a query."""
        started_at = monotonic()
        response = self.fetch(query)
        return Fetched(response, monotonic() - started_at)
