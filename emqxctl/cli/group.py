"""Groups made one way, and imported only when entered."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from emqxctl.cli.command import Command

HELP = {"help_option_names": ["-h", "--help"]}


class Group(typer.Typer):
    """A Typer app whose commands show their examples and take the shared options."""

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Any], Any]:  # noqa: ANN401
        """Add a command, as `typer.Typer.command` does."""
        settings.setdefault("context_settings", HELP)
        return super().command(name, cls=Command, **settings)


def new_group(summary: str) -> Group:
    """Make a command group; `summary` is its help, one sentence of at most 60 characters."""
    return Group(help=summary, no_args_is_help=True, rich_markup_mode=None, context_settings=HELP)


class Deferred(TyperCommand):
    """A group or command of the root that is imported when it is entered, not when it is listed.

    Help, completion and "Did you mean" of the root need only its name and summary.
    """

    def __init__(self, name: str, summary: str, *, hidden: bool = False, module: str = "") -> None:
        """Remember the module (`emqxctl.commands.NAME`) without importing it."""
        super().__init__(name, help=summary, hidden=hidden, rich_markup_mode=None, context_settings=HELP)
        self.module = module or name.replace("-", "_")

    def load(self, root: TyperGroup | None = None) -> TyperCommand | TyperGroup:
        """Import the group and build it; a module whose only command has its own name is that command.

        The shared options of `root` are added to each of its commands.
        """
        app: Group = import_module(f"emqxctl.commands.{self.module}").app
        built = typer.main.get_group(app)
        entry: Any = built
        if list(built.commands) == [self.name]:
            entry = built.commands[str(self.name)]
        entry.name = self.name
        if root is not None:
            add_shared_options(entry, root)
        found: TyperCommand | TyperGroup = entry
        return found

    def make_context(self, info_name: Any, args: Any, parent: Any = None, **extra: Any) -> Any:  # noqa: ANN401
        """Enter the real group in this one's place."""
        root = parent.command if parent is not None else None
        return self.load(root).make_context(info_name, args, parent=parent, **extra)


def add_shared_options(entry: TyperCommand | TyperGroup, root: TyperGroup) -> None:
    """Give the root's shared options to a command, or to every command of a group."""
    if isinstance(entry, TyperGroup):
        for command in entry.commands.values():
            add_shared_options(command, root)  # type: ignore[arg-type]  # Typer makes nothing but these two
    elif isinstance(entry, Command):
        entry.add_shared_options(root.params)
