"""`emqxctl commands`: the whole command tree as data."""

from typing import Any

from emqxctl.cli.command import Command, command
from emqxctl.cli.group import new_group
from emqxctl.cli.help_page import argument_name, choice_values
from emqxctl.output.results import Rows
from emqxctl.resource import Column

app = new_group("List all commands as data.")

COLUMNS = (Column("path"), Column("effect"), Column("summary"), Column("operations", wide=True))


@app.command()
@command(examples=("emqxctl commands -o json", "emqxctl commands --where effect=destroy"))
def commands() -> Rows:
    """List all commands as data.

    Each row has the command's arguments, options, examples and REST operations.
    """
    from emqxctl.cli.root import build_root, walk_commands

    rows = (command_row(path, command) for path, command in walk_commands(build_root()))
    return Rows(rows, COLUMNS, key="path", plural_noun="commands")


def command_row(path: str, command: Command) -> dict[str, object]:
    """Return a command as a row."""
    spec = command.spec
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    options = [parameter for parameter in command.params if parameter.param_type_name == "option"]
    return {
        "path": path,
        "summary": (command.help or "").partition("\n")[0],
        "effect": spec.effect.value,
        "operations": list(spec.calls),
        "arguments": [parameter_row(argument) for argument in arguments],
        "options": [parameter_row(option) for option in options if not getattr(option, "hidden", False)],
        "examples": list(spec.examples),
    }


def parameter_row(parameter: Any) -> dict[str, object]:  # noqa: ANN401  # Typer's own types are private
    """Return an argument or option as an object: its names and help, whether it is required or repeatable."""
    is_option = parameter.param_type_name == "option"
    row: dict[str, object] = {
        "name": parameter.opts[0] if is_option else argument_name(parameter),
        "names": [*parameter.opts, *parameter.secondary_opts],
        "help": parameter.help or "",
        "required": bool(parameter.required),
        "multiple": bool(getattr(parameter, "multiple", False)) or parameter.nargs == -1,
        "flag": bool(getattr(parameter, "is_flag", False)),
    }
    choices = choice_values(parameter)
    return {**row, "choices": choices} if choices else row
