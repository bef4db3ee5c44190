"""Files that are written: completely or not at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from emqxctl.cli.input.files import write_file
from emqxctl.errors import EmqxctlError


def test_a_device_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    device = tmp_path / "null"
    device.symlink_to("/dev/null")
    assert write_file(str(device), [b"abc", b"d"]) == 4
    assert device.is_symlink()
    assert Path("/dev/null").is_char_device()


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    link, real = tmp_path / "link", tmp_path / "real"
    link.symlink_to(real)
    write_file(str(link), [b"new"])
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


def test_a_download_that_breaks_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / ("long-" * 40 + ".zip")
    target.write_bytes(b"old")

    def incomplete_chunks() -> Iterator[bytes]:
        yield b"half"
        raise EmqxctlError("lost", code="CONNECTION_LOST")  # noqa: EM101  # as the client raises

    with pytest.raises(EmqxctlError):
        write_file(str(target), incomplete_chunks())
    assert target.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == [target.name]
    write_file(str(target), [b"new"])
    assert target.read_bytes() == b"new"
