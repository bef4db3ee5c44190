"""All rows of a Resource: its pages in order, the filters checked again, each row once."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from emqxctl.api.fetch_ahead import Query
from emqxctl.api.pagination import PageFilter, PageSource, RowFilter, iterate_pages, keep_all
from emqxctl.api.request import build_request
from emqxctl.api.response import Response
from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.resource import Paging, Resource, RowCheck
from emqxctl.text.json_rows import Row
from emqxctl.text.row_page import ListPage, RowPage, RowStream

if TYPE_CHECKING:
    from emqxctl.api.client import Client


def iterate_list(
    client: "Client",
    resource: Resource,
    *parents: str,
    query: Mapping[str, object] | None = None,
    limit: int = 0,
    fields: Sequence[str] = (),
) -> RowStream:
    """Return the rows of a resource; with `limit` no more pages are requested than it needs.

    `parents` fill the placeholders of its path. `fields` are those that the caller will read: they are
    decoded together with the fields that identify a row and those that the filters check.
    """
    query = query or {}
    checks = active_checks(resource, query)
    all_fields = [*fields, *resource.row_key, *(check.field for check, _ in checks)]

    def fetch_page(page_query: Query) -> Response:
        return client.send(build_request("GET", resource.path, *parents, query=page_query))

    def decode(response: Response) -> ListPage:
        return response.page(all_fields)

    row_key = resource.row_key if resource.paging in {Paging.PAGES, Paging.CURSOR} else ()
    page_filter = PageFilter(row_key, make_row_filter(checks))
    fetch = retry_without_fields(fetch_page) if "fields" in query else fetch_page
    source, page_query = PageSource(fetch, decode), sent_query(resource, query)
    return RowStream(iterate_pages(source, resource.paging, page_query, limit, page_filter))


def sent_query(resource: Resource, query: Mapping[str, object]) -> dict[str, object]:
    """Return a query without the filters that only emqxctl checks."""
    local_params = {row_filter.param for row_filter in resource.filters if row_filter.is_local}
    return {name: value for name, value in query.items() if name not in local_params}


def retry_without_fields(fetch_page: Callable[[Query], Response]) -> Callable[[Query], Response]:
    """Return a fetch that asks for whole rows after the server rejected the selection of fields.

    EMQX 5.6 rejects the fields that 5.7 added.
    """
    is_rejected = False

    def fetch(page_query: Query) -> Response:
        nonlocal is_rejected
        if not is_rejected:
            try:
                return fetch_page(page_query)
            except EmqxctlError as error:
                if error.exit_code is not ExitCode.REJECTED:
                    raise
        response = fetch_page({name: value for name, value in page_query.items() if name != "fields"})
        is_rejected = True
        return response

    return fetch


def active_checks(resource: Resource, query: Mapping[str, object]) -> list[tuple[RowCheck, list[Any]]]:
    """Return the row checks of the filters in a query, each with the values of which one must match."""
    checks = []
    for row_filter in resource.filters:
        value = query.get(row_filter.param)
        if row_filter.row_check is not None and value is not None:
            checks.append((row_filter.row_check, value if isinstance(value, list) else [value]))
    return checks


def make_row_filter(checks: Sequence[tuple[RowCheck, list[Any]]]) -> RowFilter:
    """Create a filter that keeps the rows of a page that match the checks."""
    fields = [check.field for check, _ in checks]

    def matches_checks(row: Row) -> bool:
        return all(
            check.field not in row or any(check.matches(row[check.field], value) for value in values)
            for check, values in checks
        )

    def keep_matching(page: RowPage) -> RowPage:
        return page.keep([index for index, row in enumerate(page.read(fields)) if matches_checks(row)])

    return keep_matching if checks else keep_all
