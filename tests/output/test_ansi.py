"""Emphasis in help and errors: on terminals that show styles, never elsewhere."""

import pytest

from tests.conftest import Run

BOLD = "\x1b[1m"


@pytest.mark.parametrize(
    ("terminal", "env", "words", "shown"),
    [
        (True, {"TERM": "xterm"}, (), True),
        (False, {"TERM": "xterm"}, (), False),
        (True, {"TERM": "dumb"}, (), False),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}, (), False),
        (True, {"TERM": "xterm"}, ("--color", "never"), False),
        (False, {"TERM": "xterm"}, ("--color", "always"), True),
    ],
)
def test_errors_are_emphasized_on_terminals(
    run: Run, terminal: bool, env: dict[str, str], words: tuple[str, ...], shown: bool
) -> None:
    result = run(
        "rules",
        "get",
        "x",
        "--retries",
        "0",
        "--url",
        "http://127.0.0.1:9",
        *words,
        terminal=terminal,
        env=env,
    )
    assert result.code != 0
    assert ("\x1b[1;31memqxctl:\x1b[0m" in result.err) is shown
    assert ("\x1b[1mhint:\x1b[0m" in result.err) is shown


@pytest.mark.parametrize("no_color", ["", "1"])
def test_headings_of_help_are_bold_on_terminals(run: Run, no_color: str) -> None:
    env = {"TERM": "xterm", "NO_COLOR": no_color}
    for words in (("rules", "list", "--help"), ("help", "rules", "list")):
        assert (BOLD in run(*words, terminal=True, env=env).out) is (not no_color), words
        assert "\x1b" not in run(*words, env=env).out
