"""Command groups: how they are built, and commands that are imported only when entered."""

from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from emqxctl.cli.command import Command
from emqxctl.cli.help_page import HelpPage, write_global_options_line

HELP = {"help_option_names": ["-h", "--help"]}


class LazyCommand(NamedTuple):
    """A command imported only when it is entered; `module` is its name within the group's package."""

    name: str
    summary: str
    module: str


class Group(typer.Typer):
    """A Typer app whose commands show their examples and take the shared options."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401  # those of `typer.Typer`
        """Start without commands."""
        super().__init__(**settings)
        self.lazy_commands: list[LazyCommand] = []

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Any], Any]:  # noqa: ANN401
        """Add a command, as `typer.Typer.command` does."""
        settings.setdefault("context_settings", HELP)
        return super().command(name, cls=Command, **settings)

    def lazy(self, name: str, summary: str, module: str = "") -> None:
        """Add a command or group that is imported from this group's package only when it is entered.

        Its module (`name` with underscores, unless `module` is given) holds a function of the module's name
        under `@command`, or an `app`; `summary` must be the first line of its help: a test compares both.
        """
        self.lazy_commands.append(LazyCommand(name, summary, module or name.replace("-", "_")))


class GroupPage(HelpPage, TyperGroup):
    """A group's help page: its commands, and where the global options are listed."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002  # Typer's own types are private
        """Return the words of the usage line after the group's name."""
        return ["COMMAND", "[ARGS]..."]

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """Write the commands."""
        self.format_commands(ctx, formatter)
        write_global_options_line(formatter)


def new_group(summary: str) -> Group:
    """Create a command group; `summary` is its help, one sentence of at most 60 characters."""
    return Group(
        cls=GroupPage, help=summary, no_args_is_help=True, rich_markup_mode=None, context_settings=HELP
    )


class Deferred(TyperCommand):
    """A group or command that is imported when it is entered, not when it is listed.

    Help, completion and "Did you mean" of the group above need only its name and summary.
    """

    def __init__(self, name: str, summary: str, *, module: str, hidden: bool = False) -> None:
        """Remember the module's full name without importing it."""
        super().__init__(name, help=summary, hidden=hidden, rich_markup_mode=None, context_settings=HELP)
        self.module = module

    def load(self, root: TyperGroup | None = None) -> TyperCommand | TyperGroup:
        """Import the module and build its command or group.

        The shared options of `root` are added to each of its commands.
        """
        entry = build_entry(import_module(self.module), str(self.name))
        entry.name = self.name
        if root is not None:
            add_shared_options(entry, root)
        return entry

    def make_context(self, info_name: Any, args: Any, parent: Any = None, **extra: Any) -> Any:  # noqa: ANN401
        """Enter the real command or group in this one's place."""
        root = parent.find_root().command if parent is not None else None
        return self.load(root).make_context(info_name, args, parent=parent, **extra)


def build_entry(module: ModuleType, name: str) -> TyperCommand | TyperGroup:
    """Build the command or group of a module.

    A module whose only command has its own name is that command; so is one without an `app`.
    """
    app: Group | None = getattr(module, "app", None)
    if app is None:
        app = new_group("")
        app.command(name)(getattr(module, module.__name__.rpartition(".")[2]))
    group = build_group(app, module.__name__)
    only: Any = group.commands[name] if list(group.commands) == [name] else group
    entry: TyperCommand | TyperGroup = only
    return entry


def build_group(app: Group, package: str) -> TyperGroup:
    """Build a group; its lazy commands and those of the groups in it are modules of `package`."""
    group = typer.main.get_group(app)
    add_lazy_commands(app, group, package)
    return group


def add_lazy_commands(app: Group, group: TyperGroup, package: str) -> None:
    """Add the lazy commands of an app, and of the apps in it, to their groups."""
    for name, summary, module in app.lazy_commands:
        group.add_command(Deferred(name, summary, module=f"{package}.{module}"))
    for nested in app.registered_groups:
        inner = group.commands.get(str(nested.name))
        if isinstance(nested.typer_instance, Group) and isinstance(inner, TyperGroup):
            add_lazy_commands(nested.typer_instance, inner, package)


def add_shared_options(entry: TyperCommand | TyperGroup, root: TyperGroup) -> None:
    """Add the root's shared options to a command, or to every command of a group that is imported already."""
    if isinstance(entry, TyperGroup):
        for command in entry.commands.values():
            add_shared_options(command, root)  # type: ignore[arg-type]  # Typer makes nothing but these two
    elif isinstance(entry, Command):
        entry.add_shared_options(root.params)
