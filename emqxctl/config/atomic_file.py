"""A user's file replaced whole or not at all, under a lock."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from emqxctl.errors import ConfigError


@contextmanager
def lock_file(path: Path) -> Iterator[None]:
    """Hold the lock beside a file (`config.toml.lock`) so that two writers lose nothing."""
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
    """Remove what a writer that was killed has left beside a file: there may be a secret in it."""
    target = Path(os.path.realpath(path))
    with suppress(OSError):
        for stray in target.parent.iterdir():
            if stray.name.startswith(f".{target.name}."):
                stray.unlink()


def replace_file(path: Path, content: bytes) -> None:
    """Put new content in place of a file's: a kill or a full disk leaves the old one; a link stays a link."""
    import tempfile

    target = Path(os.path.realpath(path))
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # mode 0600
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink()
            raise
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise write_error(path, error) from error


def write_error(path: Path, error: OSError) -> ConfigError:
    """Say that a file could not be written, and what to do."""
    return ConfigError(
        f"cannot write {path}: {error.strerror or error}",
        code="CONFIG_NOT_WRITABLE",
        hint="make its folder writable, or set EMQXCTL_CONFIG to another file",
    )
