"""Parameters of the stock verbs: arguments for placeholders; options for filters, settings and bodies."""

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import typer

from emqxctl.api.request import PLACEHOLDER
from emqxctl.cli.param_types import PAST_TIME, UnitType
from emqxctl.cli.session import Session
from emqxctl.errors import UsageError
from emqxctl.resource import Filter, Resource, Setting, ValueType
from emqxctl.text.nouns import pluralize

SESSION = inspect.Parameter("session", inspect.Parameter.KEYWORD_ONLY, annotation=Session)
TYPES: Mapping[ValueType, Any] = {ValueType.INTEGER: int, ValueType.BOOLEAN: bool}
METAVARS = {
    ValueType.TIME: "TIME",
    ValueType.INTEGER: "N",
    ValueType.TOPIC: "TOPIC",
    ValueType.TEXT_FILE: "FILE",
    ValueType.FIRST_LINE: "FILE",
}
CHOICE_VALUES = {"true": True, "false": False}  # for a field that is a boolean or a name
HTTP_TYPES = frozenset({"http", "webhook"})  # of connectors and bridges with a url
# Fields of a connector that contain no address.
ADDRESSLESS_FIELDS = frozenset(
    {"type", "name", "description", "enable", "pool_size", "ssl", "username", "password", "resource_opts"}
)
MAX_NAME_BYTES = 254  # of connectors, actions, sources and bridges
# What placeholders of EMQX's documents name, if not a field of the noun before them.
KEY_WORDS = {
    "clientid": "client ID",
    "deviceid": "device id",
    "ds": "storage",
    "msgid": "message id",
    "node": "node",
    "ns": "namespace",
    "topic": "topic",
    "uid": "user id",
    "user_id": "user id",
    "username": "username",
}

FileOption = Annotated[
    str | None,
    typer.Option(
        "--file",
        "-f",
        metavar="FILE",
        help="File with the request body: JSON, YAML or TOML (- for stdin).",
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="A.B=VALUE", help="Set a field of the body. Repeatable."),
]
ReplaceOption = Annotated[
    bool, typer.Option("--replace", help="Replace the object instead of merging into it.")
]


def set_signature(function: Callable[..., Any], parameters: Sequence[inspect.Parameter], result: Any) -> None:  # noqa: ANN401  # a type or a union
    """Set the signature that Typer reads on a function that takes `**values`."""
    function.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # inspect reads it
        [SESSION, *parameters], return_annotation=result
    )


