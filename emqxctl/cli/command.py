"""@command: what a command declares about itself, and how it is entered: shared options in, exit code out."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand

from emqxctl.cli.help_page import (
    Entry,
    HelpPage,
    parameter_entry,
    usage_pieces,
    write_entries,
    write_examples,
    write_global_options_line,
)
from emqxctl.cli.options import GLOBAL_PANELS, PANELS
from emqxctl.cli.spec import NO_COMPLETIONS, CommandSpec, Completion, Effect

if TYPE_CHECKING:
    from emqxctl.output.results import Result

# Two spellings of an option, accepted everywhere.
SPELLINGS = (("--client", "--clientid"), ("--like-client", "--like-clientid"), ("--namespace", "--ns"))
CREATIONS, DELETIONS = frozenset({"create", "add"}), frozenset({"delete", "remove"})  # names of commands


def command(  # noqa: PLR0913  # what a command declares, each with its default
    *,
    calls: str | Sequence[str] = (),
    examples: Sequence[str] = (),
    effect: Effect = Effect.READ,
    local: bool | None = None,
    login: bool = False,
    bulk: bool = False,
    rate_limited: bool = False,
    multi_profile: bool = False,
    takes_profile: bool = False,
    compares_profiles: bool = False,
    completes: Mapping[str, Completion] = NO_COMPLETIONS,
    reads_config: bool = True,
) -> "Callable[[Callable[..., Result]], Callable[..., int]]":
    """Turn a function `(session, ...) -> Result` into a command.

    Its own parameters become arguments and options; `session` is passed in. The result is rendered and errors
    become exit codes in `emqxctl.cli.run`, the only place for both. A function named create, add, delete or
    remove takes --if-not-exists or --if-exists. `local` defaults to whether there are no
    `calls`.
    """

    def decorate(function: "Callable[..., Result]") -> Callable[..., int]:
        signature = inspect.signature(function)
        spec = CommandSpec(
            calls=(calls,) if isinstance(calls, str) else tuple(calls),
            examples=tuple(examples),
            effect=effect,
            returns_rows=getattr(signature.return_annotation, "__name__", "") == "Rows",
            local=not calls if local is None else local,
            parameters=frozenset(signature.parameters),
            login=login,
            bulk=bulk,
            rate_limited=rate_limited,
            multi_profile=multi_profile,
            takes_profile=takes_profile,
            compares_profiles=compares_profiles,
            completes=completes,
            reads_config=reads_config,
            deletes=function.__name__ in DELETIONS and effect is Effect.DESTROY,
            can_watch=effect is Effect.READ
            and bool(calls)
            and not login
            and function.__name__.startswith(("list", "get")),
            creates=function.__name__ in CREATIONS and effect is Effect.WRITE,
        )
        return build_entry_point(function, spec, signature)

    return decorate


def build_entry_point(
    function: "Callable[..., Result]", spec: CommandSpec, signature: inspect.Signature
) -> Callable[..., int]:
    """Build the function that Typer calls for a command: it runs `function` and returns the exit code."""

    def enter(ctx: typer.Context, **values: Any) -> int:  # noqa: ANN401  # whatever the command declares
        from emqxctl.cli.run import run

        return run(function, spec, ctx.find_root().params, values, ctx.command_path)

    enter.__signature__ = typer_signature(signature)  # type: ignore[attr-defined]  # inspect reads it
    enter.__annotations__ = {}
    enter.__name__, enter.__doc__ = function.__name__, function.__doc__
    enter.spec = spec  # type: ignore[attr-defined]  # Typer's update_wrapper copies it
    return enter


def typer_signature(signature: inspect.Signature) -> inspect.Signature:
    """Return the signature that Typer reads: the context in place of the session, the rest by keyword."""
    context = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    own_parameters = [parameter for name, parameter in signature.parameters.items() if name != "session"]
    keyword_only = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own_parameters]
    return signature.replace(parameters=[context, *keyword_only])


def add_spellings(parameters: Sequence[Any]) -> None:
    """Add the second spelling of each option that has one; help pages do not show it."""
    option_names = {name for parameter in parameters for name in parameter.opts}
    for parameter in parameters:
        for names in SPELLINGS:
            if names[0] in parameter.opts or names[1] in parameter.opts:
                parameter.other_spellings = [name for name in names if name not in option_names]
                parameter.opts += parameter.other_spellings


class Command(HelpPage, TyperCommand):
    """A Typer command with the shared options that apply to it, and a help page that ends in examples."""

    @property
    def spec(self) -> CommandSpec:
        """What the command's function declared."""
        spec: CommandSpec = self.callback.spec  # type: ignore[union-attr]  # set by @command
        return spec

    def add_shared_options(self, options: Sequence[Any]) -> None:
        """Add the shared options that apply; an option of the command's own with the same name stays."""
        names = self.spec.shared_options
        own_names = {parameter.name for parameter in self.params}
        added = [option for option in options if option.name in names and option.name not in own_names]
        self.params = [*self.params, *added]
        add_spellings(self.params)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:  # noqa: ANN401  # Typer's own types are private
        """Return the words of the usage line after the command's name."""
        return usage_pieces(self.get_params(ctx))

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """Write arguments, own options, shared options by panel, then the examples."""
        for title, entries in self.help_sections(ctx).items():
            write_entries(formatter, title, entries)
        write_examples(formatter, self.spec.examples)
        write_global_options_line(formatter)

    def help_sections(self, ctx: Any) -> dict[str, list[Entry]]:  # noqa: ANN401
        """Return the entries of the help page by section; global options have a page of their own."""
        panels = [panel for panel in self.spec.panels if panel not in GLOBAL_PANELS]
        sections: dict[str, list[Entry]] = {title: [] for title in ("Arguments", "Options", *panels)}
        for parameter in self.get_params(ctx):
            section = self.section_of(parameter)
            entry = parameter_entry(parameter)
            if entry is not None and section in sections:
                sections[section].append(entry)
        return sections

    def section_of(self, parameter: Any) -> str:  # noqa: ANN401
        """Return the section of the help page that shows a parameter."""
        if parameter.param_type_name == "argument":
            return "Arguments"
        if parameter.name in self.spec.parameters:
            return "Options"
        panels = [panel for panel in self.spec.panels if parameter.name in PANELS[panel]]
        return panels[0] if panels else GLOBAL_PANELS[0]
