"""The two ways in which EMQX's lists are cut into pages."""

import base64
import json
from binascii import Error as NotBase64
from collections.abc import Sequence

from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.refusals import refuse_request

Position = tuple[str, str]  # after which client of which node; an empty id is before the first


def cut_page(rows: Sequence[Json], query: Row, *, counted: bool = True, hints: bool = True) -> Row:
    """Cut one page out of all rows.

    `counted` is false for fuzzy filters, which EMQX does not count; `hints` is false for the plain `/banned`,
    which has no `hasnext`.
    """
    page, limit = query["page"], query["limit"]
    start = (page - 1) * limit
    meta: Row = {"page": page, "limit": limit}
    if counted:
        meta["count"] = len(rows)
    if hints:
        meta["hasnext"] = start + limit < len(rows)
    return {"data": list(rows[start : start + limit]), "meta": meta}


def cut_cursor_page(rows: Sequence[Row], query: Row) -> Row:
    """Cut a page of named rows after a cursor. Raises EarlyResponse (400) for a bad cursor."""
    position = parse_cursor(query["cursor"]) if query["cursor"] is not None else ("", "")
    if position is None:
        refuse_request("Invalid cursor")
    names = [row["name"] for row in rows]
    start = names.index(position[1]) + 1 if position[1] in names else 0
    page = list(rows[start : start + query["limit"]])
    more = start + len(page) < len(rows)
    meta = {"hasnext": more} | ({"cursor": format_cursor("", page[-1]["name"])} if more else {})
    return {"data": page, "meta": meta}


def format_cursor(node: str, clientid: str) -> str:
    """Format the position after one client of one node as an opaque text."""
    return base64.urlsafe_b64encode(json.dumps([node, clientid]).encode()).decode().rstrip("=")


def parse_cursor(cursor: str) -> Position | None:
    """Read a cursor back; None for anything that is not one."""
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, NotBase64):
        return None
    match place:
        case [str(node), str(clientid)]:
            return node, clientid
    return None
