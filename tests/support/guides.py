"""The commands of guides: blocks of a page, lines with their exit codes and output, a shell to run them."""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

BLOCK = re.compile(r"^```(\w+)(?: ([\w./-]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINE = re.compile(r"\$ (.*?)(?:\s+# exit (\d+(?: or \d+)*))?")
URL, API_KEY = "https://emqx.example.com:18084", "4f33d24d7b8e448d"  # stand for a sandbox's in all pages
PROFILE = '[profiles.{}]\nurl = "{}"\napi_key = "{}"\napi_secret = "{}"\n'


class Block(NamedTuple):
    """A fenced block: its language, the name of the file that it shows (if any), and its text."""

    language: str
    file_name: str
    text: str


class GuideCommand(NamedTuple):
    """A line of a `console` block, the exit codes that the page states, and the output that it shows."""

    line: str
    exit_codes: frozenset[int]
    output: tuple[str, ...]


class CommandResult(NamedTuple):
    """The exit code of a line, and what it printed on stdout and stderr."""

    exit_code: int
    output: str


def parse_blocks(page: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page."""
    for match in BLOCK.finditer(page):
        yield Block(match[1], match[2] or "", match[3])


def parse_commands(page: str) -> list[GuideCommand]:
    """Return the commands of the `console` blocks; a line that ends in a backslash continues."""
    commands: list[GuideCommand] = []
    for block in parse_blocks(page):
        is_first = True
        for line in block.text.replace("\\\n", "").splitlines() if block.language == "console" else ():
            match = LINE.fullmatch(line)
            if match:
                codes = frozenset(map(int, (match[2] or "0").split(" or ")))
                commands.append(GuideCommand(match[1], codes, ()))
                is_first = False
            else:
                assert not is_first, f"output before the first command of a block: {line}"
                last = commands[-1]
                commands[-1] = last._replace(output=(*last.output, line))
    return commands


def write_profiles(folder: Path, sandboxes: Iterable[tuple[str, str, str, str]]) -> None:
    """Write config.toml with profiles (name, URL, key, secret); the first is the current one."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = list(sandboxes)
    path = folder / "config.toml"
    path.write_text(f'current = "{rows[0][0]}"\n' + "".join(PROFILE.format(*row) for row in rows))
    path.chmod(0o600)


def run_lines(lines: Iterable[str], folder: Path) -> list[CommandResult]:
    """Run lines one after the other in one bash, where `emqxctl` is the one of this checkout."""
    lines = list(lines)
    program = folder / "bin" / "emqxctl"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m emqxctl "$@"\n')
    program.chmod(0o755)
    results = folder / "results"
    results.mkdir(exist_ok=True)
    script = "".join(
        f"{{ {line}\n}} > {results}/{number} 2>&1 < /dev/null; echo $? > {results}/{number}.code\n"
        for number, line in enumerate(lines)
    )
    project = str(Path(__file__).parents[2])
    environ = {
        **os.environ,
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "PYTHONPATH": project,
        "EMQXCTL_LANG": "en",
    }
    subprocess.run(["bash", "-c", script], cwd=folder, env=environ, check=False, timeout=300)
    return [
        CommandResult(int((results / f"{number}.code").read_text()), (results / str(number)).read_text())
        for number in range(len(lines))
    ]
