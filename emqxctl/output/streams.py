"""Stdout and stderr: the only place that writes to them."""

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import IO

from emqxctl.errors import EmqxctlError
from emqxctl.output.view import Chunk, Note, View
from emqxctl.text.escaping import escape_control_characters


class ClosedPipe(Exception):  # noqa: N818  # not an error: whoever read our output has read enough
    """The reader of stdout is gone; stop without a word."""


def write_stdout(chunks: Iterable[Chunk], view: View | None = None) -> None:
    """Write chunks to stdout, each at once, and Notes to stderr.

    Tables for a person are written in the terminal's encoding, everything else in UTF-8; what an encoding
    cannot hold is escaped. Raises ClosedPipe when the reader is gone, EmqxctlError when it cannot write.
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
        raise EmqxctlError(
            message, code="OUTPUT", hint="Send the output somewhere, to /dev/null for instance."
        )
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
    """Write text or bytes to a text stream, through its buffer where it has one."""
    buffer = getattr(stream, "buffer", None)
    if buffer is None:
        stream.write(chunk if isinstance(chunk, str) else chunk.decode(encoding, "backslashreplace"))
    else:
        buffer.write(chunk if isinstance(chunk, bytes) else chunk.encode(encoding, "backslashreplace"))
    stream.flush()


def write_stderr(text: str) -> None:
    """Write text to stderr; when nobody can read it there, it is lost without a word."""
    stream = sys.stderr
    if stream is None or stream.closed:
        return
    try:
        write_to_stream(stream, text, get_encoding(stream))
    except OSError:
        redirect_to_devnull(stream)


def get_encoding(stream: IO[str] | None) -> str:
    """Tell a stream's encoding; UTF-8 when it has none that Python knows."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        "".encode(encoding)
    except LookupError:
        return "utf-8"
    return str(encoding)


def redirect_to_devnull(stream: IO[str]) -> None:
    """Point a broken stream to nowhere, or Python complains again when it flushes what is left at the end."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
