"""emqxctl on a real terminal."""

import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import ioctl

from tests.support.sandboxes import EMQXCTL

SOON = 20.0


@contextmanager
def on_a_terminal(
    *arguments: str, columns: int = 80, lines: int = 24
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run emqxctl on a terminal of a size; yield the process and the other side of the terminal."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    env = {**os.environ, "TERM": "xterm-256color"}
    command = [EMQXCTL, *arguments]
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=env, start_new_session=True
    )
    try:
        yield process, ours
    finally:
        process.kill()
        process.wait()
        os.close(theirs)
        os.close(ours)


def read_until(terminal: int, expected_text: str, output: str = "") -> str:
    """Read what is shown until a text is in it."""
    deadline = time.monotonic() + SOON
    while expected_text not in output:
        assert time.monotonic() < deadline, output[-2000:]
        if select.select([terminal], [], [], 0.1)[0]:
            output += os.read(terminal, 65536).decode("utf-8", "replace")
    return output
