"""`secret_command`: no shell, no input, a timeout; its error output is shown, its secret is not."""

from pathlib import Path
from time import monotonic

import pytest

from emqxctl.config import credentials
from emqxctl.errors import ConfigError


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """Return the path of an empty script."""
    script_file = tmp_path / "give me a secret"
    script_file.touch(0o700)
    return script_file


def test_nothing_is_expanded_and_the_first_line_is_the_secret(script: Path) -> None:
    script.write_text('#!/bin/sh\nprintf "%s|" "$@"; echo; echo more\n')
    words = (str(script), "$HOME", "*", "a b", ";", "`id`", "$(id)", "")
    assert credentials.run_secret_command(words) == "$HOME|*|a b|;|`id`|$(id)||"


def test_it_has_no_input(script: Path) -> None:
    script.write_text("#!/bin/sh\nif read line; then echo read; else echo nothing; fi\n")
    assert credentials.run_secret_command((str(script),)) == "nothing"


def test_it_times_out(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "COMMAND_TIMEOUT", 0.3)
    script.write_text("#!/bin/sh\necho partial-secret\nsleep 20\necho done\n")  # the sleep outlives the shell
    start = monotonic()
    with pytest.raises(ConfigError, match=r"timed out after 0\.3 s") as error:
        credentials.run_secret_command((str(script),))
    assert monotonic() - start < 5
    assert "partial-secret" not in error.value.message + error.value.hint


@pytest.mark.parametrize("code", [0, 3, 127])
def test_its_error_output_is_shown(script: Path, code: int) -> None:
    script.write_text(f"#!/bin/sh\necho the agent is locked >&2\necho\necho s3cret\nexit {code}\n")
    with pytest.raises(ConfigError, match=f"exited with {code}: the agent is locked") as error:
        credentials.run_secret_command((str(script),))
    assert "s3cret" not in error.value.message


@pytest.mark.parametrize("word", ["/nonexistent/program", "", "a\x00b", "/", "/dev/null"])
def test_a_command_that_cannot_be_run_is_named(word: str) -> None:
    with pytest.raises(ConfigError, match="secret_command"):
        credentials.run_secret_command((word,))


def test_a_command_killed_by_a_signal_is_reported(script: Path) -> None:
    script.write_text("#!/bin/sh\nkill -9 $$\n")
    with pytest.raises(ConfigError, match="-9"):
        credentials.run_secret_command((str(script),))
