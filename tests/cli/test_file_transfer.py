"""File names from a server or client stay in the folder, and replace no file that is there."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emqxctl.cli.file_transfer import safe_name
from emqxctl.errors import UsageError
from emqxctl.text.escaping import escape_control_characters
from tests.conftest import Run
from tests.support.replay import make_exchange, replay

PARTS = (
    "..",
    ".",
    "/",
    "\\",
    "~",
    "-",
    "C:",
    "\x00",
    "\n",
    "etc",
    "passwd",
    "a.tar.gz",
    "\u202e",
    "\ud800",
    " ",
)
NASTY = (
    *("", ".", "..", "/", "/etc/passwd", "../../etc/passwd", "a/../../b", "..\\..\\b", "C:\\Windows\\x"),
    *(
        "C:x",
        "\\\\host\\share\\x",
        "x\x00.zip",
        "-",
        "-rf",
        "~",
        "~root",
        "~/x",
        ".bashrc",
        "a\nb",
        "\x1b[2J",
    ),
    *("\u202egnp.exe", "x/", "x\\", "./x", "\x7f", "a\u200bb"),
)
NAMES = st.text() | st.lists(st.sampled_from(PARTS), max_size=6).map("".join) | st.sampled_from(NASTY)


@given(name=NAMES)
def test_a_safe_name_is_one_plain_file_of_the_folder(name: str) -> None:
    try:
        bare_name = safe_name(name)
    except UsageError as error:
        assert "--output-file" in error.hint  # noqa: PT017  # nothing is wrong with refusing
        return
    assert name.endswith(bare_name)
    folder = Path("/chosen")
    assert Path(os.path.normpath(folder / bare_name)).parent == folder
    assert Path(bare_name).expanduser() == Path(bare_name)
    assert bare_name == escape_control_characters(bare_name)
    assert bare_name[0] not in ".-~"


@pytest.mark.parametrize("name", NASTY)
def test_a_clients_file_stays_in_the_folder(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    row = {"clientid": "c", "fileid": "f", "name": name, "uri": "/x?node=n%401&fileref=r"}
    script = [
        make_exchange("GET /file_transfer/files/c/f", 200, {"files": [row]}),
        make_exchange("GET /file_transfer/file", 200, {"content": 1}),
    ]
    result = replay(run, script, "file-transfer", "files", "download", "c", "f").result
    inside = [file.name for file in folder.iterdir()]
    outside = [file for file in tmp_path.rglob("*") if file.is_file() and folder not in file.parents]
    assert outside == []
    assert (result.code, len(inside)) in {(0, 1), (2, 0)}, result.err
    assert "\x1b" not in result.err


def test_a_clients_file_never_replaces_one_of_ours(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("Makefile").write_text("mine")
    row = {"clientid": "c", "fileid": "f", "name": "Makefile", "uri": "/x?node=n%401&fileref=r"}
    script = [
        make_exchange("GET /file_transfer/files/c/f", 200, {"files": [row]}),
        make_exchange("GET /file_transfer/file", 200, "theirs"),
    ]
    words = ("file-transfer", "files", "download", "c", "f")
    result = replay(run, script, *words).result
    assert result.code == 14
    assert "--output-file Makefile" in result.err
    assert Path("Makefile").read_text() == "mine"
    assert replay(run, script, *words, "--output-file", "Makefile").result.code == 0
    assert Path("Makefile").read_text() == '"theirs"'


def test_an_object_with_a_name_too_long_for_a_file_is_not_found(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server is asked before the file is opened."""
    monkeypatch.chdir(tmp_path)
    name = "x" * 300
    missing = make_exchange(
        f"GET /trace/{name}/download", 404, {"code": "NOT_FOUND", "message": f"{name} NOT FOUND"}
    )
    assert replay(run, [missing], "traces", "download", name).result.code == 6
    there = make_exchange(f"GET /trace/{name}/download", 200, {"a": 1})
    result = replay(run, [there], "traces", "download", name).result
    assert (result.code, "cannot write" in result.err) == (1, True)
    assert [path for path in tmp_path.iterdir() if path.name != "home"] == []
