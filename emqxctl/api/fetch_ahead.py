"""One request ahead: the next response of a list is fetched while the last one is decoded and printed."""

from collections.abc import Callable, Mapping
from queue import SimpleQueue
from sys import setswitchinterval
from threading import Thread
from time import monotonic
from typing import Generic, NamedTuple, TypeVar

Query = Mapping[str, object]
Response = TypeVar("Response")

# How long the thread that fetches waits for the one that prints, which is in Python most of the time: with
# Python's 5 ms it would read the next response only after this one is printed.
SWITCH_SECONDS = 0.0002


class Fetched(NamedTuple, Generic[Response]):
    """A response, and the seconds until it was complete."""

    response: Response
    seconds: float


class FetchAhead(Generic[Response]):
    """Fetches the response of one query in a thread; the first one is fetched where it is used.

    The thread only fetches: what is decoded where it is printed stays with one processor. It is one thread
    for all responses, since each would keep memory for itself, and it never keeps the process alive.
    """

    def __init__(self, fetch: Callable[[Query], Response]) -> None:
        """Request nothing yet."""
        self.fetch = fetch
        self.query: Query | None = None  # requested, its response not taken yet
        self.unwanted_responses = 0  # on their way, to be dropped
        self.thread: Thread | None = None
        self.is_first = True
        self.queries: SimpleQueue[Query | None] = SimpleQueue()
        self.outcomes: SimpleQueue[Fetched[Response] | BaseException] = SimpleQueue()

    def __enter__(self) -> "FetchAhead[Response]":
        """Return self."""
        return self

    def __exit__(self, *_: object) -> None:
        """Fetch nothing more; a response on its way is dropped."""
        self.queries.put(None)

    def request(self, query: Query) -> None:
        """Fetch the response of a query, in place of one that was requested and not taken."""
        if query == self.query:
            return
        if self.query is not None:
            self.unwanted_responses += 1
        self.query = query
        if self.is_first:
            return
        if self.thread is None:
            setswitchinterval(SWITCH_SECONDS)
            self.thread = Thread(target=self.fetch_responses, name="next page", daemon=True)
            self.thread.start()
        self.queries.put(query)

    def take(self) -> Fetched[Response]:
        """Wait for the response that was requested, and return it. Raises what its fetch raised."""
        query, self.query = self.query, None
        if self.is_first:
            self.is_first = False
            return self.fetch_timed(query or {})
        while self.unwanted_responses:
            self.outcomes.get()
            self.unwanted_responses -= 1
        outcome = self.outcomes.get()
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def fetch_responses(self) -> None:
        """Put the response of each query into `outcomes`, or the exception."""
        while (query := self.queries.get()) is not None:
            try:
                self.outcomes.put(self.fetch_timed(query))
            except BaseException as error:  # noqa: BLE001  # it is raised again where the response is taken
                self.outcomes.put(error)

    def fetch_timed(self, query: Query) -> Fetched[Response]:
        """Fetch the response of a query."""
        started_at = monotonic()
        response = self.fetch(query)
        return Fetched(response, monotonic() - started_at)
