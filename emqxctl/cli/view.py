"""How the result of this run is to be shown: from the settings and the terminal."""

import os
import sys
from collections.abc import Mapping
from typing import Any

from emqxctl.cli.prompts import is_terminal
from emqxctl.config.settings import Settings
from emqxctl.output.view import Format, View

FORMATS = frozenset(Format)
NARROWEST, WIDEST = 20, 1000  # columns; COLUMNS=0 and huge terminals happen


def build_view(settings: Settings, environ: Mapping[str, str]) -> View:
    """Make the view of a run. Raises UsageError for a --where or --sort that cannot be read."""
    terminal = is_terminal(sys.stdout)
    narrowing = parse_row_options(settings) if settings.where or settings.sort or settings.query else {}
    return View(
        format=output_format(settings),
        fields=tuple(name.strip() for name in settings.fields.split(",") if name.strip()),
        limit=settings.limit or None,
        is_terminal=terminal,
        width=terminal_width(environ),
        color=use_color(settings, environ, terminal=terminal),
        quiet=settings.quiet,
        csv_safe=settings.csv_safe,
        **narrowing,
    )


def output_format(settings: Settings) -> Format:
    """Give the format asked for; a table where it is none, or one that a command knows alone."""
    return Format(settings.output) if settings.output in FORMATS else Format.TABLE


def parse_row_options(settings: Settings) -> dict[str, Any]:
    """Read --where, --sort and --query, before anything is sent. Raises UsageError."""
    from emqxctl.output.query.select import check_query, parse_condition, parse_sort

    if settings.query:
        check_query(settings.query)
    return {
        "where": tuple(parse_condition(text) for text in settings.where),
        "sort": parse_sort(settings.sort) if settings.sort else (),
        "query": settings.query or None,
    }


def terminal_width(environ: Mapping[str, str]) -> int:
    """Give the terminal's width in columns: COLUMNS, else what the terminal says, else 80."""
    text = environ.get("COLUMNS", "")
    if text.isascii() and text.isdigit() and int(text) > 0:
        found = int(text)
    else:
        try:
            found = os.get_terminal_size(sys.stdout.fileno()).columns
        except (AttributeError, ValueError, OSError):
            found = 80
    return max(NARROWEST, min(found or 80, WIDEST))


def use_color(settings: Settings, environ: Mapping[str, str], *, terminal: bool) -> bool:
    """Tell whether to colour: --color first, then NO_COLOR (set and not empty), then TERM=dumb."""
    if settings.color != "auto":
        return settings.color == "always"
    return terminal and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
