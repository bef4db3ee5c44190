"""Every example of every help page, run as it stands against a simulated cluster."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from emqxctl.cli.root import build_root, walk_commands
from emqxctl.cli.spec import CommandSpec, Effect
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run, RunResult
from tests.support.examples import FILE_CONTENTS, OUTPUT_OPTIONS, parse_example, write_example_files
from tests.support.openapi import find_problems

PASSWORD = "public"  # of the sandbox's dashboard
OF_A_TERMINAL = ("keys add", "users create", "users password")  # they ask for what is not given
NEEDS_MORE = {  # than a file of one line
    "apply --plan",
    "diff -f cluster.yaml --drift",
    "authentication users load - --rate",
    "clients kick --resume",
    "publish-bulk messages.csv",
    "schemas bundle",
    "authorization rules users load",
    "authorization rules clients load",
    "authorization rules users create ann -f",
    "authorization rules clients create dev-1 -f",
    "authorization rules all set -f",
}
SOONER = {
    "wait": ("--timeout", "0", "--stable", "0"),
    "top": ("--once",),
    "bundle": ("--interval", "1ms", "--force"),
}
# EMQX shows a duration of the rule engine as milliseconds and takes it back so; its document wants "10s".
BEYOND = ("PUT", "/api/v5/rule_engine")
BUGS = ("Traceback", "UNEXPECTED")
FAILED, USAGE, CONFIG = 1, 2, 3


def every_example() -> Iterator[tuple[str, CommandSpec, str]]:
    """Give each example with its command."""
    for path, command in walk_commands(build_root()):
        for example in command.spec.examples:
            yield path.removeprefix("emqxctl "), command.spec, example


GROUPS = sorted({path.split()[0] for path, _, _ in every_example()} - {"sandbox"})


def words_here(path: str, example: str, sandbox: Sandbox) -> list[str]:
    """Take an example's words, with what exists here: this address, this node; and soon over."""
    arguments = list(parse_example(example))
    for number, word in enumerate(arguments):
        if arguments[number - 1] == "--url":
            arguments[number] = sandbox.url
        elif arguments[number - 1] == "--over":
            arguments[number] = "10ms"
        elif word == "emqx@10.0.0.1":
            arguments[number] = next(iter(sandbox.cluster.nodes))
    return [*arguments, *SOONER.get(path, ())]


def make_secrets(arguments: list[str], folder: Path) -> None:
    """Make the files with the passwords that an example names."""
    for before, word in pairwise(arguments):
        text = before in OUTPUT_OPTIONS or (before == "--secret-file" and arguments[0] == "api-keys")
        if before.startswith("--") and before.endswith("-file") and not text and word != "-":
            (folder / word).write_text(PASSWORD)


@pytest.fixture
def do(
    run: Run, home: Path, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[list[str]], RunResult]:
    """Give what runs an example as the profile prod, in a folder with the files it names."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    config = home / "config" / "config.toml"
    config.parent.mkdir()
    key = f'url = "{sandbox.url}"\napi_key = "{sandbox.api_key}"\napi_secret = "{sandbox.api_secret}"\n'
    profiles = "".join(f"[profiles.{name}]\n{key}" for name in ("prod", "staging", "old"))
    env = {"RETRIES": "0", "USERNAME": "admin", "PASSWORD": PASSWORD}

    def run_it(arguments: list[str]) -> RunResult:
        new = arguments[:2] in (["keys", "add"], ["keys", "login"]) and "--replace" not in arguments
        config.write_text("" if new else f'current = "prod"\nprevious = "staging"\n{profiles}')
        config.chmod(0o600)
        write_example_files(tuple(arguments), folder)
        make_secrets(arguments, folder)
        return run(
            "--yes",
            *arguments,
            stdin=FILE_CONTENTS[".jsonl"].encode(),
            env={f"EMQXCTL_{k}": v for k, v in env.items()},
        )

    return run_it


@pytest.mark.parametrize("group", GROUPS)
def test_examples_are_understood_and_end_well(
    group: str, do: Callable[[list[str]], RunResult], sandbox: Sandbox
) -> None:
    faults: dict[str, object] = {}
    for path, spec, example in every_example():
        if path.split()[0] != group or path in (*OF_A_TERMINAL, "traces tail"):
            continue
        arguments = words_here(path, example, sandbox)
        if not arguments:
            continue
        if any(part in " ".join(arguments) for part in NEEDS_MORE):
            continue
        tries = [arguments] if spec.effect is Effect.READ else [[*arguments, "--dry-run"], arguments]
        for attempt in tries:
            result = do(attempt)
            if result.code in (FAILED, USAGE, CONFIG) or any(word in result.err for word in BUGS):
                faults[" ".join(attempt)] = (result.code, result.err)
    assert faults == {}
    assert strays(sandbox) == {}


def strays(sandbox: Sandbox) -> dict[str, object]:
    """Give the requests that were accepted though no version of EMQX documents them."""
    return {
        f"{example.method} {example.path}": matches
        for example in sandbox.requests
        if example.status < 300
        and (example.method, example.path) != BEYOND
        and (
            matches := find_problems(
                example.method, example.path, example.query, example.headers, example.body
            )
        )
    }
