"""Single styled words outside of tables: the same ANSI codes as rich writes, without its start-up time."""

import os
from typing import IO

SGR_CODES = {
    "bold": "1",
    "dim": "2",
    "reverse": "7",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "cyan": "36",
    "bright_black": "90",
}


def paint(text: str, style: str, *, color: bool) -> str:
    """Return text in a style (`bold`, `dim`, `reverse`, a color, or several); plain text without `color`."""
    codes = ";".join(SGR_CODES[name] for name in style.split() if name in SGR_CODES)
    return f"\x1b[{codes}m{text}\x1b[0m" if color and codes and text else text


COLOR_MODES = ["auto"]  # --color of this run, last; set before anything is emphasized


def emphasize(text: str, style: str, stream: IO[str] | None) -> str:
    """Return text in a style of `paint`, if the stream shows styles: not with NO_COLOR or --color never."""
    mode = COLOR_MODES[-1]
    return paint(text, style, color=mode == "always" or (mode == "auto" and shows_styles(stream)))


def shows_styles(stream: IO[str] | None) -> bool:
    """Return whether a stream is a terminal that shows styles."""
    is_terminal = stream is not None and not stream.closed and stream.isatty()
    return is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
