"""Draw the pictures of the README from the sandbox, at a fixed time: `poe pictures`."""

import io
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Self
from unittest.mock import patch

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

import emqxctl.text.units
from emqxctl.cli.app import main as run_command_line
from emqxctl.commands import top
from emqxctl.commands.top._model import State
from emqxctl.commands.top._render import draw_frame
from emqxctl.sandbox.server import Sandbox

FOLDER = Path(__file__).parent.parent / ".github" / "pictures"
NOW = 1_792_584_000.0  # 2026-10-21 08:40 UTC
WIDTH, HEIGHT = 96, 14
URL = "http://10.0.0.11:18083"  # as long as the sandbox's, whose port is another one each time
COMMANDS = {
    "status": ("status",),
    "clients-why": ("clients", "why", "rogue-01"),
    "top": ("top", "--once"),
}
THEME = TerminalTheme(
    (13, 17, 23),
    (230, 237, 243),
    [
        *((72, 79, 88), (255, 123, 114), (63, 185, 80), (210, 153, 34)),
        *((88, 166, 255), (188, 140, 255), (57, 197, 207), (177, 186, 196)),
    ],
)
# Like rich's own, without the fonts that it loads from elsewhere, and without a window around the text.
SVG = """\
<svg viewBox="-{char_width} -{char_height} {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<title>TITLE</title>
<style>
.{unique_id}-matrix {{ font: {char_height}px ui-monospace, Menlo, Consolas, monospace; }}
{styles}
</style>
<defs>{lines}</defs>
<rect x="-{char_width}" y="-{char_height}" width="{width}" height="{height}" rx="8" fill="#0d1117"/>
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</svg>
"""


class FixedDatetime(datetime):
    """A datetime whose current time is NOW."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        """Return NOW."""
        return cls.fromtimestamp(NOW, tz or UTC)


class Terminal(io.TextIOWrapper):
    """Stdout in memory that is a terminal."""

    def isatty(self) -> bool:
        """Return True."""
        return True


def draw_screen(state: State, width: int, max_rows: int, *, color: bool) -> str:
    """Return what `top` shows on a screen, which `--once` prints without tabs and keys."""
    return "\n".join(draw_frame(state, width, min(max_rows, HEIGHT), color=color, clock="08:40:00")) + "\n"


def run_on_terminal(words: tuple[str, ...], sandbox: Sandbox) -> str:
    """Return what a command prints on a terminal, with colors."""
    environ = {
        "EMQXCTL_URL": sandbox.url,
        "EMQXCTL_API_KEY": sandbox.api_key,
        "EMQXCTL_API_SECRET": sandbox.api_secret,
        "EMQXCTL_CONFIG": "/nonexistent",
        "EMQXCTL_LANG": "en",
        "COLUMNS": str(WIDTH),
        "TZ": "UTC",
    }
    stdout = Terminal(io.BytesIO(), encoding="utf-8")
    with ExitStack() as stack:
        stack.enter_context(patch.dict("os.environ", environ))
        stack.enter_context(patch.object(sys, "stdout", stdout))
        stack.enter_context(patch.object(emqxctl.text.units, "datetime", FixedDatetime))
        stack.enter_context(patch.object(top, "draw_once", draw_screen))
        run_command_line([*words, "--color", "always", "--quiet"])
    stdout.seek(0)
    return stdout.read().replace(sandbox.url, URL)


def draw_picture(words: tuple[str, ...], output: str) -> str:
    """Return a command and its output as SVG."""
    line = f"emqxctl {' '.join(words)}".removesuffix(" --once")
    lines = f"$ {line}\n{output}".rstrip("\n")
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, legacy_windows=False)
    console.print(Text.from_ansi(lines), soft_wrap=True)
    svg = console.export_svg(theme=THEME, code_format=SVG, unique_id=words[0])
    svg = svg.replace("TITLE", line)
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def draw_pictures() -> Iterator[tuple[str, str]]:
    """Yield the file name and the SVG of each picture."""
    with Sandbox(clock=lambda: NOW) as sandbox:
        for name, words in COMMANDS.items():
            yield f"{name}.svg", draw_picture(words, run_on_terminal(words, sandbox))


def main() -> None:
    """Write the pictures."""
    FOLDER.mkdir(exist_ok=True)
    for name, svg in draw_pictures():
        (FOLDER / name).write_text(svg, "utf-8")


if __name__ == "__main__":
    main()
