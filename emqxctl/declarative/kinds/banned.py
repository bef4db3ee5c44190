"""Bans without an end, only on request."""

from collections.abc import Iterator

from emqxctl.declarative.kind import Api, Body, Kind, Level

PAGE = 1000


def rows(api: Api) -> Iterator[Body]:
    """Yield the bans that never end."""
    number = 1
    while True:
        page = api.get("/banned", query={"page": number, "limit": PAGE})["data"]
        yield from (row for row in page if row.get("until") in (None, "infinity"))
        if len(page) < PAGE:
            return
        number += 1


KIND = Kind(
    name="banned",
    noun="ban",
    level=Level.TOPICS,
    list_path="/banned",
    key=("as", "who"),
    create="POST /banned",
    delete="DELETE /banned/{as}/{who}",
    added=frozenset({"at", "until"}),
    recreate=True,
    on_request=True,
    disruptive=True,
    address=lambda key: tuple(key.split(":", 1)),
    rows=rows,
)
