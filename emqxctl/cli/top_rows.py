"""The first rows of a sorted list: of all rows the key and what sorts them, then the first rows whole."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from emqxctl.api.listing import iterate_list
from emqxctl.api.lookup import look_up_rows
from emqxctl.cli.server_filters import read_fields, select_fields
from emqxctl.output.pages import selecting_fields
from emqxctl.output.query.select import select_pages
from emqxctl.output.view import View
from emqxctl.resource import Resource
from emqxctl.text.row_page import RowPage, RowStream

if TYPE_CHECKING:
    from emqxctl.api.client import Client


def iterate_top_rows(
    client: "Client", resource: Resource, query: Mapping[str, object], *parents: str, view: View
) -> RowStream:
    """Return rows of a list that hold those that --where, --sort and --limit choose, to be chosen again.

    A server that does not choose fields sends whole rows: then these are all rows of the list, read once.
    """
    fields = read_fields(resource, view)
    query_of_all = select_fields(resource, query, fields)
    query_to_sort = select_fields(resource, query, selecting_fields(view))
    first_query = query_to_sort or query_of_all
    fields_to_read = selecting_fields(view) if fields is None else fields
    rows = iterate_list(client, resource, *parents, query={**query, **first_query}, fields=fields_to_read)
    asked_fields = split_fields(first_query)
    if asked_fields == split_fields(query_of_all):
        return rows

    def look_up(keys: Sequence[str]) -> Iterator[RowPage]:
        return look_up_rows(client, resource, keys, str(query_of_all.get("fields", "")))

    return RowStream(replace_top_rows(rows.pages, resource, view, asked_fields, look_up))


def replace_top_rows(
    pages: Iterator[RowPage],
    resource: Resource,
    view: View,
    asked_fields: frozenset[str],
    look_up: Callable[[Sequence[str]], Iterator[RowPage]],
) -> Iterator[RowPage]:
    """Yield what `look_up` returns for the keys of the first of the sorted rows.

    Rows that have more than the fields that were asked for are passed on instead.
    """
    first_page = next(filter(len, pages), None)
    if first_page is None:
        return
    all_pages = chain([first_page], pages)
    if set(first_page.read_all()[0]) - asked_fields:
        yield from all_pages
        return
    del first_page
    top_pages = select_pages(all_pages, view, resource.columns)
    keys = [str(row[resource.key]) for page in top_pages for row in page.read_all()]
    yield from look_up(keys)


def split_fields(query: Mapping[str, object]) -> frozenset[str]:
    """Return the fields that a query asks for, none for all."""
    return frozenset(str(query["fields"]).split(",") if "fields" in query else ())
