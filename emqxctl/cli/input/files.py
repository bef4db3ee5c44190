"""Files that a command reads and writes: `-f FILE|-`, `--output-file`; read only when needed."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from emqxctl.config.profiles import expand_path
from emqxctl.errors import EmqxctlError, UsageError


def read_bytes(name: str, option: str) -> bytes:
    """Read a file, or stdin for `-`. Raises UsageError that names the option and the file."""
    try:
        if name == "-":
            return read_stdin()
        return expand_path(name).read_bytes()
    except (OSError, ValueError) as error:
        reason = str(error.strerror).lower() if isinstance(error, OSError) else "standard input is closed"
        message = f"cannot read {option} {name}: {reason}"
        hint = "use a readable file, or - for stdin"
        raise UsageError(message, code="CANNOT_READ", hint=hint) from error


def read_stdin() -> bytes:
    """Read standard input to its end. Raises ValueError if it is closed, which is not the same as empty."""
    if sys.stdin is None:
        message = "standard input is closed"
        raise ValueError(message)
    return sys.stdin.buffer.read()


def is_stdin_redirected() -> bool:
    """Return whether standard input is a pipe, a socket or a file: not a terminal, nor /dev/null."""
    import os
    import stat

    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (AttributeError, OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)


def read_text(name: str, option: str) -> str:
    """Read a text file as UTF-8, or stdin for `-`. Raises UsageError."""
    try:
        return read_bytes(name, option).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{option} {name}: not UTF-8 text (byte {error.start})"
        raise UsageError(message, code="CANNOT_READ") from error


def read_secret(name: str, option: str) -> str:
    """Read a secret: the first line of a file, or of stdin for `-`. Raises UsageError if it is empty."""
    secret = read_text(name, option).split("\n", 1)[0].rstrip("\r")
    if not secret:
        message = f"{option} {name}: the first line is empty"
        raise UsageError(message, hint="put the secret on the first line, alone")
    return secret


def read_lines(name: str, option: str) -> list[str]:
    """Read the lines of a text file, or of stdin for `-`, without line ends and empty lines."""
    lines = (line.rstrip("\r") for line in read_text(name, option).split("\n"))
    return [line for line in lines if line]


def read_json(name: str, option: str) -> Any:  # noqa: ANN401  # JSON is Any
    """Read a JSON file, or stdin for `-`. Raises UsageError with line and column."""
    try:
        return json.loads(read_text(name, option))
    except ValueError as error:
        message = f"{option} {name}: invalid JSON: {error}"
        raise UsageError(message) from error


def write_file(name: str, chunks: Iterable[bytes], *, private: bool = False) -> int:
    """Write a file completely or not at all and return its size in bytes; `private` is mode 0600.

    An existing file is unchanged until all chunks are written. Raises EmqxctlError when it cannot be written.
    """
    import os

    from emqxctl.config.atomic_file import write_atomically

    target = Path(os.path.realpath(expand_path(name)))  # a link stays a link
    try:
        if target.exists() and not target.is_file():
            return write_device(target, chunks)
        return write_atomically(target, chunks, mode=0o600 if private else 0o666 & ~read_umask())
    except OSError as error:
        message = f"cannot write {name}: {(error.strerror or str(error)).lower()}"
        hint = "no incomplete file is left; choose another file or free some space"
        raise EmqxctlError(message, code="CANNOT_WRITE", hint=hint) from error


@contextmanager
def new_secret_file(name: str, option: str) -> Iterator[Callable[[str], None]]:
    """Create a file with mode 0600 for a secret and yield the function that writes the secret.

    The file is deleted if nothing was written. Raises UsageError when it exists or cannot be created.
    """
    import os

    target, is_written = expand_path(name), False
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        message = f"cannot create {option} {name}: {str(error.strerror).lower()}"
        raise UsageError(message, hint="use a new file in a writable folder") from error

    def write(secret: str) -> None:
        nonlocal is_written
        is_written = os.write(handle, f"{secret}\n".encode()) > 0

    try:
        yield write
    finally:
        os.close(handle)
        if not is_written:
            target.unlink(missing_ok=True)


def write_device(target: Path, chunks: Iterable[bytes]) -> int:
    """Write to a device or pipe such as /dev/null, which must not be replaced; return the size in bytes."""
    with target.open("wb") as stream:
        return sum(stream.write(chunk) for chunk in chunks)


def read_umask() -> int:
    """Return the process's umask; it can only be read by setting it."""
    import os

    mask = os.umask(0o077)
    os.umask(mask)
    return mask
