"""Commands that ask no server: errors, commands, help, completion; and the sandbox that keeps running."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from emqxctl.emqx.error_codes import CATALOG
from emqxctl.errors import ExitCode
from tests.conftest import Run


def test_errors_lists_the_whole_catalogue(run: Run) -> None:
    assert {row["code"] for row in run("errors", "-o", "json").json} == set(CATALOG)


def test_errors_explains_a_code_in_any_case(run: Run) -> None:
    result = run("errors", "bad_api_key_or_secret", "-o", "json")
    assert result.json["exit_code"] == 4
    assert result.json["hint"]


def test_errors_suggests_what_was_meant(run: Run) -> None:
    result = run("errors", "CLIENT_ID_NOT_FOUND")
    assert result.code == 6
    assert "CLIENTID_NOT_FOUND" in result.err


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


def test_commands_tell_all_of_each_command(run: Run) -> None:
    rows = {row["path"]: row for row in run("commands", "-o", "json").json}
    kick = rows["emqxctl clients kick"]
    assert kick["effect"] == "destroy"
    assert kick["operations"][0] == "DELETE /clients/{clientid}"
    assert kick["summary"].endswith(".")
    assert kick["examples"]
    assert any("--dry-run" in option["names"] for option in kick["options"])
    assert kick["arguments"][0]["multiple"]
    formats = next(option for option in kick["options"] if option["name"] == "--output")
    assert "jsonl" in formats["choices"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_completion_prints_a_script(run: Run, shell: str) -> None:
    result = run("completion", shell)
    assert result.code == 0
    assert "_EMQXCTL_COMPLETE" in result.out


def test_the_bash_script_completes(run: Run, tmp_path: Path) -> None:
    script = tmp_path / "emqxctl.bash"
    script.write_text(run("completion", "bash").out)
    result = subprocess.run(["bash", "-n", str(script)], capture_output=True, check=False)
    assert result.returncode == 0, result.stderr


@pytest.fixture
def started(run: Run) -> Iterator[dict[str, object]]:
    """Keep a sandbox running for one test."""
    result = run("sandbox", "start", "-o", "json")
    assert result.code == 0, result.err
    yield result.json
    assert run("sandbox", "stop").code == 0


def test_a_running_sandbox_is_found_and_keeps_its_state(run: Run, started: dict[str, object]) -> None:
    assert run("sandbox", "status", "-o", "json").json["url"] == started["url"]
    assert run("-p", "sandbox", "banned", "add", "clientid", "kept").code == 0
    assert "kept" in {row["who"] for row in run("-p", "sandbox", "banned", "list", "-o", "json").json}
    second_start = run("sandbox", "start", "-o", "json")
    assert second_start.json["url"] == started["url"]


def test_without_a_running_sandbox_one_is_made_for_the_command(run: Run) -> None:
    result = run("-p", "sandbox", "nodes", "list", "-o", "json")
    assert len(result.json) == 3
    assert "simulated" in result.err
    assert run("sandbox", "status").code == 8
    assert run("-p", "sandbox", "nodes", "list", "-q").err == ""


def test_json_errors_are_one_object(run: Run) -> None:
    error = json.loads(run("errors", "NOPE", "-o", "json").err)["error"]
    assert {"code", "message", "hint", "exit_code"} <= set(error)
