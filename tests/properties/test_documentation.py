"""Generated files are current, and documents name only what exists."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from emqxctl.cli.root import build_root, walk_commands
from emqxctl.guide import GUIDES
from tests.build_pictures import draw_pictures
from tests.generate import build_files, list_stale_files
from tests.support.manual_pages import build_manual_pages, escape_roff

TOP = Path(__file__).parents[2]


def test_generated_files_are_current() -> None:
    assert list_stale_files(build_files()) == [], "run: poe docs"


def test_a_stale_file_is_noticed() -> None:
    files = build_files()
    name = "completions/man1/emqxctl-clients.1"
    changed = {**files, name: files[name] + "x"}
    assert name in list_stale_files(changed)
    del changed[name]
    assert name in list_stale_files(changed)


def test_the_man_page_of_a_group_has_the_options_of_each_command() -> None:
    pages = dict(build_manual_pages())
    missing = []
    for path, command in walk_commands(build_root()):
        page = pages[f"emqxctl-{path.split()[1]}.1"]
        options = [option for option in command.params if not getattr(option, "hidden", False)]
        texts = page + pages["emqxctl.1"]
        missing += [
            f"{path} {option.name}"
            for option in options
            if option.param_type_name == "option"
            if not any(escape_roff(name) in texts for name in option.opts)
        ]
        missing += [f"{path}: {line}" for line in command.spec.examples if escape_roff(line) not in page]
    assert missing == []


def test_man_pages_are_sound_roff(tmp_path: Path) -> None:
    if shutil.which("mandoc") is None:
        pytest.skip("mandoc is not installed")
    files = [str(TOP / name) for name in build_files() if name.endswith(".1")]
    lint = subprocess.run(
        ["mandoc", "-Tlint", "-Wwarning", *files], capture_output=True, text=True, check=False
    )
    assert [line for line in lint.stdout.splitlines() if "missing date" not in line] == []


def test_every_command_in_the_readme_exists() -> None:
    paths = {path for path, _ in walk_commands(build_root())}
    blocks = re.findall(r"^```sh\n(.*?)^```", (TOP / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    text = "\n".join(line.partition(" # ")[0] for block in blocks for line in block.split("\n"))
    named = re.findall(r"emqxctl (?:-p \S+ )?([a-z][a-z-]*)(?: ([a-z][a-z-]*))?", text)
    assert len(named) > 10
    for group, command in named:
        assert any(path.split()[1] == group for path in paths), group
        leaf = f"emqxctl {group}" in paths
        assert leaf or not command or f"emqxctl {group} {command}" in paths, (group, command)


def test_ci_runs_the_test_command_of_the_readme() -> None:
    readme, script = (TOP / "README.md").read_text(), (TOP / ".ci" / "run").read_text()
    command = re.search(r"^(python3 -m venv .*poe check.*)$", readme, re.MULTILINE)
    assert command
    assert command[1] in script


def top_level_names() -> set[str]:
    """Return the names at the top level that git tracks; all of them in an unpacked archive."""
    if not (TOP / ".git").exists():
        return {path.name for path in TOP.iterdir()}
    files = subprocess.run(["git", "ls-files"], cwd=TOP, capture_output=True, text=True, check=True).stdout
    return {name.partition("/")[0] for name in files.splitlines()}


def test_the_top_level_has_the_expected_names() -> None:
    expected = {"pyproject.toml", "README.md", "emqxctl", "tests", "completions", "CHANGELOG.md", "LICENSE"}
    assert {name for name in top_level_names() if not name.startswith(".")} == expected


def test_the_changelog_begins_with_what_is_unreleased() -> None:
    assert re.search(r"^# Changelog\n.*?\n## Unreleased\n", (TOP / "CHANGELOG.md").read_text(), re.DOTALL)


def test_the_fixed_packages_are_the_dependencies() -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
    names = {re.split(r"[<>=]", requirement)[0] for requirement in project["dependencies"]}
    assert names == {"typer", "requests", "rich", "platformdirs", "tomli-w", "jmespath", "PyYAML", "msgspec"}


def test_links_of_the_readme_lead_to_files() -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (TOP / "README.md").read_text())
    assert len(targets) > 10
    assert [target for target in targets if not (TOP / target).is_file()] == []
    assert {f"emqxctl/guide/{topic}.md" for topic in GUIDES} <= set(targets)


def test_pictures_show_what_the_commands_print_now() -> None:
    for name, svg in draw_pictures():
        picture = (TOP / ".github" / "pictures" / name).read_text("utf-8")
        assert read_words(picture) == read_words(svg), f"{name}: run: poe pictures"
        assert "href" not in picture
        assert "@import" not in picture


def read_words(svg: str) -> list[str]:
    """Return the words of a picture."""
    return re.findall(r"\S+", " ".join(ET.fromstring(svg).itertext()))
