"""One request of the REST API before it is sent: its path, query and body."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode

from emqxctl.errors import READONLY_HINT, GuardError, UsageError
from emqxctl.text.units import format_boolean

API_PREFIX = "/api/v5"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
HEADER_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
FORBIDDEN_IN_HEADERS = r"[\x00-\x08\x0a-\x1f\x7f]"  # a line break would start another header
PLACEHOLDER = r"\{[^}]*\}"

Query = Mapping[str, object] | Iterable[tuple[str, object]]


class Request(NamedTuple):
    """A request: `operation` is `GET /nodes/{node}` as in EMQX's documents, `path` is encoded.

    `query` holds decoded pairs. `content` is the body's bytes, None for no body; `headers` are added to our
    own. `prefix` is put before the path (`/api/v5`, or empty for paths outside it).
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
        """Path and query as they are sent, relative to the cluster's URL."""
        query = urlencode(self.query, quote_via=quote, safe="")
        return self.prefix + self.path + (f"?{query}" if query else "")


def build_request(
    method: str, template: str, *arguments: str, query: Query = (), body: object = None
) -> Request:
    """Build a request from a path template (`/clients/{clientid}`) and the arguments for its placeholders.

    `body` is sent as JSON unless it is None. Raises UsageError for an argument that cannot be part of a path.
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


def build_raw_request(method: str, target: str) -> Request:
    """Build the request for a path as a user types it, below `/api/v5` or from the root, and its query.

    Raises UsageError for segments that EMQX drops after decoding, which would widen the request (api.md
    §0.1).
    """
    path, _, query = target.partition("?")
    path = "/" + path.removeprefix(API_PREFIX).lstrip("/")
    if any(unquote(segment) in {"", ".", ".."} for segment in path.split("/")[1:]):
        message = f"invalid path {target!r}: EMQX would apply the request to the whole list"
        raise UsageError(
            message,
            code="UNSAFE_ID",
            hint="remove empty segments, '.' and '..'; percent-encode slashes in ids: a%2Fb",
        )
    if not path.isascii() or any(character <= " " or character in "#\\" for character in path):
        message = f"invalid path {target!r}: not percent-encoded"
        raise UsageError(message, hint="percent-encode ids: a%20b%2Fc")
    pairs = parse_qsl(query, keep_blank_values=True)
    prefix = "" if path == "/status" else API_PREFIX
    return Request(method, path, f"{method} {path}", query=tuple(pairs), prefix=prefix)


def expand_path(template: str, arguments: Iterable[str]) -> str:
    """Return a template with its placeholders replaced, in order, by the encoded arguments."""
    values = list(arguments)
    placeholder_count = len(re.findall(PLACEHOLDER, template))
    if len(values) != placeholder_count:
        message = f"{template} takes {placeholder_count} arguments, not {len(values)}"
        raise TypeError(message)
    segments = iter([encode_segment(value, template, values[:index]) for index, value in enumerate(values)])
    return re.sub(PLACEHOLDER, lambda _match: next(segments), template)


def encode_segment(argument: str, template: str, earlier: Sequence[str] = ()) -> str:
    """Return an argument for a path template, percent-encoded; `earlier` are the arguments before it.

    Empty text, `.` and `..` are rejected: EMQX drops such segments after decoding, so that deleting one
    object would delete all (api.md §0.1). Raises UsageError.
    """
    if argument in {"", ".", ".."}:
        message = f"invalid id {argument!r}: EMQX would apply the request to the whole list"
        raise UsageError(message, code="UNSAFE_ID", hint=unsafe_id_hint(argument, template, earlier))
    try:
        return quote(argument, safe="")
    except UnicodeEncodeError as error:
        message = f"invalid Unicode in {argument!r}"
        raise UsageError(message, code="UNSAFE_ID", hint="EMQX's ids and topics are UTF-8") from error


def unsafe_id_hint(argument: str, template: str, earlier: Sequence[str]) -> str:
    """Return the hint for an id that no path can hold: clients may have such ids, other objects may not."""
    if not argument:
        return "specify the id"
    from emqxctl.api.command_groups import find_list_group, list_command_hint

    group = find_list_group(f"GET {template}")
    if group == "clients":
        return "use it in a filter or a file: emqxctl clients list --clientid, emqxctl clients kick --ids"
    return list_command_hint(group, earlier)


def query_pairs(query: Query) -> list[tuple[str, str]]:
    """Format query values for EMQX: booleans in lower case, lists repeated, None omitted."""
    items = query.items() if isinstance(query, Mapping) else query
    pairs: list[tuple[str, str]] = []
    for name, item in items:
        values = item if isinstance(item, list | tuple) else [item]
        pairs += [
            (name, format_boolean(value) if isinstance(value, bool) else str(value))
            for value in values
            if value is not None
        ]
    try:
        urlencode(pairs)
    except UnicodeEncodeError as error:
        message = "invalid Unicode in a filter"
        raise UsageError(message) from error
    return pairs


def check_headers(request: Request) -> None:
    """Check that no header would be read as two. Raises UsageError."""
    own_headers = (("Accept", request.accept), ("Content-Type", request.content_type))
    for name, value in (*own_headers, *request.headers):
        if not re.fullmatch(HEADER_NAME, name) or re.search(FORBIDDEN_IN_HEADERS, value):
            message = f"invalid header {name!r}: control character, or not an HTTP header name"
            raise UsageError(message, code="BAD_HEADER", hint="use --header NAME:VALUE, on one line")


def check_storable(request: Request) -> None:
    """Check that EMQX can read its configuration again after it has stored the body. Raises UsageError."""
    if not request.content:
        return
    from emqxctl.emqx.config_writes import find_line_separator, writes_configuration

    match = find_line_separator(request.content) if writes_configuration(request.operation) else None
    if match:
        character, path = match
        message = (
            f"U+{ord(character):04X} in {path or 'the body'}: it would make EMQX's configuration unreadable"
        )
        raise UsageError(
            message, code="UNSTORABLE_CHARACTER", hint="remove this line separator; nothing was sent"
        )


def readonly_error(request: Request) -> GuardError:
    """Return the error for a write that a read-only profile rejects."""
    message = f"read-only profile: {request.method} {request.path} was not sent"
    return GuardError(message, code="READONLY", hint=READONLY_HINT)
