"""Prompts at a real terminal: the secret without echo, Ctrl-C in the middle."""

import os
import pty
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.support.sandboxes import EMQXCTL, bulk_ids, replace_clients


class Terminal:
    """A person at a terminal, who waits for a text on the screen and types lines."""

    def __init__(self, *words: str) -> None:
        """Start the program in the terminal."""
        self.controller, terminal = pty.openpty()
        self.screen = b""
        self.child = subprocess.Popen(
            ["setsid", "--ctty", "--wait", EMQXCTL, *words],  # Ctrl-C reaches only the terminal's session
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            env={**os.environ, "TERM": "xterm"},
        )
        os.close(terminal)

    def wait_for(self, text: str) -> None:
        """Read until a text is on the screen."""
        while text.encode() not in self.screen:
            self.screen += os.read(self.controller, 1024)

    def type(self, text: str) -> None:
        """Type a text, which may contain Enter."""
        os.write(self.controller, text.encode())

    def end(self) -> int:
        """Read to the end and return the exit code."""
        try:
            while piece := os.read(self.controller, 1024):
                self.screen += piece
        except OSError:  # the other end of a terminal is closed
            pass
        os.close(self.controller)
        return self.child.wait(timeout=30)


def answer_prompts(terminal: Terminal, sandbox: Sandbox) -> None:
    """Type URL, API key and secret when they are prompted for."""
    terminal.wait_for("URL of the cluster")
    terminal.type(sandbox.url + "\n")
    terminal.wait_for("API key: ")
    terminal.type(sandbox.api_key + "\n")
    terminal.wait_for("API secret (not shown): ")
    terminal.type(sandbox.api_secret + "\n")


def test_add_prompts_for_missing_values_and_does_not_show_the_secret(sandbox: Sandbox, home: Path) -> None:
    terminal = Terminal("keys", "add", "prod")
    answer_prompts(terminal, sandbox)
    assert terminal.end() == 0, terminal.screen
    assert sandbox.api_secret.encode() not in terminal.screen
    profile = tomllib.loads((home / "config" / "config.toml").read_text())["profiles"]["prod"]
    assert profile["api_secret"] == sandbox.api_secret


def test_ctrl_c_at_a_prompt_stores_nothing(home: Path) -> None:
    terminal = Terminal("keys", "add", "prod", "--url", "http://127.0.0.1:1", "--api-key", "k")
    terminal.wait_for("not shown")
    terminal.type("\x03")
    assert terminal.end() == 130, terminal.screen
    assert b"Traceback" not in terminal.screen
    assert not (home / "config" / "config.toml").exists()


def test_the_message_about_ctrl_c_begins_a_line(home: Path) -> None:
    for words, question in (
        (("keys", "add", "prod"), "URL of the cluster"),
        (("keys", "add", "prod", "--url", "http://127.0.0.1:1", "--api-key", "k"), "not shown"),
    ):
        terminal = Terminal(*words)
        terminal.wait_for(question)
        terminal.type("\x03")
        assert terminal.end() == 130, terminal.screen
        assert b"\nemqxctl: interrupted" in re.sub(rb"\r|\x1b\[[0-9;]*m", b"", terminal.screen)


def test_add_prompts_for_url_key_and_secret_whatever_is_current(sandbox: Sandbox, home: Path) -> None:
    config = home / "config" / "config.toml"
    config.parent.mkdir()
    config.write_text('current = "prod"\n[profiles.prod]\nurl = "http://127.0.0.1:9"\napi_key = "prod-key"\n')
    config.chmod(0o600)
    terminal = Terminal("keys", "add", "new")
    answer_prompts(terminal, sandbox)
    assert terminal.end() == 0, terminal.screen
    profile = tomllib.loads(config.read_text())["profiles"]["new"]
    assert (profile["url"], profile["api_key"]) == (sandbox.url, sandbox.api_key)


def kick_all_at_a_terminal(sandbox: Sandbox, answer: str) -> Terminal:
    """Kick 150 clients and answer the prompt."""
    replace_clients(sandbox, bulk_ids(150))
    words = ("--url", sandbox.url, "--api-key", sandbox.api_key, "--api-secret-file", "secret")
    terminal = Terminal("clients", "kick", "--all", *words)
    terminal.wait_for("Kick 150 clients")
    terminal.wait_for("Type 150 to confirm: ")
    terminal.type(answer + "\n")
    return terminal


def test_many_targets_are_confirmed_by_their_number(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret").write_text(sandbox.api_secret)
    assert kick_all_at_a_terminal(sandbox, "y").end() == 14
    assert len(sandbox.cluster.clients) == 150
    assert kick_all_at_a_terminal(sandbox, "150").end() == 0
    assert not sandbox.cluster.clients
