"""Every command of the tree keeps the promises that all of them make."""

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from emqxctl.cli.command import Command
from emqxctl.cli.group import Deferred
from emqxctl.cli.root import build_root, walk_commands
from emqxctl.cli.sections import ALIASES, GROUPS
from emqxctl.cli.spec import Effect
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.every_case import check_every

ROOT = build_root()
COMMANDS = dict(walk_commands(ROOT))
PATHS = sorted(COMMANDS)
CALL = re.compile(r"(GET|POST|PUT|DELETE|PATCH) /[a-z0-9_/{}.\[\]-]*", re.IGNORECASE)
OPTION_NAME = re.compile(r"-[a-zA-Z]|--[a-z0-9]+(-[a-z0-9]+)*")
# The result of these is a health check: it is on stdout whatever the exit code is.
HEALTH_CHECKS = frozenset(
    {"emqxctl status", "emqxctl check", "emqxctl listeners certs", "emqxctl messages why"}
)
# Their files, or their node; see their own tests.
CHECKED_BEFORE_CONFIRMATION = frozenset(
    {
        "emqxctl listeners set-cert",
        "emqxctl nodes drain",
        "emqxctl authentication users import",
        "emqxctl gateways users import",
    }
)


def test_the_walk_sees_the_tree() -> None:
    assert {path.split()[1] for path in PATHS} == {name for name, _ in GROUPS}
    assert len(PATHS) > 400


def test_a_group_has_the_summary_that_the_root_lists() -> None:
    def check(group: tuple[str, str]) -> None:
        name, summary = group
        assert import_module(find_deferred(name).module).app.info.help == summary

    check_every(GROUPS, check)


def test_a_lazy_command_has_the_summary_that_its_group_lists() -> None:
    def check(entry: tuple[str, Deferred, Any]) -> None:
        _, listed, loaded = entry
        assert (loaded.help or "").partition("\n")[0] == listed.help

    entries = [entry for entry in walk_deferred(ROOT, "emqxctl") if entry[0].count(" ") > 1]
    assert "emqxctl keys login" in {path for path, _, _ in entries}
    check_every(entries, check, name=lambda entry: entry[0])


