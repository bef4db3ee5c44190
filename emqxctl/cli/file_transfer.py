"""Uploads and downloads as a command does them: the file read or written, progress on a terminal."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from emqxctl.api.request import Query
from emqxctl.api.response import Response
from emqxctl.api.transfers import download, upload
from emqxctl.cli.input.files import read_bytes, write_file
from emqxctl.cli.prompts import is_terminal
from emqxctl.errors import UsageError
from emqxctl.output.progress import show_transfer_progress
from emqxctl.output.results import Bytes, Done, Result
from emqxctl.text.escaping import escape_control_characters

if TYPE_CHECKING:
    from emqxctl.cli.session import Session


def shows_progress(session: "Session") -> bool:
    """Tell whether anybody sees progress on stderr."""
    return is_terminal(sys.stderr) and not session.settings.quiet


class Upload(NamedTuple):
    """A file to send: the multipart part EMQX wants it in, its path (`-`: stdin), its name if another one."""

    part: str
    file: str
    name: str = ""


def send_file(session: "Session", path: str, *arguments: str, sent: Upload, query: Query = ()) -> Response:
    """Upload a file; from standard input it needs a name. Raises UsageError."""
    filename = sent.name or ("" if sent.file == "-" else Path(sent.file).name)
    if not filename:
        message = "the name of the file is needed when it comes from standard input"
        raise UsageError(message, hint="--name NAME")
    content = read_bytes(sent.file, "FILE")
    with show_transfer_progress(f"sending {filename}", is_shown=shows_progress(session)) as step:
        return upload(
            session.client,
            path,
            *arguments,
            file=(sent.part, filename, content),
            query=query,
            on_progress=step if shows_progress(session) else None,
        )


def fetch_file(session: "Session", path: str, *arguments: str, to: str, query: Query = ()) -> Result:
    """Download to a file, whole or not at all; `-` writes the bytes to stdout."""
    with show_transfer_progress(
        f"fetching {Path(to).name}", is_shown=shows_progress(session) and to != "-"
    ) as step:
        chunks = download(session.client, path, *arguments, query=query, on_progress=step)
        if to == "-":
            return Bytes(chunks)
        size = write_file(to, chunks)
    return Done(f"wrote {size} bytes to {to}", {"file": to, "bytes": size}, key="file")


def safe_name(name: str) -> str:
    """Give a file name that a server chose, bare of any folder, so that it cannot leave the chosen one.

    Refused are names that are read otherwise (`-`, `~root`, `C:x`), hidden ones (`.bashrc`, where this is a
    home), and characters that would drive the terminal of whoever lists the folder.
    """
    bare = name.replace("\\", "/").rpartition("/")[2]
    if (
        not bare
        or bare.startswith((".", "~", "-"))
        or bare[1:2] == ":"
        or escape_control_characters(bare) != bare
    ):
        message = f"the server's file name {name!r} cannot be used here"
        raise UsageError(message, hint="--output-file FILE")
    return bare


def fresh_name(name: str) -> str:
    """Give the safe form of a file name that nobody here chose, unless it would replace a file."""
    bare = safe_name(name)
    if Path(bare).exists():
        message = f"there is a file {bare!r} already"
        raise UsageError(message, hint=f"--output-file {bare} replaces it")
    return bare
