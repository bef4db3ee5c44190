"""A stock verb's parameters: arguments of a path's placeholders, options of filters and settings."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import typer

from emqxctl.api.request import PLACEHOLDER
from emqxctl.cli.session import Session
from emqxctl.errors import UsageError
from emqxctl.resource import Filter, Setting, ValueType

SESSION = inspect.Parameter("session", inspect.Parameter.KEYWORD_ONLY, annotation=Session)
TYPES: Mapping[ValueType, Any] = {ValueType.INTEGER: int, ValueType.BOOLEAN: bool}
METAVARS = {ValueType.TIME: "TIME", ValueType.INTEGER: "N"}


def set_signature(function: Callable[..., Any], parameters: Sequence[inspect.Parameter], result: Any) -> None:  # noqa: ANN401  # a type or a union
    """Give a function that takes `**values` the parameters that a command line is made from."""
    function.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # inspect reads it
        [SESSION, *parameters], return_annotation=result
    )


def keyword(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:  # noqa: ANN401
    """Make one parameter; without a default it is needed."""
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def placeholders(template: str) -> list[str]:
    """Give the names of a path template's placeholders, as parameter names: `{user_id}` is `user_id`."""
    return [found.group()[1:-1].replace("-", "_") for found in PLACEHOLDER.finditer(template)]


def arguments(template: str, noun: str = "", *, many: bool = False) -> list[inspect.Parameter]:
    """Make an argument of each placeholder of a path; the last names the thing itself, perhaps several."""
    names = placeholders(template)
    made = []
    for name in names:
        last = bool(noun) and name == names[-1]
        kind: Any = list[str] if last and many else str
        words = f"The {noun}{'s' if many else ''}." if last else f"The {name.replace('_', ' ')}."
        metavar = name.upper() + ("..." if last and many else "")
        made.append(keyword(f"at_{name}", Annotated[kind, typer.Argument(metavar=metavar, help=words)]))
    return made


def path_values(template: str, values: Mapping[str, Any]) -> list[Any]:
    """Take the arguments of a path's placeholders out of a command's values, in order."""
    return [values[f"at_{name}"] for name in placeholders(template)]


def options(described: Sequence[Filter] | Sequence[Setting]) -> list[inspect.Parameter]:
    """Make an option of each filter or setting; none is needed."""
    made = []
    for one in described:
        kind = TYPES.get(one.value_type, str)
        annotation: Any = list[kind] | None if one.multiple else kind | None  # type: ignore[valid-type]  # at run time
        names = [f"{one.flag}/--no-{one.flag[2:]}"] if one.value_type is ValueType.BOOLEAN else [one.flag]
        metavar = "|".join(one.choices) or METAVARS.get(one.value_type, "TEXT")
        option = typer.Option(
            *names, help=one.help, metavar=None if one.value_type is ValueType.BOOLEAN else metavar
        )
        made.append(keyword(parameter_name(one), Annotated[annotation, option], None))
    return made


def parameter_name(one: Filter | Setting) -> str:
    """Give the name of an option's parameter: of its place, dots as underscores."""
    return "of_" + one.param.replace(".", "_").replace("-", "_")


def chosen(described: Sequence[Filter] | Sequence[Setting], values: Mapping[str, Any]) -> dict[str, Any]:
    """Give the filters or settings that were given, by `param`. Raises UsageError for a bad value."""
    found: dict[str, Any] = {}
    for one in described:
        value = values.get(parameter_name(one))
        if value is not None and value != []:
            found[one.param] = (
                [to_query_value(one, item) for item in value] if one.multiple else to_query_value(one, value)
            )
    return found


def to_query_value(one: Filter | Setting, value: Any) -> Any:  # noqa: ANN401  # as Typer read it
    """Write one value as the server wants it: times as epoch milliseconds, choices checked."""
    if one.choices and value not in one.choices:
        message = f"{one.flag} {value}: not one of {', '.join(one.choices)}"
        raise UsageError(message)
    return parse_time_option(one.flag, str(value)) if one.value_type is ValueType.TIME else value


def parse_time_option(flag: str, text: str) -> int:
    """Read a time, or a duration ago, as epoch milliseconds. Raises UsageError naming the option."""
    from datetime import UTC, datetime

    from emqxctl.text.units import parse_duration, parse_time

    compact = text.strip()
    try:
        if compact[:1].isdigit() and compact[-1:] in "smhdw":
            return int((datetime.now(UTC).timestamp() - parse_duration(compact)) * 1000)
        return int(parse_time(compact).timestamp() * 1000)
    except ValueError as error:
        message = f"{flag}: {error}"
        hint = "a time like 2026-11-23T10:00:00Z, or a duration ago like 15m"
        raise UsageError(message, hint=hint) from error
