"""The logs of a trace: read from position to position, node by node, as lines."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from emqxctl.api.pagination import page_meta, page_rows
from emqxctl.cli.session import Session
from emqxctl.errors import UnsupportedError
from emqxctl.text.escaping import escape_control_characters

LOG_PATH = "/trace/{name}/log"
DETAIL_PATH = "/trace/{name}/log_detail"
PIECE_BYTES = 1 << 20  # in one response


class PayloadEncoding(StrEnum):
    """How payloads are written to a log."""

    text = "text"
    hex = "hex"
    hidden = "hidden"


def list_nodes_with_log(session: Session, name: str) -> list[str | None]:
    """Return the nodes that have logged something; before EMQX 5.0.10 None, the node that responds."""
    try:
        rows = page_rows(session.client.get(DETAIL_PATH, name))
    except UnsupportedError:
        return [None]
    return [str(row["node"]) for row in rows if row.get("size") and row.get("node")]


def format_log(
    session: Session, name: str, nodes: Iterable[str | None], limit: int | None
) -> Iterator[bytes]:
    """Yield the lines of a log with control characters escaped; names each node on stderr."""
    for node in nodes:
        if node:
            session.info(f"log of {node}:")
        for line in read_lines(session, name, node, limit):
            yield f"{escape_control_characters(line)}\n".encode()


def read_lines(session: Session, name: str, node: str | None, limit: int | None) -> Iterator[str]:
    """Yield the lines of one node's log, joined from its pieces."""
    rest = ""
    for piece in read_pieces(session, name, node, limit):
        *lines, rest = (rest + piece).split("\n")
        yield from lines
    if rest:
        yield rest


def read_pieces(session: Session, name: str, node: str | None, limit: int | None) -> Iterator[str]:
    """Yield a log in pieces, until a piece is empty or the position does not advance."""
    position = 0
    while limit is None or position < limit:
        size = PIECE_BYTES if limit is None else min(PIECE_BYTES, limit - position)
        response = session.client.get(
            LOG_PATH, name, query={"bytes": size, "position": position, "node": node}
        )
        page = response if isinstance(response, dict) else {}
        text, next_position = page.get("items"), page_meta(page).get("position")
        if not isinstance(text, str) or not text:
            return
        yield text
        if not isinstance(next_position, int) or next_position <= position:
            return
        position = next_position
