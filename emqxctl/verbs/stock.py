"""The stock verbs that read, made from a Resource: list and get."""

from collections.abc import Mapping, Sequence
from typing import Any

from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.session import Session
from emqxctl.output.results import Record, Rows
from emqxctl.resource import Resource
from emqxctl.verbs.parameters import arguments, chosen, options, path_values, set_signature


def add_list(
    app: Group,
    resource: Resource,
    *,
    name: str = "list",
    summary: str = "",
    examples: Sequence[str] = (),
) -> None:
    """Add `list`: all rows over all pages, with the resource's server filters as options."""

    def list_(session: Session, **values: Any) -> Rows:  # noqa: ANN401  # what the filters declare
        parents = path_values(resource.path, values)
        return listed(session, resource, chosen(resource.filters, values), *parents)

    list_.__doc__ = summary or f"List {resource.plural_noun}."
    set_signature(list_, [*arguments(resource.path), *options(resource.filters)], Rows)
    app.command(name)(command(calls=f"GET {resource.path}", examples=examples)(list_))


def listed(session: Session, resource: Resource, query: Mapping[str, object], *parents: str) -> Rows:
    """Give a resource's rows as a result; `parents` fill the placeholders of its path."""
    if session.settings.where or session.settings.fields:
        from emqxctl.cli.server_filters import push_down_filters

        query = push_down_filters(resource, query, session.settings)
    rows = session.rows(resource, query, *parents)
    return Rows(
        rows, resource.columns, key=resource.key, plural_noun=resource.plural_noun, path=resource.path
    )


def add_get(
    app: Group,
    resource: Resource,
    *,
    name: str = "get",
    summary: str = "",
    examples: Sequence[str] = (),
) -> None:
    """Add `get`: one thing by its key."""

    def get(session: Session, **values: Any) -> Record:  # noqa: ANN401  # the path's placeholders
        from emqxctl.api.pagination import require_object

        places = resource.path_arguments(path_values(resource.item_path, values))
        found = require_object(session.client.get(resource.item_path, *places))
        return Record(found, resource.columns, key=resource.key, path=resource.path)

    get.__doc__ = summary or f"Show one {resource.noun}."
    set_signature(get, arguments(resource.item_path, resource.noun), Record)
    app.command(name)(command(calls=f"GET {resource.item_path}", examples=examples)(get))
