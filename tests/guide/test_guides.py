"""Every guide: its commands run against a sandbox with the exit codes and the output that the page shows."""

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from emqxctl.cli.root import build_root, walk_commands
from emqxctl.guide import GUIDES, read_guide
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.guides import (
    API_KEY,
    URL,
    Block,
    CommandResult,
    GuideCommand,
    parse_blocks,
    parse_commands,
    run_lines,
    write_profiles,
)

OTHER_PAGES = {"cluster-in-git"}  # has a test of its own
WITHOUT_PROFILES = {"install", "first-cluster", "profiles"}
INLINE = re.compile(r"`(emqxctl [^`]*)`")
SHARED_FILES = {"secret.txt": "", "password.txt": "public\n", "ca.pem": ""}


def is_runnable(line: str) -> bool:
    """Return whether the programs of a line are installed; jq is the only one that may be missing."""
    return "jq" not in re.split(r"\W+", line) or shutil.which("jq") is not None


@pytest.fixture
def sandboxes() -> Iterator[dict[str, Sandbox]]:
    """Start the clusters of the pages: `prod`, `test` and `enterprise`."""
    with Sandbox() as prod, Sandbox() as test, Sandbox(edition="enterprise") as enterprise:
        yield {"prod": prod, "test": test, "enterprise": enterprise}


def prepare_folder(topic: str, sandboxes: dict[str, Sandbox], home: Path, folder: Path) -> None:
    """Write the profiles and files that a page starts from."""
    rows = [(name, sandbox.url, sandbox.api_key, sandbox.api_secret) for name, sandbox in sandboxes.items()]
    if topic not in WITHOUT_PROFILES:
        write_profiles(home / "config", rows)
    for name, content in SHARED_FILES.items():
        (folder / name).write_text(content)
    (folder / "secret.txt").write_text(sandboxes["prod"].api_secret + "\n")
    for block in parse_blocks(read_guide(topic)):
        if block.file_name:
            path = folder / block.file_name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text)


def substitute(line: str, sandbox: Sandbox) -> str:
    """Return a line with the example cluster replaced by a sandbox."""
    return line.replace(URL, sandbox.url).replace(API_KEY, sandbox.api_key).replace("...", sandbox.api_secret)


def find_deviations(command: GuideCommand, result: CommandResult) -> list[str]:
    """Return what differs from the page: the exit code, or lines that were not printed in this order."""
    deviations = []
    if result.exit_code not in command.exit_codes:
        deviations.append(f"{command.line}: exit {result.exit_code}\n{result.output}")
    printed = [line.rstrip() for line in result.output.splitlines()]
    for line in command.output:
        if line.strip() == "...":
            continue
        if line.rstrip() not in printed:
            deviations.append(f"{command.line}: not printed: {line}\n{result.output}")
            break
        printed = printed[printed.index(line.rstrip()) + 1 :]
    return deviations


