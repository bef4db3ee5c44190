"""Read a backup of EMQX, a tar.gz archive, without writing any of its files; the archive is not trusted."""

import re
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from emqxctl.emqx.hocon import HoconError, parse_hocon

BLOCK = 512  # bytes of a tar header
MAX_UNPACKED_BYTES = 4 << 30
MAX_MEMBERS = 20_000
MAX_KEPT_BYTES = 32 << 20  # of one file that is read
MAX_NAME_BYTES = 64 << 10
CHUNK = 1 << 16
PAX_PATH = rb"(?:\A|\n)\d+ path=([^\n]*)\n"
NAME_TYPES = (tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME)  # their content is the name of the next member
# A record of the table of API keys begins with the table's name and the key's name, a binary with its length.
API_KEY_RECORD = rb"(?s)emqx_appm(\x00\x00.{2})"
META, CONFIGURATION, API_KEYS = "META.hocon", "cluster.hocon", "mnesia/emqx_app"
KEPT_FILES = frozenset({META, CONFIGURATION, API_KEYS})

# The files of tables and what they contain; recorded 5.8.9 and 6.2.2.
TABLES = {
    "emqx_acl": "builtin_authz",
    "emqx_acl_ns": "builtin_authz",
    "emqx_admin": "dashboard_users",
    "emqx_app": "api_keys",
    "emqx_authn_mnesia": "builtin_authn",
    "emqx_authn_mnesia_ns": "builtin_authn",
    "emqx_authn_scram_mnesia": "builtin_authn",
    "emqx_authn_scram_mnesia_ns": "builtin_authn",
    "emqx_banned": "banned",
    "emqx_banned_rules": "banned",
    "emqx_mt_config": "namespaces",
    "emqx_psk": "psk",
    "emqx_retainer_message": "builtin_retainer",
}
RESTRICTED_TABLES = frozenset({"api_keys", "dashboard_users"})  # which newer versions refuse to API keys


class ArchiveError(Exception):
    """Not a backup of EMQX, or one that exceeds the limits; the text says why."""


class Backup(NamedTuple):
    """What a backup contains.

    `name` is that of the folder in it, with .tar.gz: EMQX accepts the archive only under this name. `tables`
    are sets as in --tables; `roots` the configuration, with secrets in plain text. `api_keys` is the table of
    API keys in Erlang's format.
    """

    name: str
    version: str
    edition: str
    tables: tuple[str, ...]
    roots: dict[str, object]
    api_keys: bytes
    file_count: int

    @property
    def restricted_tables(self) -> list[str]:
        """The tables for which EMQX requires a dashboard user instead of an API key."""
        return [table for table in self.tables if table in RESTRICTED_TABLES]

    @property
    def api_key_names(self) -> list[str]:
        """The names of the API keys in the backup."""
        names: set[str] = set()
        for match in re.finditer(API_KEY_RECORD, self.api_keys):
            length = int.from_bytes(match[1], "big")
            names.add(self.api_keys[match.end() : match.end() + length].decode("utf-8", "replace"))
        return sorted(names)

    def has_api_key(self, api_key: str) -> bool:
        """Return whether an API key, by its public part, is in the backup: a binary with its length."""
        raw = api_key.encode()
        return bool(raw) and b"m" + len(raw).to_bytes(4, "big") + raw in self.api_keys


class Unpacker:
    """Unpacks gzip chunks, no more than is asked for and no more than the limit in all."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        """Prepare; nothing is read."""
        # Short pieces: the decompressor copies the rest of its input each time.
        self.chunks = (
            chunk[start : start + CHUNK] for chunk in chunks for start in range(0, len(chunk), CHUNK)
        )
        self.decompressor = zlib.decompressobj(wbits=31)
        self.buffer = b""
        self.unpacked_bytes = 0

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes, fewer at the end. Raises ArchiveError."""
        while len(self.buffer) < size:
            packed = self.decompressor.unconsumed_tail or next(self.chunks, b"")
            if not packed or self.decompressor.eof:
                break
            try:
                piece = self.decompressor.decompress(packed, CHUNK)
            except zlib.error as error:
                message = "not a tar.gz archive"
                raise ArchiveError(message) from error
            self.unpacked_bytes += len(piece)
            if self.unpacked_bytes > MAX_UNPACKED_BYTES:
                message = "the archive is larger than 4 GB when unpacked"
                raise ArchiveError(message)
            self.buffer += piece
        content, self.buffer = self.buffer[:size], self.buffer[size:]
        return content

    def skip(self, size: int) -> None:
        """Skip `size` bytes. Raises ArchiveError if there are fewer."""
        while size > 0:
            piece = self.read(min(size, CHUNK))
            if not piece:
                message = "the archive is incomplete"
                raise ArchiveError(message)
            size -= len(piece)


