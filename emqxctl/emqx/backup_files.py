"""The `tar.gz` archives of EMQX backups, with one folder of their own name, packed and unpacked in memory."""

import io
import tarfile
from datetime import UTC, datetime

SUFFIX = ".tar.gz"
NO_ARCHIVE = "invalid backup archive content: it is no tar.gz"
NO_FOLDER = "invalid backup archive content: all files in the archive must be under <backup name> directory"
NO_META = "invalid backup archive file: missing META.hocon"


class BadBackupError(Exception):
    """An archive that is not a backup, with EMQX's message."""


def name_backup(at: float) -> str:
    """Return the name of a backup by the time it is made."""
    moment = datetime.fromtimestamp(at, UTC)
    return f"emqx-export-{moment:%Y-%m-%d-%H-%M-%S}.{moment.microsecond // 1000:03}{SUFFIX}"


def pack_backup(name: str, files: dict[str, str], at: float) -> bytes:
    """Pack files into an archive, in a folder of its own name."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, text in files.items():
            entry = tarfile.TarInfo(f"{name.removesuffix(SUFFIX)}/{path}")
            content = text.encode()
            entry.size, entry.mtime = len(content), int(at)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def read_archive(content: bytes) -> dict[str, bytes] | None:
    """Read the files of an archive by their paths; None if it is not an archive."""
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            members = {member.name: archive.extractfile(member) for member in archive.getmembers()}
            return {path: file.read() for path, file in members.items() if file}
    except (tarfile.TarError, OSError, EOFError):
        return None


def unpack_backup(name: str, content: bytes) -> dict[str, bytes]:
    """Read the files of an archive, without its folder. Raises BadBackupError."""
    folder = name.removesuffix(SUFFIX) + "/"
    contents = read_archive(content)
    if contents is None:
        raise BadBackupError(NO_ARCHIVE)
    if not all(path.startswith(folder) for path in contents):
        raise BadBackupError(NO_FOLDER)
    files = {path.removeprefix(folder): read for path, read in contents.items()}
    if not files.get("META.hocon"):
        raise BadBackupError(NO_META)
    return files
