"""Text that the server made, for stdout: as it came, or harmless to a terminal."""

import sys
from collections.abc import Iterator

from emqxctl.api.request import Query, build_request
from emqxctl.cli.prompts import is_terminal
from emqxctl.cli.session import Session
from emqxctl.output.results import Bytes
from emqxctl.text.escaping import escape_control_characters

TABLES = frozenset({"", "table", "wide"})


def wants_text(session: Session) -> bool:
    """Tell whether no format was asked for that only data can take."""
    return (session.settings.output or "") in TABLES


def fetch_text(session: Session, path: str, query: Query) -> Bytes:
    """Get a path as plain text, which EMQX gives only to those who ask for it (api.md §5.3)."""
    call = build_request("GET", path, query=query)._replace(accept="text/plain")
    return Bytes(written(session.client.send(call).content))


def written(content: bytes) -> Iterator[bytes]:
    """Give text as it came; on a terminal harmless, line by line."""
    if not is_terminal(sys.stdout):
        yield content
        return
    for line in content.decode("utf-8", "replace").splitlines():
        yield f"{escape_control_characters(line)}\n".encode()
