"""The registry of operations that the handler modules fill, and the lookup of a path."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum, auto

from emqxctl.sandbox.messages import Json, Request, Response, Row
from emqxctl.sandbox.schema.fields import Field, fields_of
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.cluster import Cluster


class Credentials(Enum):
    """Who may call an operation."""

    OPEN = auto()
    ANY = auto()
    BEARER = auto()  # a dashboard token only; an API key is refused with API_KEY_NOT_ALLOW


@dataclass(frozen=True)
class Call:
    """One checked request on its way into a handler: `query` and `body` hold values, not text."""

    cluster: Cluster
    request: Request
    bindings: dict[str, str]
    query: Row
    body: Json = None
    user: str = ""  # the dashboard user of a bearer token
    namespace: str | None = None  # that a key or user is limited to


Handler = Callable[[Call], Response]


@dataclass(frozen=True)
class Route:
    """One operation: its handler, and what is checked before."""

    method: str
    path: str
    handler: Handler
    credentials: Credentials = Credentials.ANY
    query: tuple[str | Field, ...] = ()  # names of schemas and fields
    body: Body | None = None
    edition: str = ""  # the only edition that has it

    @property
    def query_fields(self) -> tuple[Field, ...]:
        """Return the parameters of the query, read from the table when first used."""
        parts = (fields_of(part) if isinstance(part, str) else (part,) for part in self.query)
        return tuple(field for fields in parts for field in fields)


ROUTES: dict[tuple[str, str, str], Route] = {}


def route(  # noqa: PLR0913 - each is a choice of its own, and has a default
    method: str,
    path: str,
    *,
    credentials: Credentials = Credentials.ANY,
    query: str | tuple[str | Field, ...] = (),
    body: Body | None = None,
    edition: str = "",
) -> Callable[[Handler], Handler]:
    """Register a handler for one operation; `path` is under /api/v5 and names its variables in braces."""

    def register(handler: Handler) -> Handler:
        parts = (query,) if isinstance(query, str) else query
        ROUTES[edition, method, path] = Route(method, path, handler, credentials, parts, body, edition)
        return handler

    return register


class Router:
    """Finds the operation of a path: a literal segment wins over a variable one."""

    def __init__(self, routes: Iterable[Route]) -> None:
        """Index the routes by the number of their segments."""
        self._by_length: dict[int, dict[tuple[str, ...], dict[str, Route]]] = {}
        for entry in sorted(routes, key=lambda entry: entry.path.replace("{", "~")):
            pattern = tuple(entry.path.strip("/").split("/"))
            self._by_length.setdefault(len(pattern), {}).setdefault(pattern, {})[entry.method] = entry

    def find(self, segments: list[str]) -> tuple[dict[str, Route], dict[str, str]] | None:
        """Find the methods that a path has, and the values of its variables; None for an unknown path."""
        for pattern, methods in self._by_length.get(len(segments), {}).items():
            if all(
                part[0] == "{" or part == segment for part, segment in zip(pattern, segments, strict=True)
            ):
                pairs = zip(pattern, segments, strict=True)
                return methods, {part[1:-1]: segment for part, segment in pairs if part[0] == "{"}
        return None
