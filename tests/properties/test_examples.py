"""Every example of every help page, run unchanged against a simulated cluster."""

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
PROMPTING = ("keys add", "users create", "users password")  # they prompt for what is missing
NEEDS_MORE = {  # than a file of one line
    "keys set prod --api-key",
    "apply --plan",
    "listeners set-cert",
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
SHORTENING_OPTIONS = {
    "wait": ("--timeout", "0", "--stable", "0"),
    "top": ("--once", "--interval", "500ms"),
    "bundle": ("--interval", "1ms", "--force"),
}
# EMQX shows a duration of the rule engine as milliseconds and takes it back so; its document wants "10s".
UNDOCUMENTED = ("PUT", "/api/v5/rule_engine")
BUGS = ("Traceback", "UNEXPECTED")
FAILED, USAGE, CONFIG = 1, 2, 3


def iterate_examples() -> Iterator[tuple[str, CommandSpec, str]]:
    """Yield each example with the path and the spec of its command."""
    for path, command in walk_commands(build_root()):
        for example in command.spec.examples:
            yield path.removeprefix("emqxctl "), command.spec, example


GROUPS = sorted({path.split()[0] for path, _, _ in iterate_examples()} - {"sandbox"})


def adapt_example(path: str, example: str, sandbox: Sandbox) -> list[str]:
    """Return an example's arguments with the sandbox's URL and node, and options that end it soon."""
    arguments = list(parse_example(example))
    for number, argument in enumerate(arguments):
        if arguments[number - 1] == "--url":
            arguments[number] = sandbox.url
        elif arguments[number - 1] == "--over":
            arguments[number] = "10ms"
        elif argument == "emqx@10.0.0.1":
            arguments[number] = next(iter(sandbox.cluster.nodes))
    return [*arguments, *SHORTENING_OPTIONS.get(path, ())]


def write_password_files(arguments: list[str], folder: Path) -> None:
    """Write the files with passwords that an example reads."""
    for option, argument in pairwise(arguments):
        is_output = option in OUTPUT_OPTIONS or (option == "--secret-file" and arguments[0] == "api-keys")
        if option.startswith("--") and option.endswith("-file") and not is_output and argument != "-":
            (folder / argument).write_text(PASSWORD)


RunArguments = Callable[[list[str]], RunResult]


@pytest.fixture
def run_arguments(
    run: Run, home: Path, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> RunArguments:
    """Return a function that runs an example as profile prod, in a folder with the files it reads."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    config = home / "config" / "config.toml"
    config.parent.mkdir()
    connection = (
        f'url = "{sandbox.url}"\napi_key = "{sandbox.api_key}"\napi_secret = "{sandbox.api_secret}"\n'
    )
    profiles = "".join(f"[profiles.{name}]\n{connection}" for name in ("prod", "staging", "old"))
    env = {"EMQXCTL_RETRIES": "0", "EMQXCTL_USERNAME": "admin", "EMQXCTL_PASSWORD": PASSWORD}

    def run_it(arguments: list[str]) -> RunResult:
        adds_profile = arguments[:2] in (["keys", "add"], ["keys", "login"]) and "--replace" not in arguments
        config.write_text("" if adds_profile else f'current = "prod"\nprevious = "staging"\n{profiles}')
        config.chmod(0o600)
        write_example_files(tuple(arguments), folder)
        write_password_files(arguments, folder)
        return run("--yes", *arguments, stdin=FILE_CONTENTS[".jsonl"].encode(), env=env)

    return run_it


@pytest.mark.parametrize("group", GROUPS)
def test_every_example_runs_without_a_usage_error(
    group: str, run_arguments: RunArguments, sandbox: Sandbox
) -> None:
    failures: dict[str, object] = {}
    for path, spec, example in iterate_examples():
        if path.split()[0] != group or path in (*PROMPTING, "traces tail"):
            continue
        arguments = adapt_example(path, example, sandbox)
        if not arguments or any(part in " ".join(arguments) for part in NEEDS_MORE):
            continue
        attempts = [arguments] if spec.effect is Effect.READ else [[*arguments, "--dry-run"], arguments]
        for attempt in attempts:
            result = run_arguments(attempt)
            if result.code in (FAILED, USAGE, CONFIG) or any(word in result.err for word in BUGS):
                failures[" ".join(attempt)] = (result.code, result.err)
    assert failures == {}
    assert find_undocumented_requests(sandbox) == {}


def find_undocumented_requests(sandbox: Sandbox) -> dict[str, object]:
    """Return the problems of accepted requests that no version of EMQX documents."""
    accepted = [request for request in sandbox.requests if request.status < 300]
    problems = {
        f"{request.method} {request.path}": find_problems(
            request.method, request.path, request.query, request.headers, request.body
        )
        for request in accepted
        if (request.method, request.path) != UNDOCUMENTED
    }
    return {operation: lines for operation, lines in problems.items() if lines}
