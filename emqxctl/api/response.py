"""One answer of the server, whole: status, headers, body, and how long it took."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emqxctl.errors import ExitCode, ServerError


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP answer. Header names are in lower case; `url` and `reason` are for people.

    `operation` is `GET /clients/{clientid}` as EMQX's documents name it, or the literal call; `arguments` are
    the path arguments, so that a 404 can name the thing. `elapsed` is in seconds.
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
    def text(self) -> str:
        """The body as text; what is not UTF-8 is replaced."""
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

    def json(self, *, keep_raw_rows: bool = False) -> Any:  # noqa: ANN401  # JSON is Any
        """Give the body's JSON; None for a success without content.

        Writes are often answered 200 with no body (`POST /listeners/{id}/stop`); a read is not. Raises
        ServerError when the body is not JSON: a proxy's page, a truncated answer, plain text.
        """
        if self.is_empty and (self.status in {204, 205} or self.method != "GET"):
            return None
        try:
            if keep_raw_rows:
                from emqxctl.text.raw_json import parse_page

                return parse_page(self.content.decode())
            return json.loads(self.content)
        except (ValueError, RecursionError) as error:
            raise not_json_error(self) from error


def not_json_error(answer: Response) -> ServerError:
    """Say what came in place of JSON, and why that may be."""
    hint = "emqxctl status tells whether this is EMQX; --debug shows the whole answer"
    if answer.is_empty:
        what = "an empty body"
    elif answer.is_html:
        what = "a web page (HTML)"
        hint = "the profile's url may be wrong, or a proxy or load balancer answers in EMQX's place"
    elif answer.content.lstrip()[:1] in {b"{", b"["}:
        what = f"JSON that is cut off or broken after {len(answer.content)} bytes"
        hint = "something on the way cut the answer; try again, or ask for less with --limit"
    else:
        what = f"{answer.headers.get('content-type') or 'text'} of {len(answer.content)} bytes"
    return ServerError(
        f"{answer.operation} was answered {answer.status} with {what} instead of JSON",
        code="NOT_JSON",
        hint=hint,
        exit_code=ExitCode.SERVER,
        details={"status": answer.status, "operation": answer.operation},
    )
