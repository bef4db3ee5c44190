"""The pager: which program it is, that it gets the text, and that text is never lost without it."""

from pathlib import Path

import pytest

from emqxctl.output.pager import parse_pager, write_paged
from tests.conftest import MemoryStream


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({}, ["less"]),
        ({"TERM": "dumb"}, []),
        ({"PAGER": "more -d"}, ["more", "-d"]),
        ({"PAGER": "more", "EMQXCTL_PAGER": "most"}, ["most"]),
        ({"PAGER": "more", "EMQXCTL_PAGER": ""}, []),
        ({"PAGER": "cat"}, []),
        ({"PAGER": "it's"}, ["less"]),
    ],
)
def test_the_pager_is_a_choice_of_the_user(environ: dict[str, str], words: list[str]) -> None:
    assert parse_pager({"TERM": "xterm", **environ}) == words


def test_an_unknown_terminal_has_no_pager() -> None:
    assert parse_pager({"PAGER": "less"}) == []


def test_the_pager_gets_the_text(tmp_path: Path) -> None:
    program = tmp_path / "pager"
    program.write_text(f'#!/bin/sh\necho "$LESS" > {tmp_path}/options\ncat > {tmp_path}/text\n')
    program.chmod(0o755)
    write_paged("# A page: ä\n" * 1000, {"TERM": "xterm", "PAGER": str(program)})
    assert (tmp_path / "text").read_text("utf-8") == "# A page: ä\n" * 1000
    assert (tmp_path / "options").read_text() == "FRX\n"


def test_a_pager_that_ends_early_is_no_error(tmp_path: Path) -> None:
    write_paged("line\n" * 100_000, {"TERM": "xterm", "PAGER": "true"})


def test_without_a_pager_the_text_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = MemoryStream()
    monkeypatch.setattr("sys.stdout", stream)
    write_paged("text\n", {"TERM": "xterm", "PAGER": "no-such-program-of-that-name"})
    assert stream.content() == b"text\n"
