"""Several requests at once: what each returned, or the error that it ended with."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from emqxctl.errors import EmqxctlError, ExitCode

if TYPE_CHECKING:
    from emqxctl.api.client import Client
    from emqxctl.resource import Paging, Resource

T = TypeVar("T")
Fetch = Callable[["Client"], Any]
MAX_PARALLEL_REQUESTS = 6  # fast enough, and little load for a cluster that is overloaded


class Fetched(NamedTuple):
    """What was fetched, or the error that it ended with."""

    value: Any = None
    error: EmqxctlError | None = None

    @property
    def missing(self) -> str:
        """Why there is no value, in a few words; empty if there is one."""
        if self.error is None:
            return ""
        if self.error.exit_code in (ExitCode.UNAUTHENTICATED, ExitCode.FORBIDDEN):
            return "not permitted for this API key"
        return self.error.message


def fetch_all(client: "Client", fetches: Mapping[str, Fetch]) -> dict[str, Fetched]:
    """Run all fetches at the same time and return their results by name, in the given order.

    An EmqxctlError is kept in its result; any other exception is raised.
    """
    from functools import partial

    client.open_session()
    outcomes = run_parallel({name: partial(fetch, client) for name, fetch in fetches.items()})
    return {
        name: Fetched(error=outcome) if isinstance(outcome, EmqxctlError) else Fetched(outcome)
        for name, outcome in outcomes.items()
    }


def fetch_path(path: str, paging: "Paging | None" = None, query: Iterable[tuple[str, object]] = ()) -> Fetch:
    """Return a fetch of a path's JSON; with `paging` of the rows of all its pages."""

    def fetch(client: "Client") -> Any:  # noqa: ANN401  # JSON is Any
        if paging is None:
            return client.get(path, query=query)
        from emqxctl.api.pagination import iterate_rows

        return list(iterate_rows(lambda page_query: client.get(path, query=page_query), paging, dict(query)))

    return fetch


def fetch_one(path: str, *arguments: str) -> Fetch:
    """Return a fetch of one object's JSON: None if it does not exist."""

    def fetch(client: "Client") -> Any:  # noqa: ANN401  # JSON is Any
        try:
            return client.get(path, *arguments)
        except EmqxctlError as error:
            if error.exit_code is ExitCode.NOT_FOUND:
                return None
            raise

    return fetch


def fetch_list(resource: "Resource", *parents: str) -> Fetch:
    """Return a fetch of all rows of a resource."""

    def fetch(client: "Client") -> list[dict[str, Any]]:
        from emqxctl.api.listing import iterate_list

        return list(iterate_list(client, resource, *parents))

    return fetch


def run_parallel(
    tasks: Mapping[str, Callable[[], T]], max_threads: int = MAX_PARALLEL_REQUESTS
) -> dict[str, T | EmqxctlError]:
    """Run tasks in a few daemon threads and return the result or EmqxctlError of each.

    Any other exception is raised.
    """
    from queue import SimpleQueue
    from threading import Thread

    pending = list(tasks.items())[::-1]
    finished: SimpleQueue[tuple[str, T | BaseException]] = SimpleQueue()

    def run_tasks() -> None:
        while True:
            try:
                name, task = pending.pop()
            except IndexError:
                return
            try:
                finished.put((name, task()))
            except BaseException as error:  # noqa: BLE001  # it is raised again by the thread that waits
                finished.put((name, error))

    for _ in range(min(max_threads, len(pending))):
        Thread(target=run_tasks, name="parallel request", daemon=True).start()
    outcomes: dict[str, T | EmqxctlError] = {}
    for _ in tasks:
        name, outcome = finished.get()
        if isinstance(outcome, BaseException) and not isinstance(outcome, EmqxctlError):
            raise outcome
        outcomes[name] = outcome
    return {name: outcomes[name] for name in tasks}
