"""TAB in process and in the installed command: what a shell's script gets."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tests.support.sandboxes import EMQXCTL

# The installed command, but with the time that a busy machine needs to get names from a cluster.
PATIENT_PROGRAM = """
import sys
from emqxctl.cli.completion import cluster_names
cluster_names.TOTAL_SECONDS = cluster_names.CONNECT_SECONDS = cluster_names.SANDBOX_SECONDS = 30.0
from emqxctl.__main__ import main
sys.exit(main())
"""
BREAKS = " \t\n\"'@><=;|&(:"  # bash's default COMP_WORDBREAKS


def install_patient_program(folder: Path) -> None:
    """Write `emqxctl` into a folder for programs, with that timeout."""
    program = folder / "emqxctl"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f"#!{sys.executable}\n{PATIENT_PROGRAM}")
    program.chmod(0o755)


class Answer(NamedTuple):
    """What the script of a shell reads, and how long it took."""

    lines: list[str]
    stderr: str
    seconds: float

    @property
    def values(self) -> list[str]:
        """The values of fish's lines, without descriptions."""
        return [line.partition("\t")[0] for line in self.lines[1:]]


def press_tab(line: str, env: Mapping[str, str], shell: str = "fish", *, is_patient: bool = False) -> Answer:
    """Return the answer to TAB at the end of a line after `emqxctl `: of the installed command.

    `is_patient`: it waits for the cluster much longer than the installed command does.
    """
    program = [sys.executable, "-c", PATIENT_PROGRAM] if is_patient else [EMQXCTL]
    variables = {"_EMQXCTL_COMPLETE": shell, "_EMQXCTL_LINE": f"emqxctl {line}", "_EMQXCTL_BREAKS": BREAKS}
    started = time.monotonic()
    result = subprocess.run(
        [*program, "--"], env={**os.environ, **env, **variables}, capture_output=True, text=True, check=True
    )
    return Answer(result.stdout.splitlines(), result.stderr, time.monotonic() - started)
