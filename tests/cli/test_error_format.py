"""The format of errors: JSON from the first moment if the output is JSON."""

import json
from pathlib import Path

import pytest

from tests.conftest import Run

BAD_URL = {"EMQXCTL_URL": "nonsense"}
BAD_TIMEOUT = {"EMQXCTL_TIMEOUT": "soon"}
JSON_VARIABLE = {"EMQXCTL_OUTPUT": "json"}
FAILING: tuple[tuple[tuple[str, ...], dict[str, str], int], ...] = (
    (("nodes", "list", "-p", "nosuch"), {}, 3),
    (("-p", "nosuch", "nodes", "list"), {}, 3),
    (("nodes", "list"), BAD_URL, 3),
    (("nodes", "list"), BAD_TIMEOUT, 3),
    (("nodes", "list", "--limit", "x"), {}, 2),
    (("nodes", "lst"), {}, 2),
    (("nodes", "list", "--timeout", "soon"), {}, 2),
    (("keys", "test", "nosuch"), {}, 3),
    (("nodes",), {}, 2),
)


@pytest.mark.parametrize(("words", "env", "code"), FAILING)
def test_errors_are_json_if_an_option_or_a_variable_says_so(
    run: Run, words: tuple[str, ...], env: dict[str, str], code: int
) -> None:
    for options in (("-o", "json"), ("-ojson",), ("--output=jsonl",), ("--json",)):
        for arguments in ((*options, *words), (*words, *options)):
            result = run(*arguments, env=env)
            assert (result.code, result.error["exit_code"]) == (code, code), (arguments, result.err)
    result = run(*words, env={**env, **JSON_VARIABLE})
    assert (result.code, result.error["exit_code"]) == (code, code), result.err
    assert not run(*words, "-o", "table", env={**env, **JSON_VARIABLE}).err.startswith("{")


def test_errors_of_broken_files_are_json(run: Run, home: Path) -> None:
    folder = home / "config"
    folder.mkdir()
    (folder / "preferences.toml").write_text('output = "json"\n')
    assert run("nodes", "list", "-p", "nosuch").error["code"] == "NO_SUCH_PROFILE"
    for name in ("preferences.toml", "config.toml"):
        (folder / name).write_text("broken = [")
        (folder / name).chmod(0o600)
        for arguments, env in ((("nodes", "list", "-o", "json"), {}), (("nodes", "list"), JSON_VARIABLE)):
            result = run(*arguments, env=env)
            assert (result.code, result.error["exit_code"]) == (3, 3), result.err
            assert json.loads(result.err)["error"]["message"].count(name) == 1
        assert run("nodes", "list").err.startswith("emqxctl: ")
        (folder / name).unlink()
