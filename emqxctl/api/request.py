"""One call of the REST API before it is sent: its path, query and body, and how it reads as curl."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlencode

from emqxctl.errors import READONLY_HINT, GuardError, UsageError
from emqxctl.text.units import format_boolean

if TYPE_CHECKING:
    pass

API_PREFIX = "/api/v5"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
HEADER_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
FORBIDDEN_IN_HEADERS = (
    r"[\x00-\x08\x0a-\x1f\x7f]"  # in a header's value: a line break would begin another header
)
PLACEHOLDER = re.compile(r"\{[^}]*\}")

Query = Mapping[str, object] | Iterable[tuple[str, object]]


class Request(NamedTuple):
    """A request to be: `operation` is `GET /nodes/{node}` as EMQX's documents name it, `path` is encoded.

    `query` holds decoded pairs. `content` is the body's bytes, None for none; `headers` go on top of our own.
    `base` is put before the path (`/api/v5`, or nothing for what lives outside it).
    """

    method: str
    path: str
    operation: str
    arguments: tuple[str, ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    content: bytes | None = None
    content_type: str = ""
    accept: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    prefix: str = API_PREFIX

    @property
    def is_safe(self) -> bool:
        """Whether it only reads."""
        return self.method in SAFE_METHODS

    @property
    def url_path(self) -> str:
        """Path and query as they go on the wire, below the cluster's URL."""
        query = urlencode(self.query, quote_via=quote, safe="")
        return self.prefix + self.path + (f"?{query}" if query else "")


def build_request(
    method: str, template: str, *arguments: str, query: Query = (), body: object = None
) -> Request:
    """Make a call of a path template (`/clients/{clientid}`) and the arguments for its placeholders.

    `body` is sent as JSON unless it is None. Raises UsageError when an argument cannot stand in a path.
    """
    content = None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return Request(
        method=method,
        path=expand_path(template, arguments),
        operation=f"{method} {template}",
        arguments=arguments,
        query=tuple(query_pairs(query)),
        content=content,
        content_type="" if content is None else "application/json",
    )


def expand_path(template: str, arguments: Iterable[str]) -> str:
    """Put encoded arguments in place of a template's placeholders, in order."""
    waiting = list(arguments)
    if len(waiting) != len(PLACEHOLDER.findall(template)):
        message = f"{template} takes {len(PLACEHOLDER.findall(template))} arguments, not {len(waiting)}"
        raise TypeError(message)
    return PLACEHOLDER.sub(lambda _match: encode_segment(waiting.pop(0)), template)


def encode_segment(argument: str) -> str:
    """Encode one path argument.

    Refuses the empty text, `.` and `..`: EMQX drops such segments after decoding, so that deleting one thing
    would become deleting all (api.md §0.1). Raises UsageError.
    """
    if argument in {"", ".", ".."}:
        message = f"{argument!r} cannot be addressed: EMQX would widen the call to the whole list"
        hint = (
            "such an id can only be named in a filter or a body (clients list --clientid, clients kick --ids)"
        )
        raise UsageError(message, code="UNSAFE_ID", hint=hint if argument else "give the id")
    try:
        return quote(argument, safe="")
    except UnicodeEncodeError as error:
        message = f"{argument!r} is not valid Unicode text"
        raise UsageError(message, code="UNSAFE_ID", hint="EMQX's ids and topics are UTF-8") from error


def query_pairs(query: Query) -> list[tuple[str, str]]:
    """Write query values as EMQX wants them: booleans in lower case, lists repeated, None left out."""
    items = query.items() if isinstance(query, Mapping) else query
    written: list[tuple[str, str]] = []
    for name, value in items:
        values = value if isinstance(value, list | tuple) else [value]
        written += [
            (name, format_boolean(one) if isinstance(one, bool) else str(one))
            for one in values
            if one is not None
        ]
    try:
        urlencode(written)
    except UnicodeEncodeError as error:
        message = "a filter holds text that is not valid Unicode"
        raise UsageError(message) from error
    return written


def check_headers(call: Request) -> None:
    """Refuse headers that could not be sent, or would be read as two. Raises UsageError."""
    for name, value in (("Accept", call.accept), ("Content-Type", call.content_type), *call.headers):
        if not re.fullmatch(HEADER_NAME, name) or re.search(FORBIDDEN_IN_HEADERS, value):
            message = f"the header {name!r} cannot be sent: its name or a control character in it is not HTTP"
            raise UsageError(message, code="BAD_HEADER", hint="--header NAME:VALUE, on one line")


def readonly_error(call: Request) -> GuardError:
    """Say that a write was refused because the profile is read-only."""
    message = f"this profile is read-only: {call.method} {call.path} was not sent"
    return GuardError(message, code="READONLY", hint=READONLY_HINT)
