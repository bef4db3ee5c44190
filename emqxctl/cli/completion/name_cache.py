"""Names of objects kept between two TABs: private files in the user's cache folder, names only."""

import json
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from emqxctl.config.profiles import cache_path

FRESH_SECONDS = 60.0
STALE_SECONDS = 24 * 3600.0  # older names are not offered, and deleted
MAX_FILES = 300

Name = tuple[str, str]  # with its description


class CachedNames(NamedTuple):
    """The names of one list, and how many seconds old they are."""

    names: tuple[Name, ...]
    age: float


def find_cache_file(environ: Mapping[str, str], identity: Sequence[str]) -> Path:
    """Return the file of a list; `identity` are the server, the key and the request that names it."""
    from hashlib import sha256

    digest = sha256("\0".join(identity).encode("utf-8", "surrogatepass")).hexdigest()
    return cache_path(environ) / "names" / f"{digest[:40]}.json"


def read_names(file: Path) -> CachedNames | None:
    """Return the names in a file of this user; None if there are none, or only old ones."""
    try:
        status = file.stat()
        age = time.time() - status.st_mtime
        if age > STALE_SECONDS or (hasattr(os, "getuid") and status.st_uid != os.getuid()):
            return None
        rows = json.loads(file.read_bytes())
        return CachedNames(tuple((str(name), str(text)) for name, text in rows), max(age, 0.0))
    except (OSError, ValueError, TypeError):
        return None


def write_names(file: Path, names: Sequence[Name]) -> None:
    """Write the names of a list, for this user only; a folder that cannot be written is not an error."""
    from tempfile import mkstemp

    with suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = mkstemp(prefix=".", dir=file.parent)  # mode 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="surrogatepass") as stream:
                json.dump(names, stream)
            Path(temporary).replace(file)
        finally:
            Path(temporary).unlink(missing_ok=True)
        delete_old_files(file.parent)


def delete_old_files(folder: Path) -> None:
    """Delete lists that are too old to be offered, and the oldest of too many."""
    with suppress(OSError):
        files = sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime, reverse=True)
        limit = time.time() - STALE_SECONDS
        for index, file in enumerate(files):
            if index >= MAX_FILES or file.stat().st_mtime < limit:
                file.unlink(missing_ok=True)