def test_a_group_does_not_import_its_lazy_commands() -> None:
    code = (
        "import sys; from emqxctl.cli.app import main; main(['keys', 'list']); print(*sys.modules, sep='\\n')"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    modules = set(result.stdout.split("\n"))
    assert "emqxctl.commands.keys" in modules
    assert not {"emqxctl.commands.keys.login", "emqxctl.commands.keys.rotate"} & modules


def test_an_alias_leads_to_its_group_and_is_hidden() -> None:
    for alias, name in ALIASES:
        assert find_deferred(alias).hidden
        assert find_deferred(alias).module == find_deferred(name).module


def test_every_command_accepts_an_output_format_and_can_be_silenced() -> None:
    def check(path: str) -> None:
        names = {name for option in COMMANDS[path].params for name in option.opts}
        assert {"--output", "--json", "--quiet", "--no-input", "--debug"} <= names
        if COMMANDS[path].spec.effect is not Effect.READ:
            assert {"--yes", "--dry-run"} <= names

    check_every(PATHS, check)


def test_option_names_are_in_kebab_case_and_have_one_meaning() -> None:
    def check(path: str) -> None:
        options = [option for option in COMMANDS[path].params if option.param_type_name == "option"]
        names = [name for option in options for name in (*option.opts, *option.secondary_opts)]
        assert sorted(names) == sorted(set(names))
        assert [name for name in names if not OPTION_NAME.fullmatch(name)] == []

    check_every(PATHS, check)


def test_operations_are_spelled_as_in_emqx_documents() -> None:
    def check(path: str) -> None:
        assert [call for call in COMMANDS[path].spec.calls if not CALL.fullmatch(call)] == []

    check_every(PATHS, check)


def test_destructive_commands_require_confirmation(run: Run, cluster: Sandbox) -> None:
    destructive = [path for path in PATHS if COMMANDS[path].spec.effect is Effect.DESTROY]
    destructive = [path for path in destructive if path not in CHECKED_BEFORE_CONFIRMATION]

    def check(path: str) -> None:
        result = run(*path.split()[1:], *required_arguments(COMMANDS[path]))
        assert result.code == 14, result.err
        assert result.stdout == b""
        assert {request.method for request in cluster.requests} <= {"GET"}

    run("keys", "add", "x", "--api-secret-file", "-", "--no-verify", stdin=b"s\n")
    check_every(destructive, check)


def test_without_a_cluster_every_command_says_how_to_add_one(run: Run) -> None:
    remote = [path for path in PATHS if not COMMANDS[path].spec.local]

    def check(path: str) -> None:
        result = run(*path.split()[1:], *required_arguments(COMMANDS[path]), "--no-input", "-y")
        assert result.code in {2, 3}, result.err
        assert result.stdout == b""
        assert "hint: " in result.err
        assert "Traceback" not in result.err

    check_every(remote, check)


def test_debug_shows_requests_but_no_secret(run: Run, cluster: Sandbox) -> None:
    def check(path: str) -> None:
        before = len(cluster.requests)
        result = run(*path.split()[1:], "--debug", "--no-input")
        assert cluster.api_secret not in result.out + result.err
        assert "c2FuZGJveDpz" not in result.err  # the beginning of key and secret as basic authentication
        assert "Traceback" not in result.err
        assert result.code in ({0, 8, 11} if path in HEALTH_CHECKS else {0, 6, 13}), result.err
        sent = cluster.requests[before:]  # nothing by `explain` without a kind
        is_authorized = any(request.headers.get("authorization") for request in sent)
        assert "> authorization: ******" in result.err or not is_authorized

    check_every(remote_readers(), check)


def test_json_is_json_and_a_failure_is_an_object(run: Run, cluster: Sandbox) -> None:
    def check(path: str) -> None:
        result = run(*path.split()[1:], "-o", "json")
        if result.code == 0 or (path in HEALTH_CHECKS and result.code in {8, 11}):
            assert result.json is not None
        else:
            assert result.out == ""
            assert result.error["exit_code"] == result.code

    check_every(remote_readers(), check)


def find_deferred(name: str) -> Deferred:
    """Return a group of the root as it is listed."""
    group = ROOT.commands[name]
    assert isinstance(group, Deferred)
    return group


def walk_deferred(entry: Any, path: str) -> Iterator[tuple[str, Deferred, Any]]:
    """Yield each lazy command and group below an entry: its path, as it is listed, as it is imported."""
    for name, listed in getattr(entry, "commands", {}).items():
        loaded = listed.load(ROOT) if isinstance(listed, Deferred) else listed
        if isinstance(listed, Deferred):
            yield f"{path} {name}", listed, loaded
        yield from walk_deferred(loaded, f"{path} {name}")


def remote_readers() -> list[str]:
    """Return the commands that read from a cluster with an API key and require no arguments."""
    return [
        path
        for path in PATHS
        if path != "emqxctl validate"  # requires files, unless it prints their schema
        and COMMANDS[path].spec.effect is Effect.READ
        and not required_arguments(COMMANDS[path])
        and not COMMANDS[path].spec.local
        and not COMMANDS[path].spec.login
    ]


def required_arguments(command: Command) -> list[str]:
    """Return valid values for a command's required arguments and options, and --all for a selection."""
    words = []
    for parameter in command.params:
        if parameter.required and parameter.param_type_name == "argument":
            words.append(sample_value(parameter))
        elif parameter.required:
            words += [parameter.opts[0], sample_value(parameter)]
    return [*words, "--all"] if command.spec.bulk else words


def sample_value(parameter: Any) -> str:
    """Return a valid value of an argument or option."""
    choices = getattr(parameter.type, "choices", None)
    if choices:
        return str(getattr(choices[0], "value", choices[0]))
    number = "1" if parameter.type.name in {"integer", "integer range", "int", "int range"} else "x"
    return str(getattr(parameter.type, "example", "") or number)
