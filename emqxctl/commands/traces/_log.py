"""The logs of a trace: read from position to position, node by node, as lines."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from emqxctl.api.response import page_meta, page_rows
from emqxctl.cli.session import Session
from emqxctl.errors import UnsupportedError
from emqxctl.text.escaping import escape_control_characters

if TYPE_CHECKING:
    from emqxctl.api.client import Client

LOG_PATH = "/trace/{name}/log"
DETAIL_PATH = "/trace/{name}/log_detail"
PIECE_BYTES = 1 << 20  # in one response
MAX_CHARACTER_BYTES = 4  # of one character in UTF-8
START = 0  # the position of the start of a log, in every version

# Where a piece starts: a number of bytes, and from EMQX 6.2 on, where logs rotate, an opaque cursor.
Position = int | str


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
    """Yield a log in pieces up to its end; with a limit, no more than so many bytes."""
    position: Position = START
    remaining = limit
    while remaining is None or remaining > 0:
        size = PIECE_BYTES if remaining is None else min(PIECE_BYTES, remaining)
        piece = fetch_piece(session.client, name, node, position, size)
        text = piece.text if remaining is None else cut_bytes(piece.text, remaining)
        if text:
            yield text
        remaining = None if remaining is None else remaining - len(piece.text.encode())
        if piece.is_last:
            return
        position = piece.end


class Piece(NamedTuple):
    """A piece of a log: its text, the position of the next piece, and whether the log ends here for now."""

    text: str
    end: Position
    is_last: bool


def fetch_piece(
    client: "Client", name: str, node: str | None, position: Position, size: int = PIECE_BYTES
) -> Piece:
    """Return the piece of a node's log from a position on.

    A piece that ends inside a character is read again a little longer if a cursor follows it: unlike a number
    of bytes, a cursor cannot be moved back to the start of the character.
    """
    piece = request_piece(client, name, node, position, size)
    for extra in range(1, MAX_CHARACTER_BYTES):
        if isinstance(piece.end, int) or piece.is_last or not piece.text.endswith("\ufffd"):
            break
        piece = request_piece(client, name, node, position, size + extra)
    return piece


def request_piece(client: "Client", name: str, node: str | None, position: Position, size: int) -> Piece:
    """Request one piece; without a new position in the response, the log ends with it."""
    response = client.get(LOG_PATH, name, query={"bytes": size, "position": position, "node": node})
    page = response if isinstance(response, dict) else {}
    text, meta = page.get("items"), page_meta(page)
    text, end = text if isinstance(text, str) else "", meta.get("position")
    if isinstance(end, int) and isinstance(position, int):
        return Piece(text, max(end, position), not text or end <= position)
    if isinstance(end, str):
        return Piece(text, end, not text or end == position or meta.get("hint") == "eof")
    return Piece(text, position, is_last=True)


def cut_bytes(text: str, size: int) -> str:
    """Return the characters of a text that fit into a number of bytes."""
    return text.encode()[:size].decode(errors="ignore")
