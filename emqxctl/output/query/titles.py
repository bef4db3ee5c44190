"""Titles of columns in place of field names: QUEUED and "in flight" for mqueue_len and inflight_cnt."""

import re
from collections.abc import Callable, Collection, Sequence

from emqxctl.emqx.row_fields import get_field_types
from emqxctl.output.view import Condition, Term, View
from emqxctl.resource import Column

SEPARATORS = re.compile(r"[\s_.-]+")


def resolve_titles(
    view: View, columns: Sequence[Column], path: str = "", object_fields: Collection[str] = ()
) -> View:
    """Return a view whose titles of columns, in any case, are the names of their fields.

    A field of exactly that name comes first, whether `columns`, the facts about the list at `path` or the
    one object that is printed have it.
    """
    if not (view.fields or view.where or view.sort):
        return view
    fields = {column.field for column in columns}
    known_fields = {*fields, *object_fields, *(get_field_types(path) if path else ())}
    by_title = index_titles(columns)

    def resolve(name: str) -> str:
        return name if name in known_fields else by_title.get(simplify(name), name)

    return view._replace(
        fields=tuple(map(resolve, view.fields)) if view.query is None else view.fields,
        where=tuple(rename_fields(term, resolve) for term in view.where),
        sort=tuple(key._replace(field=resolve(key.field)) for key in view.sort),
    )


def index_titles(columns: Sequence[Column]) -> dict[str, str]:
    """Return the field of each title and of each field's name in any case; the first column comes first."""
    pairs = [(column.heading, column.field) for column in columns]
    pairs += [(column.field, column.field) for column in columns]
    return {simplify(name): field for name, field in reversed(pairs)}


def simplify(name: str) -> str:
    """Return a name without what differs between a title and its spellings: case, spaces, _ and -."""
    return SEPARATORS.sub("_", name.strip().strip("\"'")).lower()


def rename_fields(term: Term, rename: Callable[[str], str]) -> Term:
    """Return a term with the fields of its conditions renamed."""
    if isinstance(term, Condition):
        return term._replace(field=rename(term.field))
    return term._replace(terms=tuple(rename_fields(part, rename) for part in term.terms))
