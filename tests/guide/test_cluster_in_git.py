"""The guide "A cluster in git": each of its commands works, in the order of the page, with its exit code."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from emqxctl.declarative.kinds import all_kinds
from emqxctl.guide import read_guide
from emqxctl.sandbox.server import Sandbox
from tests.support.guides import parse_blocks, parse_commands, run_lines, write_profiles

PAGE = read_guide("cluster-in-git")


@pytest.fixture
def folder(home: Path, tmp_path: Path) -> Iterator[Path]:
    """Start the clusters `test` and `prod`, and return a folder with the files of the page."""
    with Sandbox() as test, Sandbox() as prod:
        sandboxes = (("test", test), ("prod", prod))
        rows = [(name, sandbox.url, sandbox.api_key, sandbox.api_secret) for name, sandbox in sandboxes]
        write_profiles(home / "config", rows)
        for block in parse_blocks(PAGE):
            if block.file_name:
                (tmp_path / block.file_name).write_text(block.text)
        yield tmp_path


def test_every_command_of_the_page_works(folder: Path) -> None:
    commands = [command for command in parse_commands(PAGE) if not command.line.startswith("git ")]
    results = run_lines([command.line for command in commands], folder)
    strays = [
        (command.line, result)
        for command, result in zip(commands, results, strict=True)
        if result.exit_code not in command.exit_codes
    ]
    assert strays == []
    assert "example-" not in "".join(result.output for result in results)


def test_the_example_of_a_file_is_valid(tmp_path: Path) -> None:
    from emqxctl.declarative.files import load, read_layers
    from emqxctl.declarative.validation import check_document

    text = next(
        block.text for block in parse_blocks(PAGE) if block.language == "yaml" and "store-all" in block.text
    )
    (tmp_path / "acl.conf").write_text("{allow, all}.\n")
    (tmp_path / "c.yaml").write_text(text)
    document, problems = load(read_layers([str(tmp_path / "c.yaml")]), {})
    errors, doubts = check_document(document)
    assert (problems, errors) == ([], [])
    assert {doubt.code for doubt in doubts} == {"MISSING_VARIABLE"}


def test_the_page_names_every_kind() -> None:
    assert [name for name in all_kinds() if f"`{name}`" not in PAGE] == []
