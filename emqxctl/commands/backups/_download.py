"""Downloads that never replace a different local file unless --force is given."""

from collections.abc import Iterator

from emqxctl.api.request import Query
from emqxctl.api.transfers import download
from emqxctl.cli.file_transfer import fetch_file
from emqxctl.cli.session import Session
from emqxctl.commands.backups._resource import FILE_PATH
from emqxctl.config.profiles import expand_path
from emqxctl.errors import GuardError
from emqxctl.output.results import Done, Result


def file_exists(name: str) -> bool:
    """Return whether a regular file of this name exists; stdout and devices do not count."""
    return name != "-" and expand_path(name).is_file()


def existing_file_error(name: str) -> GuardError:
    """Return the error for a local file that would be replaced by a different one."""
    message = f"file {name!r} already exists and is different"
    return GuardError(message, code="FILE_EXISTS", hint="choose another name, or replace it with --force")


def download_backup(session: Session, filename: str, query: Query, *, to: str, force: bool) -> Result:
    """Download a backup; a local file with another content is replaced only with `force`.

    Raises GuardError.
    """
    if force or not file_exists(to):
        return fetch_file(session, FILE_PATH, filename, to=to, query=query)
    chunks = download(session.client, FILE_PATH, filename, query=query, on_progress=ignore_progress)
    if not has_content(to, chunks):
        raise existing_file_error(to)
    return Done(f"{to} is already the same as backup {filename!r}", {"file": to}, key="file")


def ignore_progress(_done: int, _total: int) -> None:
    """Show no progress."""


def has_content(name: str, chunks: Iterator[bytes]) -> bool:
    """Return whether a file has the content of these chunks; stops at the first difference."""
    with expand_path(name).open("rb") as file:
        return all(file.read(len(chunk)) == chunk for chunk in chunks) and not file.read(1)
