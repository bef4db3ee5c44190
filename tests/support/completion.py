"""TAB in process and in the installed command: what a shell's script gets."""

import os
import subprocess
import time
from collections.abc import Mapping
from typing import NamedTuple

from tests.support.sandboxes import EMQXCTL

BREAKS = " \t\n\"'@><=;|&(:"  # bash's default COMP_WORDBREAKS


class Answer(NamedTuple):
    """What the script of a shell reads, and how long it took."""

    lines: list[str]
    stderr: str
    seconds: float

    @property
    def values(self) -> list[str]:
        """The values of fish's lines, without descriptions."""
        return [line.partition("\t")[0] for line in self.lines[1:]]


def press_tab(line: str, env: Mapping[str, str], shell: str = "fish") -> Answer:
    """Return the answer of the installed command to TAB at the end of a line after `emqxctl `."""
    variables = {"_EMQXCTL_COMPLETE": shell, "_EMQXCTL_LINE": f"emqxctl {line}", "_EMQXCTL_BREAKS": BREAKS}
    started = time.monotonic()
    result = subprocess.run(
        [EMQXCTL, "--"], env={**os.environ, **env, **variables}, capture_output=True, text=True, check=True
    )
    return Answer(result.stdout.splitlines(), result.stderr, time.monotonic() - started)
