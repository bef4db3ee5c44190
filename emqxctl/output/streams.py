"""Stdout and stderr: the only module that writes to them."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import IO

from emqxctl.errors import EmqxctlError
from emqxctl.output.view import Chunk, Note, View
from emqxctl.text.escaping import escape_control_characters

LIVE_DISPLAYS: list[Callable[[str], None]] = []  # what prints above the progress bar that is shown


class ClosedPipe(Exception):  # noqa: N818  # not an error: the reader of our output has read enough
    """The reader of stdout has closed the pipe; emqxctl stops without a message."""


def write_stdout(chunks: Iterable[Chunk], view: View | None = None) -> None:
    """Write each chunk to stdout at once, and Notes to stderr.

    Human-readable formats are written in the terminal's encoding, everything else in UTF-8; characters that
    an encoding lacks are escaped. Raises ClosedPipe when the reader has closed the pipe, EmqxctlError when
    writing fails.
    """
    encoding = get_encoding(sys.stdout) if view is not None and view.format.is_human_readable else "utf-8"
    source = iter(chunks)
    try:
        for chunk in source:
            if isinstance(chunk, Note):
                write_stderr(escape_control_characters(chunk.text) + "\n")
            elif chunk:
                write_chunk(chunk, encoding)
    finally:
        close = getattr(source, "close", None)
        if close:
            close()


def write_chunk(chunk: str | bytes, encoding: str) -> None:
    """Write one chunk to stdout and flush it."""
    stream = sys.stdout
    if stream is None or stream.closed:
        message = "standard output is closed"
        raise EmqxctlError(message, code="OUTPUT", hint="redirect the output, for example to /dev/null")
    try:
        write_to_stream(stream, chunk, encoding)
    except BrokenPipeError as error:
        redirect_to_devnull(stream)
        raise ClosedPipe from error
    except OSError as error:
        redirect_to_devnull(stream)
        message = f"cannot write to standard output: {error.strerror or error}"
        raise EmqxctlError(message, code="OUTPUT") from error


def write_to_stream(stream: IO[str], chunk: str | bytes, encoding: str) -> None:
    """Write text or bytes to a text stream, through its buffer if it has one."""
    buffer = getattr(stream, "buffer", None)
    if buffer is None:
        stream.write(chunk if isinstance(chunk, str) else chunk.decode(encoding, "backslashreplace"))
    else:
        rest = memoryview(chunk if isinstance(chunk, bytes) else chunk.encode(encoding, "backslashreplace"))
        while rest:  # under PYTHONUNBUFFERED a write may be partial
            rest = rest[buffer.write(rest) or 0 :]
    stream.flush()


def write_stderr(text: str) -> None:
    """Write text to stderr, above a progress bar; text that cannot be written is dropped."""
    if LIVE_DISPLAYS:
        LIVE_DISPLAYS[-1](text)
        return
    stream = sys.stderr
    if stream is None or stream.closed:
        return
    try:
        write_to_stream(stream, text, get_encoding(stream))
    except OSError:
        redirect_to_devnull(stream)


@contextmanager
def print_above(write: Callable[[str], None]) -> Iterator[None]:
    """Pass what is written to stderr to `write`, which prints it above a live display, within the block."""
    LIVE_DISPLAYS.append(write)
    try:
        yield
    finally:
        LIVE_DISPLAYS.remove(write)


def get_encoding(stream: IO[str] | None) -> str:
    """Return a stream's encoding, or UTF-8 if Python does not know it."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        "".encode(encoding)
    except LookupError:
        return "utf-8"
    return str(encoding)


def redirect_to_devnull(stream: IO[str]) -> None:
    """Redirect a broken stream to /dev/null, or Python reports the error again when it flushes at exit."""
    with suppress(OSError, ValueError, AttributeError):
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, stream.fileno())
        os.close(devnull)
