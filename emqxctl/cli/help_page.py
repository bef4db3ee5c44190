"""The layout of help pages: usage, arguments, options by panel, examples."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

from emqxctl.output.ansi import emphasize
from emqxctl.text.language import choose_catalog, translate

HELP_COLUMN = 28  # the widest left column of a list
MAX_CHOICES_WIDTH = 24  # longer choices are in the text instead of the metavar
GLOBAL_OPTIONS_LINE = "Global options: emqxctl help options"
METAVARS = {"integer": "N", "integer range": "N", "float": "N", "float range": "N", "text": "TEXT"}
Entry = tuple[str, str]


class HelpPage:
    """What the help pages of commands, groups and the root have in common: the language of the reader."""

    def get_help(self, ctx: Any) -> str:  # noqa: ANN401  # Typer's own types are private
        """Return the help page as text."""
        set_language(ctx)
        page: str = super().get_help(ctx)  # type: ignore[misc]  # of the Typer class that this is mixed into
        return page


def set_language(context: Any) -> None:  # noqa: ANN401
    """Choose the formatter of a context's help page by the language; that of English is Click's."""
    if choose_catalog():
        from emqxctl.cli.translated_help import TranslatedFormatter

        context.formatter_class = TranslatedFormatter


def usage_pieces(parameters: Iterable[Any]) -> list[str]:
    """Return what follows a command's name in its usage: `[OPTIONS] NAME [FILE]`."""
    arguments = [parameter for parameter in parameters if parameter.param_type_name == "argument"]
    names = [(argument_name(argument), argument.required) for argument in arguments]
    return ["[OPTIONS]", *(name if required else f"[{name}]" for name, required in names)]


def argument_name(argument: Any) -> str:  # noqa: ANN401  # Typer's own types are private
    """Return how help calls an argument: `NAME`, or `NAME...` for several values."""
    name = str(argument.metavar or argument.name.upper()).removesuffix("...")
    return f"{name}..." if argument.nargs != 1 else name


def parameter_entry(parameter: Any) -> Entry | None:  # noqa: ANN401
    """Return the names and the text of an argument or option for its help page; None for a hidden one."""
    if getattr(parameter, "hidden", False):
        return None
    text = translate(" ".join((parameter.help or "").split()))
    if parameter.param_type_name == "argument":
        return argument_name(parameter), text
    other_spellings = getattr(parameter, "other_spellings", ())
    names = ", ".join(sorted((name for name in parameter.opts if name not in other_spellings), key=len))
    if parameter.secondary_opts:
        names += " / " + ", ".join(parameter.secondary_opts)
    if not parameter.is_flag and not parameter.count:
        names += f" {option_metavar(parameter)}"
    return names, text + choices_text(parameter) + default_text(parameter, parameter.help or "")


def option_metavar(option: Any) -> str:  # noqa: ANN401
    """Return the placeholder of an option's value: its own metavar, its choices, or its type."""
    if option.metavar:
        return str(option.metavar)
    choices = choice_values(option)
    if choices:
        joined = "|".join(choices)
        return joined if len(joined) <= MAX_CHOICES_WIDTH else str(option.name).upper().replace("_", "-")
    return METAVARS.get(option.type.name) or str(option.type.name).upper()


def choice_values(parameter: Any) -> list[str]:  # noqa: ANN401
    """Return the values a parameter can have, if they are limited."""
    return [
        str(getattr(choice, "value", choice)) for choice in getattr(parameter.type, "choices", None) or ()
    ]


def choices_text(option: Any) -> str:  # noqa: ANN401
    """Return the choices of an option whose names do not show them."""
    choices = choice_values(option)
    too_wide = len("|".join(choices)) > MAX_CHOICES_WIDTH
    return (
        " " + translate(f"One of: {', '.join(choices)}.")
        if choices and too_wide and not option.metavar
        else ""
    )


def default_text(option: Any, text: str) -> str:  # noqa: ANN401
    """Return the default of an option, unless its help names it."""
    default = getattr(option.default, "value", option.default)
    if option.required:
        return " " + translate("Required.")
    is_plain = isinstance(default, str | int | float) and not isinstance(default, bool) and default != ""
    return (
        f" ({translate(f'default {default}')})"
        if is_plain and option.show_default and "default" not in text.lower()
        else ""
    )


def write_entries(formatter: Any, title: str, entries: Sequence[Entry]) -> None:  # noqa: ANN401
    """Write a section of names and texts, if it has any."""
    if entries:
        with formatter.section(emphasize(translate(title), "bold", sys.stdout)):
            formatter.write_dl(entries, col_max=HELP_COLUMN)


def write_examples(formatter: Any, examples: Sequence[str]) -> None:  # noqa: ANN401
    """Write the examples, each on one line of any width: it can be copied."""
    if examples:
        with formatter.section(emphasize(translate("Examples"), "bold", sys.stdout)):
            for example in examples:
                formatter.write(f"{'':>{formatter.current_indent}}{example}\n")


def write_global_options_line(formatter: Any) -> None:  # noqa: ANN401
    """Write the last line of every page: where the other options are listed."""
    formatter.write(f"\n{GLOBAL_OPTIONS_LINE}\n")
