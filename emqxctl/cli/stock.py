"""The stock verbs, made from a Resource: list and get."""

import inspect
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.session import Session
from emqxctl.errors import UsageError
from emqxctl.output.results import Record, Rows
from emqxctl.resource import Filter, Kind, Resource

Row = dict[str, Any]


def add_list(
    app: Group, resource: Resource, *, examples: Sequence[str] = (), calls: Sequence[str] = ()
) -> None:
    """Add `list`: all rows over all pages, with the resource's server filters as options."""

    def list_(session: Session, **values: Any) -> Rows:  # noqa: ANN401  # what the filters declare
        return listed(session, resource, filter_query(resource.filters, values))

    list_.__doc__ = f"List {resource.nouns}."
    signature = inspect.Signature([SESSION, *filter_parameters(resource.filters)], return_annotation=Rows)
    list_.__signature__ = signature  # type: ignore[attr-defined]  # inspect reads it
    made = command(calls=calls or (f"GET {resource.path}",), examples=examples)(list_)
    app.command("list")(made)


def listed(session: Session, resource: Resource, query: Mapping[str, object]) -> Rows:
    """Give a resource's rows as a result."""
    rows = session.rows(resource, query)
    return Rows(rows, resource.columns, key=resource.key, nouns=resource.nouns)


def add_get(app: Group, resource: Resource, *, examples: Sequence[str] = (), argument: str = "") -> None:
    """Add `get`: one thing by its key."""
    name = argument or resource.key.upper()

    def get(session: Session, key: str) -> Record:
        found = session.api.get(resource.item_path, key)
        return Record(found if isinstance(found, dict) else {}, resource.columns, key=resource.key)

    get.__doc__ = f"Show one {resource.noun}."
    annotation = Annotated[str, typer.Argument(metavar=name, help=f"The {resource.noun}.")]
    key = inspect.Parameter("key", inspect.Parameter.KEYWORD_ONLY, annotation=annotation)
    get.__signature__ = inspect.Signature([SESSION, key], return_annotation=Record)  # type: ignore[attr-defined]
    app.command("get")(command(calls=f"GET {resource.item_path}", examples=examples)(get))


SESSION = inspect.Parameter("session", inspect.Parameter.KEYWORD_ONLY, annotation=Session)
TYPES: Mapping[Kind, Any] = {Kind.INTEGER: int, Kind.BOOLEAN: bool}


def filter_parameters(filters: Sequence[Filter]) -> list[inspect.Parameter]:
    """Make a command's parameters of server filters."""
    made = []
    for one in filters:
        kind = TYPES.get(one.kind, str)
        annotation: Any = list[kind] | None if one.repeat else kind | None  # type: ignore[valid-type]  # at run time
        names = [f"{one.flag}/--no-{one.flag[2:]}"] if one.kind is Kind.BOOLEAN else [one.flag]
        metavar = "|".join(one.choices) or {Kind.TIME: "TIME", Kind.INTEGER: "N"}.get(one.kind, "TEXT")
        option = typer.Option(*names, help=one.help, metavar=None if one.kind is Kind.BOOLEAN else metavar)
        made.append(
            inspect.Parameter(
                one.param,
                inspect.Parameter.KEYWORD_ONLY,
                default=None,
                annotation=Annotated[annotation, option],
            )
        )
    return made


def filter_query(filters: Sequence[Filter], values: Mapping[str, Any]) -> dict[str, object]:
    """Make the query of the filters that were given. Raises UsageError for a value of the wrong kind."""
    query: dict[str, object] = {}
    for one in filters:
        value = values.get(one.param)
        if value is not None and value != []:
            query[one.param] = [sent(one, item) for item in value] if one.repeat else sent(one, value)
    return query


def sent(one: Filter, value: Any) -> object:  # noqa: ANN401  # as Typer read it
    """Write one filter's value as the server wants it: times as epoch milliseconds, choices checked."""
    if one.choices and value not in one.choices:
        message = f"{one.flag} {value}: not one of {', '.join(one.choices)}"
        raise UsageError(message)
    if one.kind is Kind.TIME:
        return moment(one.flag, str(value))
    return value  # type: ignore[no-any-return]  # str, int or bool


def moment(flag: str, text: str) -> int:
    """Read a time, or a duration ago, as epoch milliseconds. Raises UsageError naming the option."""
    from datetime import UTC, datetime

    from emqxctl.values import parse_duration, parse_time

    try:
        if text.strip()[-1:].isalpha() and text.strip()[:1].isdigit() and "T" not in text:
            return int((datetime.now(UTC).timestamp() - parse_duration(text)) * 1000)
        return int(parse_time(text).timestamp() * 1000)
    except ValueError as error:
        message = f"{flag}: {error}"
        raise UsageError(
            message, hint="a time like 2026-11-23T10:00:00Z, or a duration ago like 15m"
        ) from error
