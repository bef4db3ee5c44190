"""What the server can narrow of a list, so that less is sent; and what is checked of it once more here."""

from collections.abc import Mapping, Sequence

from emqxctl.api.listing import active_checks
from emqxctl.config.settings import Settings
from emqxctl.resource import Resource


def push_down_filters(
    resource: Resource, query: Mapping[str, object], settings: Settings
) -> dict[str, object]:
    """Add to a list's query what --where, --sort and --fields let the server narrow; all is rechecked.

    Only what every version understands alike: `=` on fields that are exact filters, and `fields` where the
    resource names those that its list may be cut to (older versions ignore it, api.md §2.4).
    """
    if not (settings.where or settings.fields):
        return dict(query)
    from emqxctl.output.query.select import parse_condition, parse_sort

    where = [parse_condition(text) for text in settings.where]
    more: dict[str, object] = {
        one.field: one.value
        for one in where
        if one.operator == "="
        and one.field in resource.exact_filters
        and (one.is_quoted or one.value != "null")
    }
    wanted = [name.strip() for name in settings.fields.split(",") if name.strip()]
    if wanted and not settings.query:
        sort = parse_sort(settings.sort) if settings.sort else ()
        needed = [*wanted, *(one.field for one in where), *(one.field for one in sort), resource.key]
        needed += [check.field for check, _ in active_checks(resource, query)]
        more |= select_fields(resource, needed)
    return {**more, **query}


def select_fields(resource: Resource, needed: Sequence[str]) -> dict[str, object]:
    """Ask for fields alone, when the server knows each of them; an unknown one would be refused."""
    names = list(dict.fromkeys(needed))
    return {"fields": ",".join(names)} if set(names) <= resource.selectable_fields else {}
