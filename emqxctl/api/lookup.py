"""Objects of a list by their keys, many in one request."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.resource import Resource
from emqxctl.text.row_page import ParsedPage, RowPage

if TYPE_CHECKING:
    from emqxctl.api.client import Client

MAX_QUERY_BYTES = 6000  # of keys in one query: the whole request line may have 8 000 (api.md §5.5)
MAX_KEYS = 1000  # rows in one response


def look_up_rows(
    client: "Client", resource: Resource, keys: Sequence[str], fields: str = ""
) -> Iterator[RowPage]:
    """Yield the rows of a list that have these keys, in any order; keys of no row are skipped.

    The list must have a filter for its key that may be repeated. Keys that the list does not return are
    looked up one by one: EMQX does not apply filters to disconnected durable sessions, which may fill the
    page (api.md §0.2).
    """
    for chunk in split_for_query(keys, resource.key):
        query: dict[str, object] = {resource.key: list(chunk), "limit": len(chunk) + 1}
        page = client.get_page(
            resource.path,
            query=query | ({"fields": fields} if fields else {}),
            fields=[resource.key],
        ).rows
        missing_keys = dict.fromkeys(chunk)
        indexes = []
        for index, row in enumerate(page.read([resource.key])):
            key = str(row.get(resource.key))
            if key in missing_keys:
                del missing_keys[key]
                indexes.append(index)
        yield page.keep(indexes)
        for key in missing_keys:
            yield from look_up_row(client, resource, key)


def look_up_row(client: "Client", resource: Resource, key: str) -> Iterator[RowPage]:
    """Yield one object as a page, nothing if it does not exist or cannot be addressed."""
    try:
        yield ParsedPage([client.get_object(resource.item_path, key)])
    except EmqxctlError as error:
        if error.exit_code not in {ExitCode.NOT_FOUND, ExitCode.USAGE}:
            raise


def split_for_query(keys: Sequence[str], parameter: str) -> Iterator[Sequence[str]]:
    """Split keys into chunks that fit a request line."""
    from urllib.parse import quote

    start, length = 0, 0
    for index, key in enumerate(keys):
        size = len(quote(key, safe="", errors="replace")) + len(parameter) + 2
        if index > start and (length + size > MAX_QUERY_BYTES or index - start == MAX_KEYS):
            yield keys[start:index]
            start, length = index, 0
        length += size
    if start < len(keys):
        yield keys[start:]
