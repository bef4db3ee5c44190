"""Start-up: which modules a command must not import, and ratios to `python -c pass` it must keep."""

import os
import subprocess
import sys
from collections.abc import Mapping

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.benchmarks.start_up import best_ratios
from tests.support.sandboxes import sandbox_env

HEAVY = frozenset(
    {"requests", "urllib3", "rich", "yaml", "jmespath", "csv", "tomllib", "tomli_w", "platformdirs"}
)
PROBE = """
import sys
from emqxctl.cli.app import main
sys.stdout = sys.stderr = open('/dev/null', 'w')
code = main(sys.argv[1:])
sys.__stdout__.write(' '.join(sorted(sys.modules)))
"""


def loaded_modules(*words: str, env: Mapping[str, str] | None = None) -> set[str]:
    """Return the modules that a command line imports."""
    result = subprocess.run(
        [sys.executable, "-c", PROBE, *words],
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(result.stdout.split())


@pytest.mark.parametrize(
    "words", [("--help",), ("nodes", "--help"), ("nodes", "list", "--help"), ("nodes", "lst")]
)
def test_help_and_usage_errors_import_nothing_heavy(words: tuple[str, ...]) -> None:
    assert not HEAVY & loaded_modules(*words)


def test_the_root_imports_no_group() -> None:
    loaded = loaded_modules("--help")
    assert not [name for name in loaded if name.startswith("emqxctl.commands.")]
    assert "emqxctl.api" not in loaded


def test_a_command_imports_its_own_group_only() -> None:
    loaded = loaded_modules("nodes", "list", "--help")
    assert [name for name in loaded if name.startswith("emqxctl.commands.")] == ["emqxctl.commands.nodes"]


def test_completion_imports_nothing_heavy() -> None:
    env = {"_EMQXCTL_COMPLETE": "bash"}
    for line in ("no", "nodes li", "nodes list -o ", "clients list --conn-state ", "clients list --fields m"):
        assert not HEAVY & loaded_modules("--", env={**env, "_EMQXCTL_LINE": f"emqxctl {line}"}), line


@pytest.mark.parametrize("format_", ["json", "jsonl", "name", "table"])
def test_a_list_imports_only_what_it_needs(sandbox: Sandbox, format_: str) -> None:
    loaded = loaded_modules("nodes", "list", "-o", format_, env=sandbox_env(sandbox))
    assert "requests" in loaded
    assert not {"rich", "yaml", "jmespath", "tomli_w"} & loaded
    assert not [name for name in loaded if name.startswith("emqxctl.sandbox")]


def test_failures_import_the_catalogue_and_successes_do_not(sandbox: Sandbox) -> None:
    assert "emqxctl.emqx.error_codes" not in loaded_modules("nodes", "list", env=sandbox_env(sandbox))
    assert "emqxctl.emqx.error_codes" in loaded_modules(
        "nodes", "get", "nobody@nowhere", env=sandbox_env(sandbox)
    )


def test_the_version_needs_no_import() -> None:
    code = "import sys; sys.argv = ['emqxctl', '--version']\nimport emqxctl.__main__ as m, os\n"
    code += "os._exit = lambda code: sys.stdout.write(f'{code} ' + ' '.join(sys.modules))\nm.main()"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert result.stdout.startswith("emqxctl ")
    assert not {"typer", "re", "json", "emqxctl.cli", "emqxctl.errors"} & set(result.stdout.split())


# The budgets of the design, with slack for a loaded machine.
BUDGETS = {"--version": 2.0, "--help": 9.0, "TAB": 9.0, "TAB names": 20.0, "json": 20.0, "table": 24.0}


def test_start_up_stays_within_its_budgets(sandbox: Sandbox) -> None:
    ratios = best_ratios(sandbox_env(sandbox), rounds=8)
    assert {name: ratio for name, ratio in ratios.items() if ratio > BUDGETS.get(name, 99.0)} == {}
