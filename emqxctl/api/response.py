"""One response of the server: status, headers, body, and how long it took."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from emqxctl.errors import EmqxctlError, ExitCode, ServerError, UnreachableError
from emqxctl.text.json_rows import Row, as_meta
from emqxctl.text.row_page import ListPage, NotAPageError, decode_page, page_of, parse_page

# Pages up to this size are decoded in part without an estimate of their memory, which takes as long.
MAX_PARTIAL_BYTES = 4 << 20
VALUE_BYTES = 20  # about what a decoded value takes, with its place in the row
JSON_TYPES = {dict: "an object", list: "a list", str: "a string", type(None): "nothing"}


class Response(NamedTuple):
    """An HTTP response. Header names are in lower case; `url` and `reason` are for messages.

    `operation` is `GET /clients/{clientid}` as in EMQX's documents, or the literal request; `arguments` are
    the path arguments, so that a 404 can name its subject. `elapsed` is in seconds.
    """

    operation: str
    method: str
    url: str
    status: int
    reason: str
    headers: Mapping[str, str]
    content: bytes
    elapsed: float = 0.0
    arguments: tuple[str, ...] = ()

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 are replaced."""
        return self.content.decode("utf-8", "replace")

    @property
    def is_empty(self) -> bool:
        """Whether the body holds nothing but white space."""
        return not self.content.strip()

    @property
    def is_html(self) -> bool:
        """Whether the body is a web page, whatever its header says."""
        start = self.content.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].lower()
        return start.startswith((b"<!doctype", b"<html", b"<head", b"<body"))

    @property
    def has_no_content(self) -> bool:
        """Whether the body says nothing: writes often return 200 with none, or `OK`; reads do not."""
        is_plain_ok = self.is_success and self.content.strip() == b"OK"  # recorded 6.2.2, as JSON
        return (self.is_empty and self.status in {204, 205}) or (
            self.method != "GET" and (self.is_empty or is_plain_ok)
        )

    def json(self) -> Any:  # noqa: ANN401  # JSON is Any
        """Return the body's JSON; None for a success without content (`POST /listeners/{id}/stop`).

        Raises ServerError if the body is not JSON: a proxy's page, a truncated response, plain text.
        """
        if self.has_no_content:
            return None
        check_json_memory(self)
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError) as error:
            raise not_json_error(self) from error

    def page(self, fields: Sequence[str] = ()) -> ListPage:
        """Return the page of a list, with these fields decoded. Raises ServerError for anything else."""
        if self.has_no_content:
            raise not_a_list_error(None)
        page = decode_page(self.content, fields) if len(self.content) <= MAX_PARTIAL_BYTES else None
        try:
            if page is None:
                check_json_memory(self)
                page = parse_page(self.content, fields)
            value_bytes = len(page.rows) * len(fields) * VALUE_BYTES
            return page._replace(byte_count=len(self.content) + value_bytes)
        except NotAPageError as error:
            raise page_shape_error(error) from error
        except (ValueError, RecursionError) as error:
            raise not_json_error(self) from error


def check_json_memory(response: Response) -> None:
    """Check that the parsed JSON of a body would not take too much memory. Raises ServerError."""
    from emqxctl.text.json_memory import MAX_JSON_MEMORY, estimate_json_memory

    memory = estimate_json_memory(response.content)
    if memory > MAX_JSON_MEMORY:
        message = f"the JSON of {response.operation} is too large: it would take {memory >> 20} MB of memory"
        raise ServerError(
            message,
            code="TOO_LARGE",
            hint="request less with --limit or a filter; check that this is EMQX: emqxctl status",
            exit_code=ExitCode.SERVER,
            details=response_details(response),
        )


def response_details(response: Response) -> dict[str, object]:
    """Return the details of an error about a body; without one the outcome of a write is unknown."""
    is_write = response.method not in {"GET", "HEAD", "OPTIONS"}
    unknown = {"unknown": True} if is_write else {}
    return {"status": response.status, "operation": response.operation, **unknown}


def not_json_error(response: Response, expected: str = "JSON") -> EmqxctlError:
    """Return the error for a body that is not JSON: what it is instead, and the likely cause.

    A body without a length may have lost its end with the connection.
    """
    has_length = not response.headers.keys().isdisjoint({"content-length", "transfer-encoding"})
    if not has_length and (response.is_empty or response.content.lstrip()[:1] in {b"{", b"["}):
        return UnreachableError(
            f"connection lost before the end of the response to {response.operation}",
            code="CONNECTION_LOST",
            hint="retry; check the server: emqxctl status",
            details=response_details(response),
        )
    hint = "check that this is EMQX: emqxctl status; --debug shows the whole response"
    if response.is_empty:
        found_type = "an empty body"
    elif response.is_html:
        found_type = "a web page (HTML)"
        hint = "check the profile's url: a proxy or load balancer may respond instead of EMQX"
    elif response.content.lstrip()[:1] in {b"{", b"["}:
        found_type = f"incomplete or invalid JSON ({len(response.content)} bytes)"
        hint = "the response may have been cut off on its way: retry, or request less with --limit"
    else:
        found_type = f"{response.headers.get('content-type') or 'text'} of {len(response.content)} bytes"
    return ServerError(
        f"{response.operation} returned {response.status} with {found_type} instead of {expected}",
        code="NOT_JSON",
        hint=hint,
        exit_code=ExitCode.SERVER,
        details=response_details(response),
    )


def require_object(value: object) -> dict[str, Any]:
    """Return a JSON value that must be an object. Raises ServerError for anything else."""
    if not isinstance(value, dict):
        raise unexpected_shape_error(value, "an object", "NOT_AN_OBJECT")
    return value


def unexpected_shape_error(value: object, expected_type: str, code: str) -> ServerError:
    """Return the error for JSON of another shape than expected."""
    return ServerError(
        f"expected {expected_type}, got {JSON_TYPES.get(type(value), 'a single value')}",
        code=code,
        hint="check that this is EMQX: emqxctl status; --debug shows the response",
        exit_code=ExitCode.SERVER,
    )


def not_a_list_error(value: object) -> ServerError:
    """Return the error for JSON that is not a list: it must not pass for an empty one."""
    return unexpected_shape_error(value, "a list", "NOT_A_LIST")


def page_shape_error(error: NotAPageError) -> ServerError:
    """Return the error for JSON that is not a list of objects."""
    if error.is_element:
        return unexpected_shape_error(error.value, "a list of objects", "NOT_AN_OBJECT")
    return not_a_list_error(error.value)


def list_page(value: object) -> ListPage:
    """Return the page of a list that is parsed already. Raises ServerError for any other JSON."""
    try:
        return page_of(value)
    except NotAPageError as error:
        raise page_shape_error(error) from error


def page_rows(page: object) -> list[Row]:
    """Return the rows of a page: a bare array, or `data` of an envelope.

    Raises ServerError for anything else, and for rows that are not objects: neither may pass for an empty
    list.
    """
    return list_page(page).rows.read_all()


def page_meta(page: object) -> Mapping[str, object]:
    """Return the `meta` of a page, empty if there is none."""
    return as_meta(page.get("meta") if isinstance(page, dict) else None)
