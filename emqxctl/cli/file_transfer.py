"""Uploads and downloads of a command: the file read or written, progress shown on a terminal."""

import os
import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from emqxctl.api.request import Query
from emqxctl.api.response import Response
from emqxctl.api.transfers import download, upload
from emqxctl.cli.input.files import read_bytes, write_file
from emqxctl.cli.prompts import is_terminal
from emqxctl.errors import GuardError, UsageError
from emqxctl.output.progress import show_transfer_progress
from emqxctl.output.results import Bytes, Done, Result
from emqxctl.text.escaping import escape_control_characters
from emqxctl.text.nouns import count_noun

if TYPE_CHECKING:
    from emqxctl.cli.session import Session


def shows_progress(session: "Session") -> bool:
    """Return whether progress is shown on stderr."""
    return is_terminal(sys.stderr) and not session.settings.quiet


class Upload(NamedTuple):
    """A file to send: the name of its multipart part, its path (`-`: stdin), its name if another one.

    `content` is that of the file, if it was read before.
    """

    part: str
    file: str
    name: str = ""
    content: bytes | None = None


def send_file(
    session: "Session", path: str, *arguments: str, source: Upload, query: Query = (), question: str = ""
) -> Response:
    """Upload a file; standard input requires a name. Raises UsageError.

    `question` is asked once the file is read; without confirmation, GuardError is raised.
    """
    filename = source.name or ("" if source.file == "-" else Path(source.file).name)
    if not filename:
        message = "the name of the file is required if its content comes from standard input"
        raise UsageError(message, hint="use --name NAME")
    content = read_bytes(source.file, "FILE") if source.content is None else source.content
    if question:
        session.confirm(question)
    is_shown, client = shows_progress(session), session.client  # prompts and notices come before the bar
    then = f"sent {filename}; waiting for EMQX"
    with show_transfer_progress(f"sending {filename}", is_shown=is_shown, then=then) as on_progress:
        return upload(
            client,
            path,
            *arguments,
            file=(source.part, filename, content),
            query=query,
            on_progress=on_progress if is_shown else None,
        )


def fetch_file(session: "Session", path: str, *arguments: str, to: str, query: Query = ()) -> Result:
    """Download to a file, whole or not at all; `-` writes the bytes to stdout.

    The file is opened after the server has responded: an object that does not exist is the first error.
    """
    is_shown, client = shows_progress(session) and to != "-", session.client
    with show_transfer_progress(f"fetching {Path(to).name}", is_shown=is_shown) as on_progress:
        chunks = download(client, path, *arguments, query=query, on_progress=on_progress)
        if to == "-":
            return Bytes(chunks)
        first_chunk = next(chunks, b"")
        size = write_file(to, chain([first_chunk], chunks))
    return Done(f"wrote {count_noun(size, 'byte')} to {to}", {"file": to, "bytes": size}, key="file")


def safe_name(name: str) -> str:
    """Return a file name that a server chose without any folder, so that it stays in the chosen folder.

    Raises UsageError for names that are read otherwise (`-`, `~root`, `C:x`), hidden names (`.bashrc`), and
    names with characters that would control the terminal of whoever lists the folder.
    """
    bare_name = name.replace("\\", "/").rpartition("/")[2]
    is_special = not bare_name or bare_name.startswith((".", "~", "-")) or bare_name[1:2] == ":"
    if is_special or escape_control_characters(bare_name) != bare_name:
        message = f"file name {name!r} from the server is not safe"
        raise UsageError(message, hint="choose a name: --output-file FILE")
    return bare_name


def fresh_name(name: str) -> str:
    """Return the safe form of a file name from the server. Raises GuardError if that file exists."""
    bare_name = safe_name(name)
    if os.path.lexists(bare_name):
        message = f"file {bare_name!r} already exists"
        hint = f"replace it with --output-file {bare_name}"
        raise GuardError(message, code="FILE_EXISTS", hint=hint)
    return bare_name