@pytest.mark.parametrize("topic", sorted(set(GUIDES) - OTHER_PAGES))
def test_the_commands_of_a_guide_work_as_shown(
    topic: str, sandboxes: dict[str, Sandbox], home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "guide"
    folder.mkdir()
    prepare_folder(topic, sandboxes, home, folder)
    commands = parse_commands(read_guide(topic))
    runnable = [command for command in commands if is_runnable(command.line)]
    results = run_lines([substitute(command.line, sandboxes["prod"]) for command in runnable], folder)
    deviations = [
        deviation
        for command, result in zip(runnable, results, strict=True)
        for deviation in find_deviations(command, result)
    ]
    assert not deviations, "\n".join(deviations)
    if len(runnable) < len(commands):
        pytest.skip(f"jq is not installed: {len(commands) - len(runnable)} commands were not run")


def iterate_script_lines(block: Block) -> Iterator[str]:
    """Yield the commands of emqxctl in a block that is not a terminal session: a script, a CI file."""
    for line in block.text.replace("\\\n", " ").splitlines():
        for match in re.finditer(r"(?:^|[\s\"'(=])(emqxctl [^|;&>)\n]*)", line):
            yield match[1].partition(" # ")[0].rstrip("'\" ")


def check_command_line(line: str, specs: dict[str, frozenset[str]]) -> str:
    """Return why a command line is wrong, empty if its command and options exist."""
    try:
        words = shlex.split(line)
    except ValueError:
        words = line.split()
    words = words[1:]
    while words[:1] and words[0].startswith("-"):
        words = words[2:] if words[0] in {"-p", "--profile", "-o", "--url"} else words[1:]
    path = "emqxctl"
    prefixes = {" ".join(name.split()[:length]) for name in specs for length in range(2, 7)}
    while words and f"{path} {words[0]}" in prefixes:
        path += f" {words.pop(0)}"
    if path == "emqxctl":
        return (
            "" if not words or not words[0][:1].isalpha() or words[0].isupper() else f"{line}: not a command"
        )
    if path not in specs:
        is_group = not words or words[0].startswith("-")
        return "" if is_group else f"{line}: {path} has no {words[0]}"
    unknown = [
        word
        for word in words
        if word.startswith("-") and word != "-" and word.split("=")[0] not in specs[path]
    ]
    return f"{line}: {unknown}" if unknown else ""


@pytest.fixture(scope="module")
def option_names() -> dict[str, frozenset[str]]:
    """Return the names of the options of each command."""
    return {
        path: frozenset(name for option in command.params for name in (*option.opts, *option.secondary_opts))
        | {"--help", "-h", "--"}
        for path, command in walk_commands(build_root())
    }


@pytest.mark.parametrize("topic", sorted(GUIDES))
def test_commands_in_text_and_scripts_exist(topic: str, option_names: dict[str, frozenset[str]]) -> None:
    page = read_guide(topic)
    lines = [
        match[1]
        for match in INLINE.finditer(re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL))
    ]
    for block in parse_blocks(page):
        if block.language != "console":
            lines += iterate_script_lines(block)
    wrong = [problem for line in lines if (problem := check_command_line(line, option_names))]
    assert not wrong, "\n".join(wrong)


class TagLoader(yaml.SafeLoader):
    """A loader that reads the tags of state files (`!env`, `!file`) as text."""


TagLoader.add_multi_constructor("!", lambda loader, _tag, node: loader.construct_scalar(node))


@pytest.mark.parametrize("topic", sorted(GUIDES))
def test_blocks_of_yaml_and_json_are_sound(topic: str) -> None:
    for block in parse_blocks(read_guide(topic)):
        if block.language == "yaml":
            assert yaml.load(block.text, TagLoader), block.text
        if block.language == "json":
            assert [json.loads(line) for line in block.text.splitlines()]


def test_each_file_is_a_guide_with_a_title_and_a_line_on_it() -> None:
    names = {
        path.name.removesuffix(".md")
        for path in files("emqxctl.guide").iterdir()
        if path.name.endswith(".md")
    }
    assert names == set(GUIDES)
    for topic, summary in GUIDES.items():
        assert read_guide(topic).startswith("# "), topic
        assert len(summary) <= 60, topic
        assert summary.endswith("."), topic


@pytest.mark.parametrize("topic", sorted(GUIDES))
def test_links_of_a_guide_lead_to_pages_that_exist(topic: str) -> None:
    folder = Path(str(files("emqxctl.guide")))
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", read_guide(topic))
    assert [target for target in targets if not (folder / target).is_file()] == []


def test_help_shows_a_guide_as_markdown_in_a_pipe_and_laid_out_on_a_terminal(run: Run) -> None:
    assert run("help", "install").out == read_guide("install")
    assert run("help", "install", "-o", "json").json == {
        "topic": "install",
        "markdown": read_guide("install"),
    }
    env = {"PAGER": "cat", "COLUMNS": "80"}
    output = run("help", "profiles", terminal=True, env=env).out
    assert "```" not in output
    assert "(profiles.md)" not in run("help", "first-cluster", terminal=True, env=env).out
    assert "(emqxctl help profiles)" in " ".join(
        re.sub(r"\x1b\[[0-9;]*m", "", run("help", "first-cluster", terminal=True, env=env).out).split()
    )
