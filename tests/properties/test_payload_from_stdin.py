"""`emqxctl publish`: the payload from standard input."""

import json
import os
import subprocess

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.sandboxes import EMQXCTL, sandbox_env


def publish(sandbox: Sandbox, words: str, redirect: str) -> subprocess.CompletedProcess[str]:
    line = (
        f"{EMQXCTL} publish a/b {words} {redirect}"
        if redirect.startswith("<")
        else (f"{redirect} | {EMQXCTL} publish a/b {words}")
    )
    env = {**os.environ, **sandbox_env(sandbox)}
    return subprocess.run(["sh", "-c", line], env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("words", ["", "-", "-f -"])
def test_a_pipe_is_the_payload(sandbox: Sandbox, words: str) -> None:
    assert publish(sandbox, words, "printf 'on off'").returncode == 0
    assert json.loads(sandbox.requests[-1].body)["payload"] == "on off"


def test_a_redirected_file_is_the_payload(sandbox: Sandbox) -> None:
    assert publish(sandbox, "", f"< {__file__}").returncode == 0
    assert "redirected_file" in json.loads(sandbox.requests[-1].body)["payload"]


@pytest.mark.parametrize("redirect", ["< /dev/null", ":", "<&-"])
def test_no_payload_is_an_error(sandbox: Sandbox, redirect: str) -> None:
    done = publish(sandbox, "--retain", redirect)
    assert (done.returncode, "PAYLOAD or --file is required" in done.stderr) == (2, True)
    assert sandbox.requests == []


def test_an_explicit_stdin_may_be_empty(sandbox: Sandbox) -> None:
    assert publish(sandbox, "- --retain", ":").returncode == 0
    assert json.loads(sandbox.requests[-1].body)["payload"] == ""


def test_no_input_reads_no_pipe(sandbox: Sandbox) -> None:
    assert publish(sandbox, "--no-input", "echo x").returncode == 2


def test_both_spellings_of_a_client(cluster: Sandbox, run: Run) -> None:
    del cluster
    for words in (("subscriptions", "list"), ("clients", "list"), ("banned", "list")):
        results = [run(*words, option, "historian-01", "-o", "name") for option in ("--client", "--clientid")]
        assert (results[0].code, results[0].out) == (0, results[1].out)
    result = run("topics", "who", "telemetry/x", "--clientid", "historian-01", "-o", "json")
    assert result.code == 0, result.err
    assert "--client, --clientid" not in run("topics", "who", "--help").out
    assert run("certs", "list", "--ns", "x").code != 2
