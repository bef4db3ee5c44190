"""Every example of every help page, run as it stands against a simulated cluster."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from emqxctl.cli.root import build_root
from emqxctl.cli.spec import CommandSpec, Effect
from emqxctl.commands.commands import walk
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Ran, Run
from tests.support.examples import FILES, WRITTEN, make_files, words_of
from tests.support.openapi import problems

PASSWORD = "public"  # of the sandbox's dashboard
OF_A_TERMINAL = ("keys add", "users create", "users password")  # they ask for what is not given
NEEDS_MORE = {  # than a file of one line
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
    for path, command in walk(build_root()):
        for example in command.spec.examples:
            yield path.removeprefix("emqxctl "), command.spec, example


GROUPS = sorted({path.split()[0] for path, _, _ in every_example()} - {"sandbox"})


def words_here(path: str, example: str, sandbox: Sandbox) -> list[str]:
    """Take an example's words, with what exists here: this address, this node; and soon over."""
    words = list(words_of(example))
    for number, word in enumerate(words):
        if words[number - 1] == "--url":
            words[number] = sandbox.url
        elif words[number - 1] == "--over":
            words[number] = "10ms"
        elif word == "emqx@10.0.0.1":
            words[number] = next(iter(sandbox.cluster.nodes))
    return [*words, *SOONER.get(path, ())]


def make_secrets(words: list[str], folder: Path) -> None:
    """Make the files with the passwords that an example names."""
    for before, word in pairwise(words):
        written = before in WRITTEN or (before == "--secret-file" and words[0] == "api-keys")
        if before.startswith("--") and before.endswith("-file") and not written and word != "-":
            (folder / word).write_text(PASSWORD)


@pytest.fixture
def do(
    run: Run, home: Path, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[list[str]], Ran]:
    """Give what runs an example as the profile prod, in a folder with the files it names."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    config = home / "config" / "config.toml"
    config.parent.mkdir()
    key = f'url = "{sandbox.url}"\napi_key = "{sandbox.api_key}"\napi_secret = "{sandbox.api_secret}"\n'
    profiles = "".join(f"[profiles.{name}]\n{key}" for name in ("prod", "staging", "old"))
    env = {"RETRIES": "0", "USERNAME": "admin", "PASSWORD": PASSWORD}

    def run_it(words: list[str]) -> Ran:
        new = words[:2] in (["keys", "add"], ["keys", "login"]) and "--replace" not in words
        config.write_text("" if new else f'current = "prod"\nprevious = "staging"\n{profiles}')
        config.chmod(0o600)
        make_files(tuple(words), folder)
        make_secrets(words, folder)
        return run(
            "--yes", *words, stdin=FILES[".jsonl"].encode(), env={f"EMQXCTL_{k}": v for k, v in env.items()}
        )

    return run_it


@pytest.mark.parametrize("group", GROUPS)
def test_examples_are_understood_and_end_well(
    group: str, do: Callable[[list[str]], Ran], sandbox: Sandbox
) -> None:
    faults: dict[str, object] = {}
    for path, declaration, example in every_example():
        if path.split()[0] != group or path in (*OF_A_TERMINAL, "traces tail"):
            continue
        words = words_here(path, example, sandbox)
        if not words:
            continue
        if any(part in " ".join(words) for part in NEEDS_MORE):
            continue
        tries = [words] if declaration.effect is Effect.READ else [[*words, "--dry-run"], words]
        for one in tries:
            ran = do(one)
            if ran.code in (FAILED, USAGE, CONFIG) or any(word in ran.err for word in BUGS):
                faults[" ".join(one)] = (ran.code, ran.err)
    assert faults == {}
    assert strays(sandbox) == {}


def strays(sandbox: Sandbox) -> dict[str, object]:
    """Give the requests that were accepted though no version of EMQX documents them."""
    return {
        f"{one.method} {one.path}": found
        for one in sandbox.requests
        if one.status < 300
        and (one.method, one.path) != BEYOND
        and (found := problems(one.method, one.path, one.query, one.headers, one.body))
    }
