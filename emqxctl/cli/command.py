"""@command: what a command declares of itself, and how it is entered: shared options in, exit code out."""

import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand

from emqxctl.cli.options import (
    PANELS,
)
from emqxctl.cli.spec import CommandSpec, Effect

if TYPE_CHECKING:
    from emqxctl.output.results import Result


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
) -> "Callable[[Callable[..., Result]], Callable[..., int]]":
    """Make a function `(session, ...) -> Result` a command.

    Its own parameters become arguments and options; `session` is given by us. The result is rendered and
    errors become exit codes in `emqxctl.cli.run`, the one place for both.
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
        )

        def enter(ctx: typer.Context, **values: Any) -> int:  # noqa: ANN401  # whatever the command declares
            from emqxctl.cli.run import run

            return run(function, spec, ctx.find_root().params, values, ctx.command_path)

        own = [one for name, one in signature.parameters.items() if name != "session"]
        context = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
        named = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own]
        enter.__signature__ = signature.replace(parameters=[context, *named])  # type: ignore[attr-defined]
        enter.__annotations__ = {}
        enter.__name__, enter.__doc__ = function.__name__, function.__doc__
        enter.spec = spec  # type: ignore[attr-defined]
        return enter

    return decorate


class Command(TyperCommand):
    """A Typer command with the shared options it takes, and help that ends in examples."""

    @property
    def spec(self) -> CommandSpec:
        """What the function behind it declared."""
        found: CommandSpec = self.callback.spec  # type: ignore[union-attr]  # update_wrapper copies it
        return found

    def add_shared_options(self, shared: Sequence[Any]) -> None:
        """Add those shared options that apply here; an option of the command's own with that name stays."""
        names = {name for panel in self.spec.panels for name in PANELS[panel]}
        own = {one.name for one in self.params}
        self.params = [*self.params, *(one for one in shared if one.name in names and one.name not in own)]

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401  # Typer's own types are private
        """Write arguments, own options, then the shared ones by kind, then the examples."""
        panel_of = {name: panel for panel in self.spec.panels for name in PANELS[panel]}
        sections: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
        sections |= {panel: [] for panel in self.spec.panels}
        for one in self.get_params(ctx):
            record = one.get_help_record(ctx)
            if record is None:
                continue
            default = "Arguments" if one.param_type_name == "argument" else "Options"
            shared = one.name in PANEL_NAMES and one.name not in self.spec.parameters
            sections[panel_of.get(str(one.name), default) if shared else default].append(record)
        for title, records in sections.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records, col_max=28)
        if self.spec.examples:
            with formatter.section("Examples"):
                for example in self.spec.examples:
                    formatter.write(f"{'':>{formatter.current_indent}}{example}\n")


PANEL_NAMES = frozenset(name for names in PANELS.values() for name in names)
