"""The logs of a trace: read from position to position, node by node, as lines."""

from collections.abc import Iterable, Iterator

from emqxctl.api.pagination import page_meta, page_rows
from emqxctl.cli.session import Session
from emqxctl.errors import UnsupportedError, UsageError
from emqxctl.text.escaping import escape_control_characters
from emqxctl.text.units import parse_size

LOG = "/trace/{name}/log"
DETAIL = "/trace/{name}/log_detail"
PIECE = 1 << 20  # bytes asked for at once


def read_size(text: str | None) -> int | None:
    """Read --bytes. Raises UsageError."""
    try:
        return None if text is None else int(parse_size(text))
    except ValueError as error:
        message = f"--bytes: {error}"
        raise UsageError(message) from error


def logging_nodes(session: Session, name: str) -> list[str | None]:
    """Give the nodes that have logged something; just the one that answers before EMQX 5.0.10."""
    try:
        found = page_rows(session.client.get(DETAIL, name))
    except UnsupportedError:
        return [None]
    return [str(one["node"]) for one in found if one.get("size") and one.get("node")]


def plain_lines(
    session: Session, name: str, nodes: Iterable[str | None], limit: int | None
) -> Iterator[bytes]:
    """Give the lines of a log for a person, harmless to a terminal, the nodes named on stderr."""
    for node in nodes:
        if node:
            session.info(f"log of {node}:")
        for line in lines(session, name, node, limit):
            yield f"{escape_control_characters(line)}\n".encode()


def lines(session: Session, name: str, node: str | None, limit: int | None) -> Iterator[str]:
    """Give the lines of one node's log, put together from its pieces."""
    rest = ""
    for piece in pieces(session, name, node, limit):
        *whole, rest = (rest + piece).split("\n")
        yield from whole
    if rest:
        yield rest


def pieces(session: Session, name: str, node: str | None, limit: int | None) -> Iterator[str]:
    """Read a log from position to position; it ends where nothing comes or the position stays."""
    position = 0
    while limit is None or position < limit:
        step = PIECE if limit is None else min(PIECE, limit - position)
        found = session.client.get(LOG, name, query={"bytes": step, "position": position, "node": node})
        page = found if isinstance(found, dict) else {}
        text, after = page.get("items"), page_meta(page).get("position")
        if not isinstance(text, str) or not text:
            return
        yield text
        if not isinstance(after, int) or after <= position:
            return
        position = after
