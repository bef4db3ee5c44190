"""Several things read at once: each part that comes, and why another did not."""

import threading
from collections.abc import Callable, Iterator, Mapping
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple

from emqxctl.errors import EmqxctlError, ExitCode

if TYPE_CHECKING:
    from emqxctl.api.client import Api
    from emqxctl.cli.session import Session
    from emqxctl.resource import Resource

READERS = 6  # a dashboard listener takes 512 connections in all; more readers than this gain nothing

Read = Callable[["Api"], Any]


class Part(NamedTuple):
    """What was read, or the error that came instead."""

    value: Any = None
    error: EmqxctlError | None = None

    @property
    def missing(self) -> str:
        """Why it is not there, in a few words; nothing when it is."""
        if self.error is None:
            return ""
        if self.error.exit_code in (ExitCode.UNAUTHENTICATED, ExitCode.FORBIDDEN):
            return "this key may not read it"
        return self.error.message


def gather(session: "Session", reads: Mapping[str, Read]) -> dict[str, Part]:
    """Read all parts at the same time and give them by name, in the order asked for.

    An error is kept with its part. What is no error of ours is raised, when all have ended.
    """
    connection = session.connection  # settled here: a password may be asked for, a sandbox started
    waiting: SimpleQueue[tuple[str, Read]] = SimpleQueue()
    for item in reads.items():
        waiting.put(item)
    done: SimpleQueue[tuple[str, Part | BaseException]] = SimpleQueue()

    def labour() -> None:
        api = session.api_of(connection)
        while True:
            try:
                name, read = waiting.get_nowait()
            except Empty:
                return
            done.put((name, attempt(read, api)))

    for _ in range(min(READERS, len(reads))):
        threading.Thread(target=labour, name="part", daemon=True).start()
    found = dict(done.get() for _ in reads)
    bugs = [one for one in found.values() if isinstance(one, BaseException)]
    if bugs:
        raise bugs[0]
    return {name: part for name in reads if isinstance(part := found[name], Part)}


def attempt(read: Read, api: "Api") -> Part | BaseException:
    """Read one part."""
    try:
        return Part(read(api))
    except EmqxctlError as error:
        return Part(error=error)
    except BaseException as error:  # noqa: BLE001  # it is raised again where the parts are used
        return error


def one(path: str, *arguments: str) -> Read:
    """Make the reading of one thing: None where there is no such thing."""

    def read(api: "Api") -> Any:  # noqa: ANN401  # JSON is Any
        try:
            return api.get(path, *arguments)
        except EmqxctlError as error:
            if error.exit_code is ExitCode.NOT_FOUND:
                return None
            raise

    return read


def every(resource: "Resource", *parents: str) -> Read:
    """Make the reading of a whole list."""
    return lambda api: list(stream(api, resource, *parents))


def stream(api: "Api", resource: "Resource", *parents: str) -> Iterator[dict[str, Any]]:
    """Give the rows of a list one after the other, each once."""
    from emqxctl.api.pages import rows
    from emqxctl.cli.narrowing import keeper

    def fetch(page: Mapping[str, object]) -> Any:  # noqa: ANN401  # JSON is Any
        return api.get(resource.path, *parents, query=page)

    return rows(fetch, resource.paging, {}, keep=keeper(resource, {}))
