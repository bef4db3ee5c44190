"""Several things read at once: each part that comes, and why another did not."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from emqxctl.errors import EmqxctlError, ExitCode

if TYPE_CHECKING:
    from emqxctl.api.client import Client
    from emqxctl.cli.session import Session
    from emqxctl.resource import Resource

Fetch = Callable[["Client"], Any]


class Fetched(NamedTuple):
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


def fetch_all(session: "Session", reads: Mapping[str, Fetch]) -> dict[str, Fetched]:
    """Read all parts at the same time and give them by name, in the order asked for.

    An error is kept with its part. What is no error of ours is raised.
    """
    from functools import partial

    from emqxctl.diagnosis.snapshot import run_parallel

    api = session.client  # made here: a secret may be asked for, a sandbox started
    api.session  # noqa: B018  # and this, or several threads would make one each
    found = run_parallel({name: partial(read, api) for name, read in reads.items()})
    return {
        name: Fetched(error=answer) if isinstance(answer, EmqxctlError) else Fetched(answer)
        for name, answer in found.items()
    }


def fetch_one(path: str, *arguments: str) -> Fetch:
    """Make the reading of one thing: None where there is no such thing."""

    def read(api: "Client") -> Any:  # noqa: ANN401  # JSON is Any
        try:
            return api.get(path, *arguments)
        except EmqxctlError as error:
            if error.exit_code is ExitCode.NOT_FOUND:
                return None
            raise

    return read


def fetch_list(resource: "Resource", *parents: str) -> Fetch:
    """Make the reading of a whole list."""
    return lambda api: list(iterate_list(api, resource, *parents))


def iterate_list(api: "Client", resource: "Resource", *parents: str) -> Iterator[dict[str, Any]]:
    """Give the rows of a list one after the other, each once."""
    from emqxctl.api.pagination import iterate_rows
    from emqxctl.cli.server_filters import make_row_filter

    def fetch(page: Mapping[str, object]) -> Any:  # noqa: ANN401  # JSON is Any
        return api.get(resource.path, *parents, query=page)

    return iterate_rows(fetch, resource.paging, {}, row_filter=make_row_filter(resource, {}))
