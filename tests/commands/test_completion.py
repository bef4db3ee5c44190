"""`emqxctl completion`: scripts that a shell accepts."""

import subprocess
from pathlib import Path

import pytest

from tests.conftest import Run


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
