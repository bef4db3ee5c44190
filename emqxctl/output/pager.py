"""Long text on a terminal through a pager: EMQXCTL_PAGER, else PAGER, else less."""

import os
import shlex
import subprocess
from collections.abc import Mapping

from emqxctl.output.streams import write_stdout

DEFAULT_PAGER = "less"
LESS_OPTIONS = "FRX"  # quit if it fits on one screen, keep colors, leave the text on the screen


def write_paged(text: str, environ: Mapping[str, str]) -> None:
    """Write text through the pager; straight to stdout if the pager is `cat`, empty or cannot be started."""
    words = parse_pager(environ)
    if not words:
        write_stdout([text])
        return
    try:
        process = subprocess.Popen(  # noqa: S603  # the user's own choice, not run by a shell
            words,
            stdin=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, "LESS": environ.get("LESS") or LESS_OPTIONS},
        )
    except OSError:
        write_stdout([text])
        return
    try:
        process.communicate(text)
    except KeyboardInterrupt:  # less takes Ctrl-C itself and goes on; q ends it
        process.wait()


def parse_pager(environ: Mapping[str, str]) -> list[str]:
    """Return the command of the pager; empty if text is not paged, as on a dumb terminal."""
    if environ.get("TERM", "dumb") == "dumb":
        return []
    command = next(
        (environ[name] for name in ("EMQXCTL_PAGER", "PAGER") if environ.get(name) is not None), DEFAULT_PAGER
    )
    try:
        words = shlex.split(command)
    except ValueError:
        words = [DEFAULT_PAGER]
    return [] if words[:1] == ["cat"] else words
