"""Every argument and option that names a thing has a completion, and every list of names exists."""

from typing import Any

from emqxctl.cli.completion.name_paths import find_item_path, read_metavar, split_item_path
from emqxctl.cli.completion.values import FILE_METAVARS, read_choices
from emqxctl.cli.root import build_root, walk_commands
from emqxctl.emqx.operations_data import LIFETIMES

# Words for values that are no names of things: numbers, texts, expressions.
FREE_METAVARS = frozenset(
    {"A.B=VALUE", "ADDRESS", "COMMAND", "HOST:PORT", "KEY=VALUE", "NAME:VALUE", "PATH", "PAYLOAD", "REASON"}
    | {"RULE", "SQL", "TEXT", "TIME", "URL", "VALUE", "VARIABLE", "VERSION"}
)
# The names of new things, and of things that no list has.
FREE_PARAMETERS = {
    ("clients why", "username"),  # of a client that may not be there
    ("topics who", "username"),
    ("rules test", "username"),
    ("gateways clients subscribe", "subid"),
    ("listeners certs", "server_name"),  # of a TLS handshake
    ("listeners set-cert", "server_name"),
    ("users mfa enable", "mechanism"),
    ("durable-queues create", "group"),
    ("ai models", "type_"),
    ("backups export", "tables"),
    ("configs reset", "path"),
}
NEW_NAMES = frozenset({"create", "add", "load", "import", "upload", "install"})  # verbs with a name to choose


def own_parameters() -> list[tuple[str, Any, Any]]:
    """Return each command's own arguments and options with a value."""
    return [
        (path.removeprefix("emqxctl "), command, parameter)
        for path, command in walk_commands(build_root())
        for parameter in command.params
        if parameter.name in command.spec.parameters and not getattr(parameter, "is_flag", False)
    ]


def is_free(path: str, parameter: Any) -> bool:
    """Return whether a parameter takes a value that is not the name of an existing thing."""
    is_parsed = type(parameter.type).__name__ != "StringParamType"  # a number, a duration, a time
    is_new = path.rsplit(maxsplit=1)[-1] in NEW_NAMES and (
        parameter.param_type_name == "argument" or parameter.name == "name"
    )
    is_free_metavar = read_metavar(parameter) in FREE_METAVARS
    return is_parsed or is_new or is_free_metavar or (path, parameter.name) in FREE_PARAMETERS


def test_every_parameter_that_names_a_thing_is_completed() -> None:
    missing = [
        (path, parameter.name, read_metavar(parameter))
        for path, command, parameter in own_parameters()
        if not read_choices(parameter)
        and parameter.name not in command.spec.completes
        and read_metavar(parameter) not in FILE_METAVARS
        and not find_item_path(command.spec, command.params, parameter)
        and not is_free(path, parameter)
    ]
    assert missing == [], "declare how it is completed with `completes` of @command, or list it above"


def test_every_list_of_names_is_an_operation() -> None:
    unknown = [
        (path, parameter.name, split_item_path(item_path)[0])
        for path, command, parameter in own_parameters()
        if not command.spec.local and parameter.name not in command.spec.completes
        if not read_choices(parameter)
        for item_path in [find_item_path(command.spec, command.params, parameter)]
        if item_path and f"GET {split_item_path(item_path)[0]}" not in LIFETIMES
    ]
    assert unknown == []


def test_declared_completions_are_of_parameters_that_exist() -> None:
    stray = [
        (path, name)
        for path, command in walk_commands(build_root())
        for name in command.spec.completes
        if name not in command.spec.parameters
    ]
    assert stray == []
