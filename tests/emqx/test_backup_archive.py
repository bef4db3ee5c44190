"""What a backup contains is read from its archive, within limits and without trusting it."""

import gzip
import io
import tarfile

import pytest

from emqxctl.emqx import backup_archive
from emqxctl.emqx.backup_archive import ArchiveError, read_backup
from emqxctl.emqx.backup_files import pack_backup
from tests.support.recordings import find_exchange

FILE = "GET /data/files/{filename}"
NAME = "emqx-export-2026-01-01-00-00-00.000"


def pack(*members: tuple[tarfile.TarInfo, bytes], format_: int = tarfile.PAX_FORMAT) -> bytes:
    """Pack members into a tar.gz archive."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", format=format_) as archive:
        for member, content in members:
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def member(path: str, content: bytes = b"x", folder: str = NAME) -> tuple[tarfile.TarInfo, bytes]:
    """Return a file of a backup."""
    return tarfile.TarInfo(f"{folder}/{path}"), content


META = member("META.hocon", b'edition = ce\nversion = "5.8.9"\n')


def test_recorded_backups_of_both_versions() -> None:
    community = read_backup([find_exchange(FILE, "file of another node with node").response_bytes])
    assert (community.version, community.edition) == ("5.8.9", "ce")
    assert community.restricted_tables == ["api_keys", "dashboard_users"]
    assert "corpus-ci" in community.api_key_names
    assert len(community.roots) == 17
    enterprise = read_backup([find_exchange(FILE, "full backup, bearer", "6.2.2").response_bytes])
    assert (enterprise.version, enterprise.edition) == ("6.2.2", "ee")
    assert {"api_keys", "dashboard_users", "namespaces", "psk"} <= set(enterprise.tables)
    assert "rec-viewer" in enterprise.api_key_names
    partial = read_backup([find_exchange(FILE, "partial backup, API key", "6.2.2").response_bytes])
    assert (partial.restricted_tables, set(partial.roots)) == ([], {"actions", "connectors", "rule_engine"})


def test_an_api_key_is_found_by_its_public_part() -> None:
    record = b"h\x0ad\x00\x08emqx_appm\x00\x00\x00\x02cim\x00\x00\x00\x044f33d"
    backup = read_backup([pack(META, member("mnesia/emqx_app", record))])
    assert backup.api_key_names == ["ci"]
    assert backup.has_api_key("4f33")
    assert not backup.has_api_key("4f3")
    assert not backup.has_api_key("")


def test_the_name_is_that_of_the_folder_in_any_chunks() -> None:
    content = pack_backup(f"{NAME}.tar.gz", {"META.hocon": "version = 1", "cluster.hocon": "a {b = 1}"}, 0)
    backup = read_backup([content[position : position + 7] for position in range(0, len(content), 7)])
    assert (backup.name, backup.roots) == (f"{NAME}.tar.gz", {"a": {"b": 1}})


@pytest.mark.parametrize("format_", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_long_names_are_read(format_: int) -> None:
    folder = "emqx-export-" + "y" * 200
    content = pack(member("META.hocon", b"version = 1", folder), format_=format_)
    assert read_backup([content]).name == f"{folder}.tar.gz"


def link() -> tuple[tarfile.TarInfo, bytes]:
    """Return a symbolic link to a file outside."""
    info = tarfile.TarInfo(f"{NAME}/cluster.hocon")
    info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
    return info, b""


def test_links_are_not_followed() -> None:
    assert read_backup([pack(META, link())]).roots == {}


def test_what_is_no_backup_is_an_error() -> None:
    whole = pack(META, member("mnesia/emqx_app", b"x" * 5000))
    broken = {
        "empty": b"",
        "text": b"hello",
        "gzip of text": gzip.compress(b"hello" * 500),
        "no META": pack(member("cluster.hocon", b"a = 1")),
        "two folders": pack(META, member("x", folder="other")),
        "folders above": pack((tarfile.TarInfo("../META.hocon"), b""), META),
        "bad META": pack(member("META.hocon", b"a = [")),
        "nested deeply": pack(META, member("cluster.hocon", b"a = " + b"[" * 100_000)),
        "cut": whole[: len(whole) // 2],
    }
    for title, content in broken.items():
        with pytest.raises(ArchiveError):
            read_backup([content])
        assert title


def test_the_limits_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    big = pack(META, member("mnesia/emqx_retainer_message", b"\0" * 3_000_000))
    assert read_backup([big]).tables == ("builtin_retainer",)
    monkeypatch.setattr(backup_archive, "MAX_UNPACKED_BYTES", 1_000_000)
    with pytest.raises(ArchiveError, match="larger than"):
        read_backup([big])
    monkeypatch.setattr(backup_archive, "MAX_KEPT_BYTES", 5)
    with pytest.raises(ArchiveError, match="a file in the archive"):
        read_backup([pack(META)])
    monkeypatch.undo()
    monkeypatch.setattr(backup_archive, "MAX_MEMBERS", 2)
    with pytest.raises(ArchiveError, match="files"):
        read_backup([pack(META, member("a"), member("b"))])
    long_name = pack(member("META.hocon", b"version = 1", "y" * 70_000))
    with pytest.raises(ArchiveError, match="too long"):
        read_backup([long_name])