class Member(NamedTuple):
    """A file of the archive; its content only if it is one of KEPT_FILES."""

    folder: str
    path: str
    content: bytes


def iterate_members(chunks: Iterable[bytes]) -> Iterator[Member]:
    """Yield the files of a tar.gz archive. Raises ArchiveError."""
    unpacker = Unpacker(chunks)
    long_name = ""
    for _ in range(MAX_MEMBERS):
        header = unpacker.read(BLOCK)
        if not header.strip(b"\0"):
            return
        info = parse_header(header)
        padding = -info.size % BLOCK
        if info.type in NAME_TYPES:
            long_name = read_long_name(unpacker, info)
            unpacker.skip(padding)
            continue
        name, long_name = long_name or info.name, ""
        folder, _, path = name.partition("/")
        content = b""
        if path in KEPT_FILES and info.isreg():
            content = read_content(unpacker, info.size)
        else:
            unpacker.skip(info.size if info.isreg() or info.type == tarfile.XGLTYPE else 0)
        unpacker.skip(padding if info.isreg() or info.type == tarfile.XGLTYPE else 0)
        if info.isreg():
            yield Member(folder, path, content)
    message = f"the archive has more than {MAX_MEMBERS} files"
    raise ArchiveError(message)


def parse_header(header: bytes) -> tarfile.TarInfo:
    """Parse the header of a member. Raises ArchiveError."""
    try:
        info = tarfile.TarInfo.frombuf(header, "utf-8", "replace")
    except tarfile.HeaderError as error:
        message = "not a tar.gz archive"
        raise ArchiveError(message) from error
    if info.size < 0:
        message = "not a tar.gz archive"
        raise ArchiveError(message)
    return info


def read_long_name(unpacker: Unpacker, info: tarfile.TarInfo) -> str:
    """Read the name of the next member, which is too long for its header. Raises ArchiveError."""
    if info.size > MAX_NAME_BYTES:
        message = "a file name in the archive is too long"
        raise ArchiveError(message)
    raw = unpacker.read(info.size)
    if info.type == tarfile.XHDTYPE:
        match = re.search(PAX_PATH, raw)
        raw = match[1] if match else b""
    return raw.rstrip(b"\0").decode("utf-8", "replace")


def read_content(unpacker: Unpacker, size: int) -> bytes:
    """Return the content of a member. Raises ArchiveError if it is too large or incomplete."""
    if size > MAX_KEPT_BYTES:
        message = f"a file in the archive is larger than {MAX_KEPT_BYTES >> 20} MB"
        raise ArchiveError(message)
    content = unpacker.read(size)
    if len(content) < size:
        message = "the archive is incomplete"
        raise ArchiveError(message)
    return content


def read_backup(chunks: Iterable[bytes]) -> Backup:
    """Read what a backup contains from the chunks of its archive. Raises ArchiveError."""
    folders: dict[str, None] = {}
    contents: dict[str, bytes] = {}
    tables: dict[str, None] = {}
    count = 0
    for member in iterate_members(chunks):
        count += 1
        folders[member.folder] = None
        if member.path in KEPT_FILES:
            contents[member.path] = member.content
        directory, _, file = member.path.partition("/")
        if directory == "mnesia" and file:
            tables[TABLES.get(file, file)] = None
    if META not in contents or len(folders) != 1:
        message = "not a backup of EMQX: it has no META.hocon, or more than one folder"
        raise ArchiveError(message)
    meta = parse_file(contents[META], META)
    return Backup(
        name=f"{next(iter(folders))}.tar.gz",
        version=str(meta.get("version", "")),
        edition=str(meta.get("edition", "")),
        tables=tuple(sorted(tables)),
        roots=parse_file(contents.get(CONFIGURATION, b""), CONFIGURATION),
        api_keys=contents.get(API_KEYS, b""),
        file_count=count,
    )


def parse_file(content: bytes, name: str) -> dict[str, object]:
    """Parse a HOCON file of the archive. Raises ArchiveError."""
    try:
        return parse_hocon(content.decode("utf-8", "replace"))
    except HoconError as error:
        message = f"cannot parse {name} of the archive, line {error.line}"
        raise ArchiveError(message) from error
