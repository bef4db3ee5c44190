"""Real shells under a pseudo-terminal: what a line becomes after TAB."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from emqxctl.commands.completion import build_script

EMQXCTL = str(Path(sys.executable).with_name("emqxctl"))
PROMPT = "READY>"
TIMEOUT = 60.0  # seconds, until a shell that does not answer fails the test
# Prints each argument, so that a test sees the words as the shell splits them.
ARGS = {
    "bash": "args() { printf 'ARGS:'; printf '<%s>' \"$@\"; printf ':END\\n'; }",
    "zsh": "args() { printf 'ARGS:'; printf '<%s>' \"$@\"; printf ':END\\n'; }",
    "fish": "function args; printf 'ARGS:'; printf '<%s>' $argv; printf ':END\\n'; end",
}
SETUP = {
    "bash": f"PS1='{PROMPT}'; bind 'set enable-bracketed-paste off'; bind 'set bell-style none'",
    "zsh": f"PS1='{PROMPT}'; bindkey -e; unsetopt beep; autoload -Uz compinit; compinit -u -D",
    "fish": f"function fish_prompt; echo '{PROMPT}'; end; function fish_greeting; end",
}
# A new session gets the first terminal that it opens as its own.
OWN_TERMINAL = """
import os, sys
handle = os.open(sys.argv[1], os.O_RDWR)
for number in range(3):
    os.dup2(handle, number)
os.execv(sys.argv[2], sys.argv[2:])
"""
# Below the home of the user: a folder of its own for zsh, where fish reads completions.
INSTALLED = {"zsh": "zfunc/_emqxctl", "fish": "config/fish/completions/emqxctl.fish"}
TO_START, TO_END = "\x01", "\x05"  # Ctrl-A and Ctrl-E


def complete_lines(
    shell: str, lines: Iterable[str], folder: Path, env: Mapping[str, str], *, installed: bool = False
) -> dict[str, list[str]]:
    r"""Return the words that each line has in a shell after TAB (`\t`); skips if it is not installed.

    `installed`: the script is in the folder from which the shell loads it on the first TAB. A program in the
    folder's `bin` comes before all others.
    """
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    setup, script = (
        folder / "setup",
        folder / INSTALLED.get(shell, "script") if installed else folder / "script",
    )
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(build_script(shell))
    load = "" if installed else f"source {script}\n"
    setup.write_text(f"fpath=({script.parent} $fpath)\n" if shell == "zsh" and installed else "")
    setup.write_text(f"{setup.read_text()}{SETUP[shell]}\n{ARGS[shell]}\n{load}")
    (folder / ".zshrc").write_text(f"source {setup}\n")
    command = {
        "bash": [program, "--noprofile", "--rcfile", str(setup), "-i"],
        "zsh": [program, "-i"],
        "fish": [program, "--init-command", f"source {setup}"],
    }[shell]
    typed = [f"{line}{TO_START}args {TO_END}\r" for line in lines]
    outputs = talk(command, typed, folder, shell_env(folder, env))
    return {line: find_words(output) for line, output in zip(lines, outputs, strict=True)}


def find_words(output: str) -> list[str]:
    """Return the words that `args` printed; what a terminal shows is in the message if there are none."""
    match = re.search(r"ARGS:(.*):END", output, re.DOTALL)
    assert match, f"no words were printed: {output!r}"
    return re.findall(r"<([^<>]*)>", match[1])


def shell_env(folder: Path, env: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a shell: its own home and programs, then emqxctl."""
    path = os.pathsep.join([str(folder / "bin"), str(Path(EMQXCTL).parent), os.environ["PATH"]])
    own = {"HOME": str(folder), "ZDOTDIR": str(folder), "XDG_CONFIG_HOME": str(folder / "config")}
    return {"PATH": path, "TERM": "xterm", "LANG": "C.UTF-8", **own, **env}


def talk(command: list[str], typed: list[str], folder: Path, env: Mapping[str, str]) -> list[str]:
    """Return what a shell shows for each typed text, up to the marker of `args`."""
    main, other = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", OWN_TERMINAL, os.ttyname(other), *command],
        cwd=folder,
        env=env,
        start_new_session=True,
    )
    outputs = []
    try:
        for text in typed:
            read_until(main, PROMPT)
            os.write(main, text.encode())
            outputs.append(read_until(main, ":END"))
    finally:
        process.kill()
        process.wait()
        os.close(main)
        os.close(other)
    return outputs


def read_until(handle: int, marker: str) -> str:
    """Return what a terminal shows up to a marker, byte by byte; or all until the time is over."""
    output, end, deadline = b"", marker.encode(), time.monotonic() + TIMEOUT
    while not output.endswith(end) and time.monotonic() < deadline:
        if select.select([handle], [], [], 0.2)[0]:
            try:
                output += os.read(handle, 1)
            except OSError:
                break
    return output.decode(errors="replace")
