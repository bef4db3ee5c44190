"""How to show the result of a run: built from the settings and the terminal."""

import os
import sys
from collections.abc import Mapping
from typing import Any

from emqxctl.cli.prompts import is_terminal
from emqxctl.config.settings import Settings
from emqxctl.output.view import Format, View

FORMATS = frozenset(Format)
DEFAULT_WIDTH, MIN_WIDTH, MAX_WIDTH = 80, 20, 1000  # columns; COLUMNS=0 and huge terminals occur


def build_view(settings: Settings, environ: Mapping[str, str]) -> View:
    """Build the view of a run. Raises UsageError for an invalid --where, --sort or --query."""
    terminal = is_terminal(sys.stdout)
    has_row_options = settings.where or settings.sort or settings.query
    return View(
        format=output_format(settings),
        fields=split_names(settings.fields),
        limit=settings.limit or None,
        is_terminal=terminal,
        width=terminal_width(environ),
        color=use_color(settings, environ, terminal=terminal),
        quiet=settings.quiet,
        csv_safe=settings.csv_safe,
        **(parse_row_options(settings) if has_row_options else {}),
    )


def output_format(settings: Settings) -> Format:
    """Return the output format; a table if none is set, or for a format of the command's own."""
    return Format(settings.output) if settings.output in FORMATS else Format.TABLE


def split_names(text: str) -> tuple[str, ...]:
    """Split a list of field names at its commas."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def parse_row_options(settings: Settings) -> dict[str, Any]:
    """Parse --where, --sort and --query, before any request is sent. Raises UsageError."""
    from emqxctl.output.query.select import check_query, parse_conditions, parse_sort

    if settings.query:
        check_query(settings.query)
    return {
        "where": parse_conditions(settings.where),
        "sort": parse_sort(settings.sort) if settings.sort else (),
        "query": settings.query or None,
    }


def terminal_width(environ: Mapping[str, str]) -> int:
    """Return the terminal's width in columns: COLUMNS, else the size of the terminal, else 80."""
    text = environ.get("COLUMNS", "")
    if text.isascii() and text.isdigit() and int(text) > 0:
        width = int(text)
    else:
        try:
            width = os.get_terminal_size(sys.stdout.fileno()).columns
        except (AttributeError, ValueError, OSError):
            width = DEFAULT_WIDTH
    return max(MIN_WIDTH, min(width or DEFAULT_WIDTH, MAX_WIDTH))


def use_color(settings: Settings, environ: Mapping[str, str], *, terminal: bool) -> bool:
    """Return whether to color: --color first, then NO_COLOR (set and not empty), then TERM=dumb."""
    if settings.color != "auto":
        return settings.color == "always"
    return terminal and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
