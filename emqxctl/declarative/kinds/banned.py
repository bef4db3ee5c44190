"""Bans without an end, only on request."""

from collections.abc import Iterator

from emqxctl.declarative.fetch import fetch_pages
from emqxctl.declarative.kind import Api, Body, Kind, Level


def rows(api: Api) -> Iterator[Body]:
    """Yield the bans that never end."""
    return (row for row in fetch_pages(api, "/banned") if row.get("until") in (None, "infinity"))


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
