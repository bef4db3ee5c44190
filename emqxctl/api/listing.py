"""All rows of a Resource: its pages in order, the filters checked again, each row once."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from emqxctl.api.pagination import PageFilter, Row, RowFilter, iterate_rows, keep_all
from emqxctl.resource import Paging, Resource, RowCheck

if TYPE_CHECKING:
    from emqxctl.api.client import Client


def iterate_list(
    client: "Client",
    resource: Resource,
    *parents: str,
    query: Mapping[str, object] | None = None,
    limit: int = 0,
    keep_raw_rows: bool = False,
) -> Iterator[Row]:
    """Yield the rows of a resource; with `limit` no more pages are requested than it needs.

    `parents` fill the placeholders of its path. With `keep_raw_rows` rows keep their source text.
    """

    def fetch(page_query: Mapping[str, object]) -> Any:  # noqa: ANN401  # JSON is Any
        return client.get(resource.path, *parents, query=page_query, keep_raw_rows=keep_raw_rows)

    row_key = resource.row_key if resource.paging in {Paging.PAGES, Paging.CURSOR} else ()
    page_filter = PageFilter(row_key, make_row_filter(resource, query or {}))
    return iterate_rows(fetch, resource.paging, query or {}, limit, page_filter)


def active_checks(resource: Resource, query: Mapping[str, object]) -> list[tuple[RowCheck, list[Any]]]:
    """Return the row checks of the filters in a query, each with the values of which one must match."""
    checks = []
    for row_filter in resource.filters:
        value = query.get(row_filter.param)
        if row_filter.row_check is not None and value is not None:
            checks.append((row_filter.row_check, value if isinstance(value, list) else [value]))
    return checks


def make_row_filter(resource: Resource, query: Mapping[str, object]) -> RowFilter:
    """Create a filter that keeps the rows of a page that match the query."""
    checks = active_checks(resource, query)

    def matches_checks(row: Row) -> bool:
        return all(
            check.field not in row or any(check.matches(row[check.field], value) for value in values)
            for check, values in checks
        )

    return (lambda page: [row for row in page if matches_checks(row)]) if checks else keep_all
