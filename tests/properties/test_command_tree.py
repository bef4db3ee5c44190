"""Every command of the tree keeps the promises that all of them make."""

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from emqxctl.cli.command import Command
from emqxctl.cli.group import Deferred
from emqxctl.cli.root import build_root, walk_commands
from emqxctl.cli.sections import ALIASES, GROUPS
from emqxctl.cli.spec import Effect
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run

ROOT = build_root()
COMMANDS = dict(walk_commands(ROOT))
PATHS = sorted(COMMANDS)


def deferred(name: str) -> Deferred:
    """Give a group of the root as it is listed."""
    found = ROOT.commands[name]
    assert isinstance(found, Deferred)
    return found


def test_the_walk_sees_the_tree() -> None:
    assert {path.split()[1] for path in PATHS} == {name for name, _ in GROUPS}
    assert len(PATHS) > 40


@pytest.mark.parametrize(("name", "summary"), GROUPS)
def test_a_group_is_what_the_root_says_of_it(name: str, summary: str) -> None:
    app = import_module(deferred(name).module).app
    assert app.info.help == summary
    assert len(summary) <= 60
    assert summary.endswith(".")


def deferred_entries(entry: Any, path: str) -> Iterator[tuple[str, Deferred, Any]]:
    """Yield each lazy command and group below an entry: its path, what its group lists, what is imported."""
    for name, listed in getattr(entry, "commands", {}).items():
        loaded = listed.load(ROOT) if isinstance(listed, Deferred) else listed
        if isinstance(listed, Deferred):
            yield f"{path} {name}", listed, loaded
        yield from deferred_entries(loaded, f"{path} {name}")


def test_a_lazy_command_is_what_its_group_says_of_it() -> None:
    entries = list(deferred_entries(ROOT, "emqxctl"))
    assert "emqxctl keys login" in {path for path, _, _ in entries}
    summaries = {
        path: (listed.help, (loaded.help or "").partition("\n")[0]) for path, listed, loaded in entries
    }
    assert {
        path: pair for path, pair in summaries.items() if pair[0] != pair[1] and path.count(" ") > 1
    } == {}


