"""Writing to stdout and stderr as they are: pipes that close, full disks, odd encodings, nothing at all."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from emqxctl.errors import EmqxctlError
from emqxctl.output.streams import write_stderr, write_stdout
from emqxctl.output.view import Format, Note, View

PROGRAM = """
import sys
from emqxctl.errors import EmqxctlError
from emqxctl.output.streams import ClosedPipe, write_stderr, write_stdout
try:
    write_stdout(f"line {number}\\n" for number in range(200000))
except ClosedPipe:
    write_stderr("closed\\n")
    sys.exit(7)
except EmqxctlError as error:
    write_stderr(error.message + "\\n")
    sys.exit(8)
"""


def run(command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", command.replace("PROGRAM", '"$0" -c "$1"'), sys.executable, PROGRAM],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_closed_pipe_is_quiet() -> None:
    done = run("PROGRAM | head -1; echo ${PIPESTATUS[0]}")
    assert (done.stdout, done.stderr) == ("line 0\n7\n", "closed\n")


def test_a_closed_pipe_on_stderr_as_well() -> None:
    done = run("{ PROGRAM 2>&1 >&3 | true; } 3>&1 | head -1")
    assert (done.stdout, done.stderr) == ("line 0\n", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_an_error() -> None:
    done = run("PROGRAM > /dev/full")
    assert (done.returncode, done.stderr) == (8, "cannot write to standard output: No space left on device\n")


def test_a_closed_stdout_is_an_error_and_a_closed_stderr_none() -> None:
    done = run("PROGRAM >&-")
    assert (done.returncode, done.stderr) == (8, "standard output is closed\n")
    assert run("PROGRAM 2>&- | tail -1").stdout == "line 199999\n"
    assert run("PROGRAM >&- 2>&-").returncode == 8


class Fixed(io.TextIOWrapper):
    """A stdout of some encoding."""

    def __init__(self, encoding: str) -> None:
        """Write into memory."""
        super().__init__(io.BytesIO(), encoding=encoding)

    def written(self) -> bytes:
        """Return what was written."""
        assert isinstance(self.buffer, io.BytesIO)
        return self.buffer.getvalue()


def test_encodings(monkeypatch: pytest.MonkeyPatch) -> None:
    for form, encoding, expected in (
        (Format.TABLE, "ascii", b"\\xe9 \\u4e2d\n"),
        (Format.TABLE, "latin-1", b"\xe9 \\u4e2d\n"),
        (Format.JSON, "ascii", "é 中\n".encode()),
        (Format.NAME, "latin-1", "é 中\n".encode()),
    ):
        out = Fixed(encoding)
        monkeypatch.setattr(sys, "stdout", out)
        write_stdout(["é 中\n"], View(form))
        assert out.written() == expected
    out = Fixed("utf-8")
    monkeypatch.setattr(sys, "stdout", out)
    write_stdout(["a\ud800", b"\xff", ""])
    assert out.written() == b"a\\ud800\xff"


def test_notes_go_to_stderr_among_the_chunks(capsys: pytest.CaptureFixture[str]) -> None:
    write_stdout(["a\n", Note("be \x1b aware"), "b\n"])
    assert capsys.readouterr() == ("a\nb\n", "be \\x1b aware\n")


def test_streams_without_a_buffer(monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    write_stdout(["é", b"x"])
    write_stderr("ü")
    assert (out.getvalue(), err.getvalue()) == ("éx", "ü")


def test_no_streams_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    write_stderr("lost")
    write_stdout([])
    with pytest.raises(EmqxctlError, match="closed"):
        write_stdout(["x"])


def test_the_source_is_closed_when_the_pipe_is(monkeypatch: pytest.MonkeyPatch) -> None:
    from collections.abc import Iterator

    from emqxctl.output.streams import ClosedPipe

    read, write = os.pipe()
    os.close(read)
    ended = []

    def source() -> Iterator[str]:
        try:
            yield "x"
            yield "y"
        finally:
            ended.append(True)

    with os.fdopen(write, "w") as out:
        monkeypatch.setattr(sys, "stdout", out)
        with pytest.raises(ClosedPipe):
            write_stdout(source())
    assert ended
