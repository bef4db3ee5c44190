"""Which of --where and --fields the server can apply, to send less; all of it is checked again locally."""

from collections.abc import Mapping, Sequence

from emqxctl.api.listing import active_checks
from emqxctl.cli.view import split_names
from emqxctl.config.settings import Settings
from emqxctl.resource import Resource


def push_down_filters(
    resource: Resource, query: Mapping[str, object], settings: Settings
) -> dict[str, object]:
    """Return a list's query with the parts of --where and --fields that the server can apply.

    Only what every version handles alike: `=` on fields with an exact filter, and `fields` if the resource
    names those that its list can be reduced to (older versions ignore it, api.md §2.4).
    """
    if not (settings.where or settings.fields):
        return dict(query)
    from emqxctl.output.query.select import parse_condition, parse_sort

    conditions = [parse_condition(text) for text in settings.where]
    server_filters: dict[str, object] = {
        condition.field: condition.value
        for condition in conditions
        if condition.operator == "=" and condition.field in resource.exact_filters
        if condition.is_quoted or condition.value != "null"
    }
    printed_fields = split_names(settings.fields)
    if printed_fields and not settings.query:
        sort_keys = parse_sort(settings.sort) if settings.sort else ()
        needed = [*printed_fields, *(condition.field for condition in conditions)]
        needed += [*(sort_key.field for sort_key in sort_keys), resource.key]
        needed += [check.field for check, _ in active_checks(resource, query)]
        server_filters |= select_fields(resource, needed)
    return {**server_filters, **query}


def select_fields(resource: Resource, fields: Sequence[str]) -> dict[str, object]:
    """Return the query for these fields only if the server can select all of them; it refuses others."""
    names = list(dict.fromkeys(fields))
    return {"fields": ",".join(names)} if set(names) <= resource.selectable_fields else {}
