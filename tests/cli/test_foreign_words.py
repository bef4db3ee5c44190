"""Words of other command lines lead to the commands and options of emqxctl."""

import shlex
from collections.abc import Iterator
from typing import Any

import pytest

from emqxctl.cli.foreign_words import COMMANDS, GROUP_COMMANDS, OPTIONS
from emqxctl.cli.group import Deferred
from emqxctl.cli.root import build_root, walk_commands
from tests.conftest import Run
from tests.support.every_case import check_every

ROOT = build_root()


def walk_groups(entry: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    entry = entry.load(ROOT) if isinstance(entry, Deferred) else entry
    if hasattr(entry, "commands"):
        yield path, entry
        for name, command in entry.commands.items():
            if not command.hidden:
                yield from walk_groups(command, (*path, name))


def test_words_at_the_top_lead_to_commands_that_exist(run: Run) -> None:
    commands = {path for path, _ in walk_commands(ROOT)} | {" ".join(("emqxctl", *p)) for p, _ in GROUPS}

    def check(word: str) -> None:
        if word in ROOT.commands:
            return
        result = run(word)
        assert result.code == 2
        assert f"hint: did you mean emqxctl {COMMANDS[word]}?\n" in result.err
        target = COMMANDS[word].rpartition("such as emqxctl ")[2]
        words = [part for part in target.split() if part.islower() and not part.startswith("-")]
        assert " ".join(["emqxctl", *words]) in commands

    check_every(COMMANDS, check)


GROUPS = list(walk_groups(ROOT))


def test_words_in_groups_lead_to_commands_that_exist(run: Run) -> None:
    def check(word: str) -> None:
        seen = 0
        for path, group in GROUPS:
            target = next((name for name in GROUP_COMMANDS[word] if name in group.commands), "")
            if path and target and word not in group.commands and f"{word}s" not in group.commands:
                result = run(*path, word)
                expected = f"hint: did you mean {' '.join(('emqxctl', *path, target))}?\n"
                assert (result.code, expected in result.err) == (2, True), result.err
                seen += 1
        assert seen, "no group for this word"

    check_every(GROUP_COMMANDS, check)


def test_options_lead_to_options_that_the_command_has(run: Run) -> None:
    commands = [(path, command) for path, command in walk_commands(ROOT)]

    def check(option: str) -> None:
        for name, text in OPTIONS[option]:
            owners = [
                path
                for path, command in commands
                if name in {parameter.name for parameter in command.params}
                and not {option} & {word for parameter in command.params for word in parameter.opts}
                and next(n for n, _ in OPTIONS[option] if n in {p.name for p in command.params}) == name
            ]
            assert owners, name
            result = run(*owners[0].split()[1:], option, "x")
            assert (result.code, f"hint: did you mean {text}?\n" in result.err) == (2, True), result.err

    check_every(OPTIONS, check)


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("rules list --format json", "-o FORMAT"),
        ("rules list --format=json", "-o FORMAT"),
        ("clients list --jq '.[]'", "--query JMESPATH"),
        ("context use prod", "emqxctl keys"),
        ("login", "emqxctl keys login"),
        ("backups show x", "emqxctl backups get"),
        ("backups download x", "emqxctl backups get"),
        ("client list", "emqxctl clients"),
        ("--context prod nodes list", "-p NAME"),
        ("banned create x", "emqxctl banned add"),
        ("Clients list", "emqxctl clients"),
        ("create rule", "emqxctl GROUP create, such as emqxctl rules create"),
        ("publish-bulk -f messages.jsonl", "FILE as an argument"),
        ("users create ann --password x", "--new-password-file FILE (- for stdin)"),
        ("authentication users create ann --password x", "--password-file FILE (- for stdin)"),
        ("traces create slow --client dev-1", "clientid CLIENT_ID as arguments"),
        ("sandbox node set 2 mqtt.max_packet_size=1MB", "emqxctl sandbox node configure"),
        ("authorization purge", "emqxctl authorization rules purge"),
        ("traces tail --client dev-1 --duration 30s", "--for TIME"),
        ("keys add prod --no-test", "--no-verify"),
        ("stats list", "emqxctl stats get"),
        ("metrics list", "emqxctl metrics get"),
        (
            "authorization rules add ann",
            "emqxctl authorization rules users create or emqxctl authorization rules clients create",
        ),
    ],
)
def test_habits(run: Run, line: str, hint: str) -> None:
    result = run(*shlex.split(line))
    assert (result.code, f"hint: did you mean {hint}?\n" in result.err) == (2, True), result.err


def test_surplus_arguments_are_counted(run: Run) -> None:
    assert "got unexpected extra argument (a/b) [USAGE]" in run("retained", "clear", "a/b").err
    assert "got unexpected extra arguments (a/b c) [USAGE]" in run("retained", "clear", "a/b", "c").err


def test_a_typo_still_suggests_by_its_letters(run: Run) -> None:
    assert "did you mean 'clients'" in run("clietns").err
    assert "--limit?" in run("clients", "list", "--limitt", "3").err


def test_only_a_close_option_is_suggested(run: Run) -> None:
    assert "hint: did you mean --only?\n" in run("export", "--onyl", "rules").err
    assert "did you mean" not in run("apply", "--only", "rules", "-f", "x").err
