"""The stock verb `list`, made from a Resource: all pages, with the server's filters as options."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.session import Session
from emqxctl.errors import ExitCode
from emqxctl.output.results import Row, Rows
from emqxctl.resource import Resource
from emqxctl.text.row_page import RowStream
from emqxctl.verbs.parameters import (
    option_parameters,
    option_values,
    parent_parameters,
    path_values,
    set_signature,
)
from emqxctl.verbs.versions import check_option_versions


def add_list(
    app: Group,
    resource: Resource,
    *,
    name: str = "list",
    summary: str = "",
    examples: Sequence[str] = (),
    login: bool = False,
) -> None:
    """Add `list`; with `login` as a dashboard user, since API keys may not read it."""

    def list_(session: Session, **values: Any) -> Rows:  # noqa: ANN401  # what the filters declare
        if login:
            from emqxctl.cli.dashboard_login import log_in

            log_in(session)
        query = option_values(resource.filters, values)
        return list_rows(session, resource, query, *path_values(resource.path, values))

    list_.__doc__ = summary or f"List {resource.plural_noun}."
    set_signature(list_, [*parent_parameters(resource.path), *option_parameters(resource.filters)], Rows)
    app.command(name)(command(calls=f"GET {resource.path}", examples=examples, login=login)(list_))


def list_rows(session: Session, resource: Resource, query: Mapping[str, object], *parents: str) -> Rows:
    """Return a resource's rows as a result; `parents` fill the placeholders of its path.

    Raises UnsupportedError for a filter that this version of EMQX would ignore.
    """
    hint = "omit it, or filter the list with --where"
    check_option_versions(session, resource.filters, query, hint=hint)
    rows: Iterable[Row] = read_rows(session, resource, query, *parents)
    if resource.from_response:
        rows = map(resource.from_response, rows)
    return build_rows(resource, rows)


def build_rows(resource: Resource, rows: Iterable[Row], *, exit_code: ExitCode = ExitCode.OK) -> Rows:
    """Return rows of a resource as a result with its columns, key and names."""
    return Rows(
        rows,
        resource.columns,
        key=resource.key,
        plural_noun=resource.plural_noun,
        path=resource.path,
        name_fields=resource.name_fields,
        exit_code=exit_code,
    )


def read_rows(session: Session, resource: Resource, query: Mapping[str, object], *parents: str) -> RowStream:
    """Return the rows of a list; the server is asked only for what will be shown, where it can choose."""
    from emqxctl.cli.server_filters import parse_selection, push_down_filters, read_fields, select_fields
    from emqxctl.output.pages import selecting_fields

    view = parse_selection(session.settings, resource)._replace(name_fields=resource.name_fields)
    query = push_down_filters(resource, query, view)
    fields = read_fields(resource, view)
    if view.sort and view.limit and resource.selectable_fields and not view.query:
        from emqxctl.cli.top_rows import iterate_top_rows

        return iterate_top_rows(session.client, resource, query, *parents, view=view)
    return session.rows(
        resource,
        {**query, **select_fields(resource, query, fields)},
        *parents,
        fields=selecting_fields(view) if fields is None else fields,
    )
