"""The guide "A cluster in git": each of its commands works, in the order of the page, with its exit code."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from emqxctl.declarative.kinds import all_kinds
from emqxctl.sandbox.server import Sandbox

PAGE = files("emqxctl.guide").joinpath("cluster-in-git.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)(?: ([\w.]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINE = re.compile(r"\$ (.*?)(?:\s+# exit (\d+))?")


def blocks() -> Iterator[tuple[str, str, str]]:
    """Yield the blocks of the page: language, file name, text."""
    for match in BLOCK.finditer(PAGE):
        yield match[1], match[2] or "", match[3]


def commands() -> Iterator[tuple[str, int]]:
    """Yield the commands of the page with their exit codes."""
    for language, _, text in blocks():
        for line in text.splitlines() if language == "console" else ():
            match = LINE.fullmatch(line)
            assert match, line
            yield match[1], int(match[2] or 0)


@pytest.fixture
def folder(home: Path, tmp_path: Path) -> Iterator[Path]:
    """Start the clusters `test` and `prod`, and return a folder with the files of the page."""
    with Sandbox() as test, Sandbox() as prod:
        config = home / "config" / "config.toml"
        config.parent.mkdir()
        profile = '[profiles.{}]\nurl = "{}"\napi_key = "{}"\napi_secret = "{}"\n'
        config.write_text(
            "".join(
                profile.format(name, one.url, one.api_key, one.api_secret)
                for name, one in (("test", test), ("prod", prod))
            )
        )
        config.chmod(0o600)
        for _, name, text in blocks():
            if name:
                (tmp_path / name).write_text(text)
        yield tmp_path


def test_every_command_of_the_page_works(folder: Path) -> None:
    script = "".join(f"{line}\necho $? >> codes\n" for line, _ in commands() if not line.startswith("git "))
    wanted = [code for line, code in commands() if not line.startswith("git ")]
    emqxctl = folder / "bin" / "emqxctl"
    emqxctl.parent.mkdir()
    emqxctl.write_text(f'#!/bin/sh\nexec {sys.executable} -m emqxctl "$@"\n')
    emqxctl.chmod(0o755)
    environ = {**os.environ, "PATH": f"{emqxctl.parent}:{os.environ['PATH']}", "PYTHONPATH": str(Path.cwd())}
    ran = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    codes = [int(line) for line in (folder / "codes").read_text().split()]
    lines = [line for line, _ in commands() if not line.startswith("git ")]
    strays = [(line, code) for line, code, right in zip(lines, codes, wanted, strict=True) if code != right]
    assert strays == [], ran.stdout + ran.stderr
    assert "example-" not in ran.stdout + ran.stderr


def test_the_example_of_a_file_is_valid(tmp_path: Path) -> None:
    from emqxctl.declarative.files import load, read_layers
    from emqxctl.declarative.validation import check_document

    text = next(text for language, _, text in blocks() if language == "yaml" and "store-all" in text)
    (tmp_path / "acl.conf").write_text("{allow, all}.\n")
    (tmp_path / "c.yaml").write_text(text)
    document, problems = load(read_layers([str(tmp_path / "c.yaml")]), {})
    errors, doubts = check_document(document)
    assert (problems, errors) == ([], [])
    assert {one.code for one in doubts} == {"MISSING_VARIABLE"}


def test_the_page_names_every_kind() -> None:
    assert [name for name in all_kinds() if f"`{name}`" not in PAGE] == []
