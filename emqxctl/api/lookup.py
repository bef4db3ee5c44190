"""Objects of a list by their keys, many in one request."""

from collections.abc import Iterator, Sequence
from threading import Lock
from typing import TYPE_CHECKING

from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.resource import Resource
from emqxctl.text.row_page import ParsedPage, RowPage

if TYPE_CHECKING:
    from emqxctl.api.client import Client

MAX_QUERY_BYTES = 6000  # of keys in one query: the whole request line may have 8 000 (api.md §5.5)
MAX_KEYS = 1000  # rows in one response
MAX_SINGLE_LOOKUPS = 50  # of keys that a version before 5.6 cannot list together
SEVERAL_KEYS_SINCE = (5, 6, 0)


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


class KeyLookup:
    """Finds out which keys of a list exist; shared by the workers of one run, which has `key_count` keys.

    The list must have a filter for its key that may be repeated from 5.6 on. Earlier versions apply one of
    the values (api.md §2.4): for many keys the whole list is read there, once.
    """

    def __init__(self, resource: Resource, key_count: int) -> None:
        """Prepare; no request is sent."""
        self.resource, self.key_count = resource, key_count
        self.accepts_many: bool | None = None
        self.all_keys: frozenset[str] | None = None
        self.lock = Lock()

    def find(self, client: "Client", keys: Sequence[str]) -> set[str]:
        """Return the keys that exist; one that the server refuses to look up counts as existing."""
        if self.all_keys is not None:
            return {*keys} & self.all_keys
        existing_keys: set[str] = set()
        for chunk in split_for_query(keys, self.resource.key):
            listed_keys, is_complete = self.list_keys(client, chunk)
            existing_keys |= listed_keys
            missing_keys = [key for key in chunk if key not in listed_keys]
            if not missing_keys or (is_complete and self.can_list_many(client, chunk, listed_keys)):
                continue
            if is_complete and self.key_count > MAX_SINGLE_LOOKUPS:
                return {*keys} & self.list_all(client)
            existing_keys |= {key for key in missing_keys if self.exists(client, key)}
        return existing_keys

    def list_keys(self, client: "Client", keys: Sequence[str]) -> tuple[set[str], bool]:
        """Return those of the keys that one request lists, and whether it would have listed all of them.

        The page may be full of disconnected durable sessions, to which EMQX does not apply filters (api.md
        §0.2), and one key that a query cannot hold has all of them refused.
        """
        key, limit = self.resource.key, len(keys) + 1
        query = {key: list(keys), "limit": limit, "fields": key}
        try:
            page = client.get_page(self.resource.path, query=query, fields=[key]).rows
        except EmqxctlError as error:
            if error.exit_code is not ExitCode.REJECTED:
                raise
            return set(), False
        return {str(row.get(key)) for row in page.read([key])} & set(keys), len(page) < limit

    def can_list_many(self, client: "Client", keys: Sequence[str], listed_keys: set[str]) -> bool:
        """Return whether the server lists each of several keys; its version is requested once if in doubt."""
        if len(keys) == 1 or len(listed_keys) > 1:
            return True
        with self.lock:
            if self.accepts_many is None:
                from emqxctl.api.status import fetch_status
                from emqxctl.emqx.operations import parse_version

                status = fetch_status(client.transport)
                version = parse_version(status.version, status.edition) if status else None
                self.accepts_many = version is not None and version.first >= SEVERAL_KEYS_SINCE
            return self.accepts_many

    def list_all(self, client: "Client") -> frozenset[str]:
        """Return all keys of the list, read once."""
        from emqxctl.api.listing import iterate_list

        key = self.resource.key
        with self.lock:
            if self.all_keys is None:
                pages = iterate_list(client, self.resource, fields=[key]).pages
                self.all_keys = frozenset(str(row.get(key)) for page in pages for row in page.read([key]))
            return self.all_keys

    def exists(self, client: "Client", key: str) -> bool:
        """Return whether one key exists, by its own path; True if the server refuses to look it up."""
        try:
            client.get(self.resource.item_path, key)
        except EmqxctlError as error:
            if error.exit_code in {ExitCode.NOT_FOUND, ExitCode.USAGE}:
                return False
            if error.exit_code is not ExitCode.REJECTED:
                raise
        return True


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
