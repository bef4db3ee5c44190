"""`emqxctl commands`: the whole command tree as data."""

from collections.abc import Iterator
from typing import Any

from emqxctl.cli.command import Command, command
from emqxctl.cli.group import Deferred, new_group
from emqxctl.output.results import Rows
from emqxctl.resource import Column

app = new_group("All commands as data.")

COLUMNS = (
    Column("path"),
    Column("effect"),
    Column("summary"),
    Column("operations", wide=True),
)


@app.command()
@command(examples=("emqxctl commands -o json", "emqxctl commands --where effect=destroy"))
def commands() -> Rows:
    """List every command with what it takes and what it calls."""
    from emqxctl.cli.root import build_root

    return Rows(
        (command_row(path, one) for path, one in walk(build_root())),
        COLUMNS,
        key="path",
        plural_noun="commands",
    )


def walk(
    entry: Any,  # noqa: ANN401  # Typer's own types are private
    path: tuple[str, ...] = ("emqxctl",),
    root: Any = None,  # noqa: ANN401
) -> Iterator[tuple[str, Command]]:
    """Yield every command that is not hidden with its path; deferred groups and commands are imported."""
    root = root or entry
    if isinstance(entry, Command):
        yield " ".join(path), entry
    elif isinstance(entry, Deferred):
        yield from walk(entry.load(root), path, root)
    else:
        for name, command in entry.commands.items():
            if not command.hidden:
                yield from walk(command, (*path, name), root)


def command_row(path: str, one: Command) -> dict[str, object]:
    """Write a command as a row."""
    spec = one.spec
    return {
        "path": path,
        "summary": (one.help or "").partition("\n")[0],
        "effect": spec.effect.value,
        "operations": list(spec.calls),
        "arguments": [parameter_row(item) for item in one.params if item.param_type_name == "argument"],
        "options": [
            parameter_row(item)
            for item in one.params
            if item.param_type_name == "option" and not getattr(item, "hidden", False)
        ],
        "examples": list(spec.examples),
    }


def parameter_row(item: Any) -> dict[str, object]:  # noqa: ANN401  # Typer's own types are private
    """Write an argument or option: its spellings, what it is for, whether it is needed or repeats."""
    choices = getattr(item.type, "choices", None)
    written: dict[str, object] = {
        "name": item.opts[0] if item.param_type_name == "option" else item.metavar or str(item.name).upper(),
        "names": [*item.opts, *item.secondary_opts],
        "help": item.help or "",
        "required": bool(item.required),
        "multiple": bool(getattr(item, "multiple", False)) or item.nargs == -1,
        "flag": bool(getattr(item, "is_flag", False)),
    }
    if choices:
        written["choices"] = [str(getattr(choice, "value", choice)) for choice in choices]
    return written
