"""`emqxctl help`: topics, the global options, and the help page of any command."""

import re

import pytest

from emqxctl.cli.options import GLOBAL_PANELS, PANELS
from emqxctl.errors import ExitCode
from emqxctl.guide import GUIDES
from tests.conftest import Run


def test_without_a_topic_the_topics_are_listed(run: Run) -> None:
    result = run("help", "-o", "json")
    topics = {row["topic"] for row in result.json}
    assert topics == {"exit-codes", "environment", "formatting", "options", *GUIDES}
    assert {run("help", topic).code for topic in topics} == {0}


def test_exit_codes_are_those_of_the_enum(run: Run) -> None:
    values = {row["code"]: row["meaning"] for row in run("help", "exit-codes", "-o", "json").json}
    assert values == {int(code): code.meaning for code in ExitCode}


def test_every_shared_option_has_its_variable(run: Run) -> None:
    values = {row["variable"] for row in run("help", "environment", "-o", "json").json}
    assert {
        "EMQXCTL_URL",
        "EMQXCTL_API_KEY",
        "EMQXCTL_API_SECRET",
        "EMQXCTL_CA_FILE",
        "EMQXCTL_OUTPUT",
    } <= values


def test_the_global_options_are_listed_on_their_page(run: Run) -> None:
    page = run("help", "options").out
    listed = set(re.findall(r"--[a-z][a-z-]+", page))
    names = {name for panel in GLOBAL_PANELS for name in PANELS[panel]} - {"api_secret"}
    assert {"--" + name.replace("_", "-") for name in names} | {"--help", "--version"} <= listed


@pytest.mark.parametrize(
    "words", [("nodes",), ("nodes", "list"), ("keys", "rotate"), ("authz", "rules", "users")]
)
def test_help_of_a_command_is_its_help_page(run: Run, words: tuple[str, ...]) -> None:
    assert run("help", *words).out == run(*words, "--help").out


@pytest.mark.parametrize("words", [("nope",), ("nodes", "nope"), ("options", "nodes")])
def test_an_unknown_topic_or_command_is_named(run: Run, words: tuple[str, ...]) -> None:
    result = run("help", *words)
    assert result.code == 2
    assert f"no such topic or command '{' '.join(words)}'" in result.err


def test_each_line_of_formatting_keeps_its_place(run: Run) -> None:
    lines = run("help", "formatting").out.splitlines()
    starts = [line.split()[0] for line in lines if line.startswith("  -")]
    assert starts == ["-o"] * 8 + ["--fields", *["--where"] * 3, "--sort", "--limit", "--query"]
    assert max(map(len, lines)) <= 80


def test_a_part_of_a_topic_names_the_topic(run: Run) -> None:
    result = run("help", "git")
    assert result.code == ExitCode.USAGE
    assert "hint: did you mean 'cluster-in-git'?" in result.err
