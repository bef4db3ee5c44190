"""Which of --where and the fields that a run reads the server can apply, to send less.

All of it is checked again locally.
"""

from collections.abc import Collection, Mapping, Sequence

from emqxctl.api.listing import active_checks
from emqxctl.cli.view import output_format, split_names
from emqxctl.config.settings import Settings
from emqxctl.output.pages import printed_fields, selecting_fields
from emqxctl.output.view import Condition, View
from emqxctl.resource import Resource


def parse_selection(settings: Settings, resource: Resource) -> View:
    """Parse the options that say which rows and fields of a list are printed. Raises UsageError."""
    view = View(
        format=output_format(settings),
        fields=split_names(settings.fields),
        query=settings.query or None,
        limit=settings.limit or None,
    )
    if not (settings.where or settings.sort or view.fields):
        return view
    from emqxctl.output.query.select import parse_conditions, parse_sort
    from emqxctl.output.query.titles import resolve_titles

    view = view._replace(
        where=parse_conditions(settings.where),
        sort=parse_sort(settings.sort) if settings.sort else (),
    )
    return resolve_titles(view, resource.columns, resource.path)


def push_down_filters(resource: Resource, query: Mapping[str, object], view: View) -> dict[str, object]:
    """Return a list's query with the conditions that the server can apply.

    Only what every version handles alike: `=` on fields with an exact filter.
    """
    server_filters: dict[str, object] = {
        condition.field: condition.value
        for condition in view.where
        if isinstance(condition, Condition)  # not what is in an or or a not
        if condition.operator == "=" and condition.field in resource.exact_filters
        if condition.is_quoted or condition.value != "null"
    }
    return {**server_filters, **query}


def identifying_fields(resource: Resource, query: Mapping[str, object]) -> list[str]:
    """Return the fields that a list needs whatever is printed: the key, and those that filters check."""
    return [*resource.row_key, resource.key, *(check.field for check, _ in active_checks(resource, query))]


def read_fields(resource: Resource, view: View) -> tuple[str, ...] | None:
    """Return the fields of each row that are printed, or that --where and --sort read; None for all."""
    fields = printed_fields(view, resource.columns, resource.key)
    return None if fields is None else (*fields, *selecting_fields(view))


def select_fields(
    resource: Resource, query: Mapping[str, object], fields: Sequence[str] | None
) -> dict[str, object]:
    """Return the query for these fields only, if the server can select all of them; it rejects others.

    Versions before 5.6 ignore the parameter (api.md §2.4).
    """
    if fields is None:
        return {}
    names = list(
        dict.fromkeys(
            find_container(field, resource.selectable_objects)
            for field in (*fields, *identifying_fields(resource, query))
        )
    )
    return {"fields": ",".join(names)} if set(names) <= resource.selectable_fields else {}


def find_container(field: str, objects: Collection[str]) -> str:
    """Return the object that `a.b` is a member of if it is one of these objects, else the field itself."""
    container = field.partition(".")[0]
    return container if container in objects else field