def new_parameter(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:  # noqa: ANN401
    """Create one parameter; it is required if it has no default."""
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


BODY_PARAMETERS = [new_parameter("file", FileOption, None), new_parameter("set_", SetOption, None)]


def placeholders(template: str) -> list[str]:
    """Return the names of a path template's placeholders, as parameter names: `{user_id}` is `user_id`."""
    return [match.group()[1:-1].replace("-", "_") for match in re.finditer(PLACEHOLDER, template)]


def parent_parameters(template: str) -> list[inspect.Parameter]:
    """Create an argument for each placeholder of the path of a list: `/gateways/{name}/clients`."""
    parameters = []
    for match in re.finditer(PLACEHOLDER, template):
        name = match.group()[1:-1].replace("-", "_")
        parent = template[: match.start()].rstrip("/").rpartition("/")[2].removesuffix("s")
        argument = typer.Argument(metavar=key_metavar(name), help=describe_key(parent, name))
        parameters.append(new_parameter(f"path_{name}", Annotated[str, argument]))
    return parameters


def item_parameters(resource: Resource, *, multiple: bool = False) -> list[inspect.Parameter]:
    """Create an argument for each placeholder of a resource's item path; the last may take several."""
    names = placeholders(resource.item_path)
    if not names:
        return []
    name = names[-1]
    metavar = (resource.key_metavar or key_metavar(name)) + ("..." if multiple else "")
    annotation: Any = list[str] if multiple else str
    text = f"{resource.plural_noun[:1].upper()}{resource.plural_noun[1:]}."
    text = text if multiple else describe_key(resource.noun, name)
    argument = typer.Argument(metavar=metavar, help=text, click_type=key_type(resource))
    parents = parent_parameters(resource.item_path)[:-1]
    return [*parents, new_parameter(f"path_{name}", Annotated[annotation, argument])]


def key_type(resource: Resource) -> UnitType | None:
    """Return the parameter type that checks a resource's keys; None if there is nothing to check."""
    if resource.check_key is None:
        return None
    return UnitType(
        resource.key_metavar or key_metavar(resource.key), resource.check_key, example="http:archive"
    )


def key_metavar(name: str) -> str:
    """Return the placeholder of a key in a usage line: `NAME`, `CLIENT_ID`."""
    return KEY_WORDS.get(name, name).replace(" ", "_").upper()


def describe_key(noun: str, name: str) -> str:
    """Return the help of a key's argument: `Rule id.`, `Client ID.`, `Name of the collection of metrics.`."""
    words = name.replace("_", " ")
    if name in KEY_WORDS:
        text = KEY_WORDS[name]
    elif noun.endswith(words):
        text = noun
    else:
        text = f"{words} of the {noun}" if " of " in noun else f"{noun} {words}"
    return f"{text[:1].upper()}{text[1:]}."


def path_values(template: str, values: Mapping[str, Any]) -> list[Any]:
    """Return the arguments of a path's placeholders from a command's values, in order."""
    return [values[f"path_{name}"] for name in placeholders(template)]


def option_parameters(items: Sequence[Filter] | Sequence[Setting]) -> list[inspect.Parameter]:
    """Create an option for each filter or setting; all are optional."""
    parameters = []
    for item in items:
        type_ = TYPES.get(item.value_type, str)
        annotation: Any = list[type_] | None if item.multiple else type_ | None  # type: ignore[valid-type]  # at run time
        is_switch = item.value_type is ValueType.BOOLEAN
        names = [f"{item.flag}/--no-{item.flag[2:]}"] if is_switch else [item.flag]
        metavar = "|".join(item.choices) or METAVARS.get(item.value_type, "TEXT")
        option = typer.Option(
            *names,
            help=item.help,
            metavar=None if is_switch else metavar,
            click_type=PAST_TIME if item.value_type is ValueType.TIME else None,
        )
        parameters.append(new_parameter(parameter_name(item), Annotated[annotation, option], None))
    return parameters


def parameter_name(item: Filter | Setting) -> str:
    """Return the name of an option's parameter: `option_` and its place, dots as underscores."""
    return "option_" + item.param.replace(".", "_").replace("-", "_")


def option_values(items: Sequence[Filter] | Sequence[Setting], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the filters or settings that the user set, by `param`. Raises UsageError for a bad value."""
    values_by_param: dict[str, Any] = {}
    for item in items:
        value = values.get(parameter_name(item))
        if value is not None and value != []:
            parts = [to_sent_value(item, text) for text in (value if item.multiple else [value])]
            values_by_param[item.param] = parts if item.multiple else parts[0]
    return values_by_param


def to_sent_value(item: Filter | Setting, value: Any) -> Any:  # noqa: ANN401  # as Typer parsed it
    """Convert an option's value to what the server takes: times as epoch milliseconds, the text of files."""
    if item.choices and str(value) not in item.choices:
        message = f"invalid {item.flag} {value!r}: use {', '.join(item.choices)}"
        raise UsageError(message)
    match item.value_type:
        case ValueType.TIME:
            return int(value.timestamp() * 1000)
        case ValueType.TOPIC:
            return check_topic(item.flag, value)
        case ValueType.CHOICE:
            return CHOICE_VALUES.get(value, value)
        case ValueType.COUNT:
            return int(value) if value.isascii() and value.isdigit() else value
        case ValueType.TEXT_FILE | ValueType.FIRST_LINE:
            from emqxctl.cli.input.files import read_secret, read_text

            read = read_text if item.value_type is ValueType.TEXT_FILE else read_secret
            return read(value, item.flag)
    return value


def check_topic(flag: str, topic: str) -> str:
    """Return a topic. Raises UsageError for an invalid one, and for a filter with wildcards."""
    from emqxctl.emqx.topics import find_topic_error, has_wildcard

    error = "it contains a wildcard" if has_wildcard(topic) else find_topic_error(topic)
    if error:
        message = f"{flag}: invalid topic {topic!r}: {error}"
        raise UsageError(message, hint="use the topic of a message, such as telemetry/dev-1/temp")
    return topic


def split_type_and_name(key: str) -> tuple[str, str]:
    """Split an id TYPE:NAME. Raises UsageError."""
    kind, colon, name = key.partition(":")
    if not (kind and colon and name):
        message = f"invalid id {key!r}: it must be TYPE:NAME"
        raise UsageError(message, hint="TYPE:NAME, such as tcp:default or http:archive")
    return kind, name


def check_type_and_name(key: str) -> str:
    """Return an id TYPE:NAME; EMQX answers 500 to an empty or long name. Raises UsageError for these."""
    kind, colon, name = key.partition(":")
    if colon and not name:
        message = f"invalid id {key!r}: the name is empty"
        raise UsageError(message, hint=f"TYPE:NAME, such as {kind or 'http'}:archive")
    if len(name.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES:
        message = f"invalid id {kind}:{name[:20]}...: the name is longer than {MAX_NAME_BYTES} bytes"
        raise UsageError(message, hint="names have letters, digits, _ and -")
    return key


def type_and_name_fields(key: str) -> dict[str, object]:
    """Return the fields of a body that an id TYPE:NAME contains. Raises UsageError."""
    kind, name = split_type_and_name(key)
    return {"type": kind, "name": name}


def strip_types(resource: Resource, key: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body whose references, such as `connector`, have no type: lists show them as TYPE:NAME.

    Raises UsageError for an object of another type.
    """
    stripped = dict(body)
    key_type = key.partition(":")[0]
    for field in resource.same_type_fields:
        type_, colon, name = str(body.get(field) or "").partition(":")
        if colon and type_ != key_type:
            message = f"{field} {body[field]!r} is not of type {key_type}, like {resource.noun} {key!r}"
            raise UsageError(message, hint=f"list {pluralize(field)}: emqxctl {pluralize(field)} list")
        if colon:
            stripped[field] = name
    return stripped


def check_new_key(key: str) -> str:
    """Return the key of a new object. Raises UsageError for one that no path can name afterwards."""
    if key in {".", ".."}:
        message = f"invalid id {key!r}: EMQX could neither show nor delete it"
        raise UsageError(message, code="UNSAFE_ID", hint="choose another id")
    return key


def reject_cluster_url(session: Session, resource: Resource, body: Mapping[str, Any]) -> None:
    """Refuse --url instead of the option for the URL of a new object: it names the cluster.

    Raises UsageError.
    """
    url = str(session.options.get("url") or "")
    param = "url" if body.get("type", "http") in HTTP_TYPES else "server"
    flag = next((setting.flag for setting in resource.settings if setting.param == param), "")
    if flag and url and "url" in {setting.param for setting in resource.settings} and not has_address(body):
        value = url if param == "url" else url.partition("://")[2].partition("/")[0] or url
        message = f"the {resource.noun} has no {flag}; --url is the URL of the cluster"
        raise UsageError(message, hint=f"did you mean {flag} {value}?")


def has_address(body: Mapping[str, Any]) -> bool:
    """Return whether a body has the address of a server, or other fields that may contain it."""
    if body.get("type", "http") in HTTP_TYPES:
        return "url" in body
    return not ADDRESSLESS_FIELDS.issuperset(body)
