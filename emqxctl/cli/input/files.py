"""Files a command reads and writes: `-f FILE|-`, `--output-file`; read only when asked for."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from emqxctl.config.profiles import expand_path
from emqxctl.errors import EmqxctlError, UsageError


def read_bytes(name: str, option: str) -> bytes:
    """Read a file, or standard input for `-`. Raises UsageError naming the option and the file."""
    try:
        if name == "-":
            return b"" if sys.stdin is None else sys.stdin.buffer.read()
        return expand_path(name).read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "standard input is closed"
        message = f"{option} {name}: {reason}"
        raise UsageError(message, hint="give a file that can be read, or - for standard input") from error


def read_text(name: str, option: str) -> str:
    """Read a text file as UTF-8, or standard input for `-`. Raises UsageError."""
    try:
        return read_bytes(name, option).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{option} {name}: it is not UTF-8 text (byte {error.start})"
        raise UsageError(message) from error


def read_secret(name: str, option: str) -> str:
    """Read a secret: the first line of a file, or of standard input for `-`. Raises UsageError for none."""
    found = read_text(name, option).split("\n", 1)[0].rstrip("\r")
    if not found:
        message = f"{option} {name}: its first line is empty"
        raise UsageError(message, hint="the secret stands on the first line, alone")
    return found


def read_lines(name: str, option: str) -> list[str]:
    """Read the lines of a text file, or of standard input, without their ends and without empty ones."""
    return [line for line in (one.rstrip("\r") for one in read_text(name, option).split("\n")) if line]


def read_json(name: str, option: str) -> Any:  # noqa: ANN401  # JSON is Any
    """Read a JSON file, or standard input for `-`. Raises UsageError with line and column."""
    try:
        return json.loads(read_text(name, option))
    except ValueError as error:
        message = f"{option} {name}: not valid JSON: {error}"
        raise UsageError(message) from error


def write_file(name: str, chunks: Iterable[bytes], *, private: bool = False) -> int:
    """Write a file whole or not at all, and give its size in bytes; `private` for its owner alone (0600).

    The bytes go to a temporary file beside it, renamed when all have come. Raises EmqxctlError when the disk
    refuses; an existing file is then as it was.
    """
    import os
    import tempfile

    target = Path(os.path.realpath(expand_path(name)))  # a link stays a link
    size = 0
    try:
        if target.exists() and not target.is_file():
            return write_device(target, chunks)
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name[:40]}.", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                for chunk in chunks:
                    size += stream.write(chunk)
            Path(temporary).chmod(0o600 if private else 0o666 & ~umask())
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        message = f"cannot write {name}: {error.strerror or error}"
        raise EmqxctlError(message, code="CANNOT_WRITE", hint="nothing was left half-written") from error
    return size


@contextmanager
def new_secret_file(name: str, option: str) -> Iterator[Callable[[str], None]]:
    """Make a new file for a secret that is still to come, and give what writes it there; 0600 from the start.

    Nothing written in the end, it is gone again. Raises UsageError when the file exists or cannot be made.
    """
    import os

    target, written = expand_path(name), False
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        message = f"{option} {name}: {error.strerror}"
        raise UsageError(message, hint="it must be a new file, in a folder that you may write to") from error

    def write(secret: str) -> None:
        nonlocal written
        written = os.write(handle, f"{secret}\n".encode()) > 0

    try:
        yield write
    finally:
        os.close(handle)
        if not written:
            target.unlink(missing_ok=True)


def write_device(target: Path, chunks: Iterable[bytes]) -> int:
    """Write to what is no plain file, as /dev/null or a pipe: nothing may take its place."""
    with target.open("wb") as stream:
        return sum(stream.write(chunk) for chunk in chunks)


def umask() -> int:
    """Give the process's umask; it can only be read by setting it."""
    import os

    mask = os.umask(0o077)
    os.umask(mask)
    return mask
