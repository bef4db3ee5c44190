"""Text that the server generates, for stdout: unchanged, or with control characters escaped on a terminal."""

import sys
from collections.abc import Iterator

from emqxctl.api.request import Query, build_request
from emqxctl.api.response import not_json_error
from emqxctl.cli.prompts import is_terminal
from emqxctl.cli.session import Session
from emqxctl.output.results import Bytes
from emqxctl.text.escaping import escape_control_characters

TABLE_FORMATS = frozenset({"", "table", "wide"})


def wants_text(session: Session) -> bool:
    """Return whether the output format is one for people, so that the server's text can be printed."""
    return (session.settings.output or "") in TABLE_FORMATS


def fetch_text(session: Session, path: str, query: Query) -> Bytes:
    """Return a path as plain text, which EMQX sends only if the request accepts it (api.md §5.3)."""
    request = build_request("GET", path, query=query)._replace(accept="text/plain")
    response = session.client.send(request)
    if response.is_html:
        raise not_json_error(response, expected="text")
    return Bytes(iterate_text(response.content))


def iterate_text(content: bytes) -> Iterator[bytes]:
    """Yield a text unchanged; on a terminal line by line, with control characters escaped."""
    if not is_terminal(sys.stdout):
        yield content
        return
    for line in content.decode("utf-8", "replace").splitlines():
        yield f"{escape_control_characters(line)}\n".encode()
