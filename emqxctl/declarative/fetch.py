"""Lists and objects as a server sends them; another shape is a ServerError, never an empty list."""

from collections.abc import Iterator, Mapping

from emqxctl.api.pagination import iterate_rows
from emqxctl.api.response import page_rows, require_object, unexpected_shape_error
from emqxctl.declarative.documents import Json
from emqxctl.declarative.kind import Api, Body
from emqxctl.resource import Paging


def fetch_list(api: Api, path: str, *arguments: str) -> list[Body]:
    """Return the rows of a list that comes in one response."""
    return page_rows(api.get(path, *arguments))


def fetch_pages(api: Api, path: str) -> Iterator[Body]:
    """Yield the rows of a list that comes in numbered pages."""

    def fetch(page: Mapping[str, object]) -> Json:
        return api.get(path, query=page)

    return iterate_rows(fetch, Paging.PAGES, {})


def fetch_names(api: Api, path: str, query: Mapping[str, object]) -> list[str]:
    """Return one page of a list of names."""
    names = api.get(path, query=query)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise unexpected_shape_error(names, "a list of names", "NOT_A_LIST")
    return names


def fetch_object(api: Api, path: str, *arguments: str) -> Body:
    """Return one object."""
    return require_object(api.get(path, *arguments))
