"""How lists are filtered and cut into pages."""

import base64
import json
from binascii import Error as NotBase64
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf
from typing import Any, TypeVar

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


Value = TypeVar("Value")
Readers = Mapping[str, Callable[[Value], Any]]
Filter = Callable[[Value], bool]


def exact_filters(query: Row, readers: Readers[Value]) -> list[Filter[Value]]:
    """Return the filters by one value, or by one of those that a repeated parameter gives."""

    def build(read: Callable[[Value], Any], wanted: Any) -> Filter[Value]:  # noqa: ANN401 - a checked value
        if isinstance(wanted, list):
            return lambda value: read(value) in wanted
        return lambda value: read(value) == wanted

    return [build(read, query[name]) for name, read in readers.items() if query[name] not in (None, [])]


def fuzzy_filters(query: Row, readers: Readers[Value]) -> list[Filter[Value]]:
    """Return the filters by a part of a text, whose parameters begin with `like_`."""

    def build(read: Callable[[Value], Any], part: str) -> Filter[Value]:
        return lambda value: part in (read(value) or "")

    return [build(read, query[f"like_{name}"]) for name, read in readers.items() if query[f"like_{name}"]]


def range_filters(query: Row, readers: Readers[Value]) -> list[Filter[Value]]:
    """Return the filters by a range, whose bounds begin with `gte_` and `lte_`."""

    def build(read: Callable[[Value], Any], low: float | None, high: float | None) -> Filter[Value]:
        first, last = -inf if low is None else low, inf if high is None else high
        return lambda value: first <= read(value) <= last

    bounds = {name: (query[f"gte_{name}"], query[f"lte_{name}"]) for name in readers}
    return [build(readers[name], *pair) for name, pair in bounds.items() if pair != (None, None)]


def select(values: Iterable[Value], filters: list[Filter[Value]]) -> list[Value]:
    """Return the values that pass every filter."""
    return [value for value in values if all(passes(value) for passes in filters)]
