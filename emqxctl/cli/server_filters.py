"""What the server can narrow of a list, so that less is sent; and what is checked of it once more here."""

from collections.abc import Mapping, Sequence
from typing import Any

from emqxctl.api.pagination import Keep, Row, whole
from emqxctl.config.settings import Settings
from emqxctl.resource import Check, Paging, Resource


def narrowed(resource: Resource, query: Mapping[str, object], settings: Settings) -> dict[str, object]:
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
        if one.operator == "=" and one.field in resource.exact and (one.quoted or one.value != "null")
    }
    wanted = [name.strip() for name in settings.fields.split(",") if name.strip()]
    if wanted and not settings.query:
        sort = parse_sort(settings.sort) if settings.sort else ()
        needed = [*wanted, *(one.field for one in where), *(one.field for one in sort), resource.key]
        needed += [check.field for check, _ in checks(resource, query)]
        more |= cut(resource, needed)
    return {**more, **query}


def cut(resource: Resource, needed: Sequence[str]) -> dict[str, object]:
    """Ask for fields alone, when the server knows each of them; an unknown one would be refused."""
    names = list(dict.fromkeys(needed))
    return {"fields": ",".join(names)} if set(names) <= resource.cuttable else {}


def checks(resource: Resource, query: Mapping[str, object]) -> list[tuple[Check, list[Any]]]:
    """Give the checks of the filters that a query holds, each with the values of which one must fit."""
    found = []
    for one in resource.filters:
        value = query.get(one.param)
        if one.check is not None and value is not None:
            found.append((one.check, value if isinstance(value, list) else [value]))
    return found


def keeper(resource: Resource, query: Mapping[str, object]) -> Keep:
    """Make what keeps the rows of a page that belong: those that pass the filters, each once."""
    wanted = checks(resource, query)
    paged = resource.unique and resource.paging in {Paging.PAGES, Paging.CURSOR}
    unrepeated: Keep = whole
    if paged:
        from emqxctl.api.deduplication import Unrepeated

        unrepeated = Unrepeated(resource.unique)

    def passes(row: Row) -> bool:
        return all(
            check.field not in row or any(check.holds(row[check.field], value) for value in values)
            for check, values in wanted
        )

    def keep(page: list[Row]) -> list[Row]:
        return unrepeated([row for row in page if passes(row)])

    return keep if wanted else unrepeated