def test_a_group_does_not_import_its_lazy_commands() -> None:
    code = (
        "import sys; from emqxctl.cli.app import main; main(['keys', 'list']); print(*sys.modules, sep='\\n')"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    modules = set(ran.stdout.split("\n"))
    assert "emqxctl.commands.keys" in modules
    assert not {"emqxctl.commands.keys.login", "emqxctl.commands.keys.rotate"} & modules


@pytest.mark.parametrize(("alias", "name"), ALIASES)
def test_an_alias_leads_to_its_group_and_stays_hidden(alias: str, name: str) -> None:
    assert deferred(alias).hidden
    assert deferred(alias).module == deferred(name).module


@pytest.mark.parametrize("path", PATHS)
def test_help_is_one_sentence_with_examples_that_call_the_command(path: str) -> None:
    one = COMMANDS[path]
    first = (one.help or "").partition("\n")[0]
    assert 3 < len(first) <= 60, first
    assert first.endswith(".")
    assert one.spec.examples, path
    for example in one.spec.examples:
        assert all(word in example for word in path.split()[1:]), example


@pytest.mark.parametrize("path", PATHS)
def test_every_command_takes_an_output_format_and_can_be_silenced(path: str) -> None:
    names = {name for option in COMMANDS[path].params for name in option.opts}
    assert {"--output", "--json", "--quiet", "--no-input", "--debug"} <= names
    if COMMANDS[path].spec.effect is not Effect.READ:
        assert {"--yes", "--dry-run"} <= names


@pytest.mark.parametrize("path", PATHS)
def test_options_are_explained_in_kebab_case(path: str) -> None:
    for option in COMMANDS[path].params:
        if option.param_type_name == "option" and not getattr(option, "hidden", False):
            assert getattr(option, "help", ""), (path, option.name)
            for name in (*option.opts, *option.secondary_opts):
                assert re.fullmatch(r"-[a-zA-Z]|--[a-z0-9]+(-[a-z0-9]+)*", name), name


@pytest.mark.parametrize("path", PATHS)
def test_help_pages_fit_80_columns(run: Run, path: str) -> None:
    ran = run(*path.split()[1:], "--help", env={"COLUMNS": "80"})
    assert ran.code == 0
    body = ran.out.partition("Examples:")[0]
    assert max(map(len, body.splitlines())) <= 80


@pytest.mark.parametrize("path", PATHS)
def test_operations_are_spelled_as_in_emqx_documents(path: str) -> None:
    for call in COMMANDS[path].spec.calls:
        assert re.fullmatch(r"(GET|POST|PUT|DELETE|PATCH) /[a-z0-9_/{}.\[\]-]*", call, re.IGNORECASE), call


@pytest.mark.parametrize("path", PATHS)
def test_no_option_means_two_things(path: str) -> None:
    names = [
        name for one in COMMANDS[path].params for name in (*one.opts, *one.secondary_opts) if name[0] == "-"
    ]
    assert sorted(names) == sorted(set(names))


def sample(parameter: Any) -> str:
    """Give an argument a value that a command line may hold."""
    choices = getattr(parameter.type, "choices", None)
    if choices:
        return str(getattr(choices[0], "value", choices[0]))
    return "1" if parameter.type.name in {"integer", "integer range"} else "x"


def line(one: Command) -> list[str]:
    """Give a command's needed arguments and options."""
    words = []
    for parameter in one.params:
        if parameter.required and parameter.param_type_name == "argument":
            words.append(sample(parameter))
        elif parameter.required:
            words += [parameter.opts[0], sample(parameter)]
    return [*words, "--all"] if one.spec.bulk else words


DESTROYERS = [path for path in PATHS if COMMANDS[path].spec.effect is Effect.DESTROY]


@pytest.mark.parametrize("path", DESTROYERS)
def test_what_destroys_is_not_done_unasked(run: Run, cluster: Any, path: str) -> None:
    run("keys", "add", "x", "--api-secret-file", "-", "--no-verify", stdin=b"s\n")
    ran = run(*path.split()[1:], *line(COMMANDS[path]))
    assert ran.code == 14, ran.err
    assert ran.stdout == b""
    assert {one.method for one in cluster.requests} <= {"GET"}


LOCAL = [path for path in PATHS if not COMMANDS[path].spec.local]


@pytest.mark.parametrize("path", LOCAL)
def test_without_a_cluster_every_command_says_how_to_name_one(run: Run, path: str) -> None:
    ran = run(*path.split()[1:], *line(COMMANDS[path]), "--no-input", "-y")
    assert ran.code in {2, 3}, ran.err
    assert ran.stdout == b""
    assert "hint: " in ran.err
    assert "Traceback" not in ran.err


NEED_FILES = frozenset({"emqxctl validate"})  # unless the schema of files is asked for
READERS = [
    path
    for path in PATHS
    if path not in NEED_FILES
    and COMMANDS[path].spec.effect is Effect.READ
    and not line(COMMANDS[path])
    and not COMMANDS[path].spec.local
    and not COMMANDS[path].spec.login
]


# These judge the cluster: their answer stands on stdout also when it is 8, "not so".
JUDGES = frozenset({"emqxctl status", "emqxctl check"})


@pytest.mark.parametrize("path", READERS)
def test_debug_shows_requests_but_no_secret(run: Run, cluster: Sandbox, path: str) -> None:
    ran = run(*path.split()[1:], "--debug", "--no-input")
    assert cluster.api_secret not in ran.out + ran.err
    assert "c2FuZGJveDpz" not in ran.err  # the beginning of key and secret as basic authentication
    assert "Traceback" not in ran.err
    assert ran.code in ({0, 8} if path in JUDGES else {0, 6, 13}), ran.err
    assert "> authorization: ******" in ran.err or not cluster.requests[0].headers.get("authorization")


@pytest.mark.parametrize("path", READERS)
def test_json_is_json_and_a_failure_is_an_object(run: Run, cluster: Sandbox, path: str) -> None:
    ran = run(*path.split()[1:], "-o", "json")
    if ran.code == 0 or (path in JUDGES and ran.code == 8):
        assert ran.json is not None
    else:
        assert ran.out == ""
        assert ran.error["exit_code"] == ran.code
