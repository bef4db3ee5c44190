"""Files replaced completely or not at all, and the lock for the user's files."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from emqxctl.errors import ConfigError

MAX_PREFIX = 40  # characters of a file's name in that of its temporary file: names are limited to 255 bytes


@contextmanager
def lock_file(path: Path) -> Iterator[None]:
    """Hold the lock next to a file (`config.toml.lock`), so that no change of another process is lost."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise write_error(path, error) from error
    try:
        if os.name == "posix":
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
        remove_stray_files(path)
        yield
    finally:
        os.close(handle)


def remove_stray_files(path: Path) -> None:
    """Delete the temporary files of a killed process next to a file: they may contain a secret."""
    target = Path(os.path.realpath(path))
    with suppress(OSError):
        for file in target.parent.iterdir():
            if file.name.startswith(temporary_prefix(target)):
                file.unlink()


def temporary_prefix(target: Path) -> str:
    """Return the beginning of the name of a file's temporary files."""
    return f".{target.name[:MAX_PREFIX]}."


def replace_file(path: Path, content: bytes) -> None:
    """Replace a user's file with mode 0600; a link stays a link. Raises ConfigError."""
    try:
        write_atomically(Path(os.path.realpath(path)), [content], mode=0o600)
    except OSError as error:
        raise write_error(path, error) from error


def write_atomically(target: Path, chunks: Iterable[bytes], *, mode: int) -> int:
    """Write a file completely or not at all and return its size in bytes.

    The bytes go to a temporary file in the same folder, which then replaces the target: a kill or a full disk
    leaves the old file. Raises OSError.
    """
    import tempfile

    size = 0
    handle, temporary = tempfile.mkstemp(prefix=temporary_prefix(target), dir=target.parent)  # mode 0600
    try:
        with os.fdopen(handle, "wb") as stream:
            for chunk in chunks:
                size += stream.write(chunk)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_folder(target.parent)
    return size


def sync_folder(folder: Path) -> None:
    """Write a folder's entries to disk, so that a replaced file survives a power failure."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_error(path: Path, error: OSError) -> ConfigError:
    """Return the error for a user's file that cannot be written."""
    return ConfigError(
        f"cannot write {path}: {(error.strerror or str(error)).lower()}",
        code="CONFIG_NOT_WRITABLE",
        hint="make its folder writable, or set EMQXCTL_CONFIG to another file",
    )
