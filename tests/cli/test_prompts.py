"""Questions at a real terminal: the secret without echo, Ctrl-C in the middle."""

import os
import pty
import subprocess
import sys
import tomllib
from pathlib import Path

from emqxctl.sandbox.server import Sandbox

EMQXCTL = str(Path(sys.executable).with_name("emqxctl"))


class Terminal:
    """A person at a terminal: waits for words on the screen, types lines."""

    def __init__(self, *words: str) -> None:
        """Start the program there."""
        self.ours, theirs = pty.openpty()
        self.screen = b""
        self.child = subprocess.Popen(
            ["setsid", "--ctty", "--wait", EMQXCTL, *words],  # Ctrl-C reaches only whom the terminal controls
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, "TERM": "xterm"},
        )
        os.close(theirs)

    def wait_for(self, words: str) -> None:
        """Read until words stand on the screen."""
        while words.encode() not in self.screen:
            self.screen += os.read(self.ours, 1024)

    def type(self, text: str) -> None:
        """Type, Enter included where wanted."""
        os.write(self.ours, text.encode())

    def end(self) -> int:
        """Read what is left and give the exit code."""
        try:
            while piece := os.read(self.ours, 1024):
                self.screen += piece
        except OSError:  # the other end of a terminal is closed
            pass
        os.close(self.ours)
        return self.child.wait(timeout=30)


def test_add_asks_for_what_is_missing_and_does_not_show_the_secret(sandbox: Sandbox, home: Path) -> None:
    terminal = Terminal("keys", "add", "prod")
    terminal.wait_for("URL of the cluster")
    terminal.type(sandbox.url + "\n")
    terminal.wait_for("API key: ")
    terminal.type(sandbox.api_key + "\n")
    terminal.wait_for("API secret (not shown): ")
    terminal.type(sandbox.api_secret + "\n")
    assert terminal.end() == 0, terminal.screen
    assert sandbox.api_secret.encode() not in terminal.screen
    stored = tomllib.loads((home / "config" / "config.toml").read_text())["profiles"]["prod"]
    assert stored["api_secret"] == sandbox.api_secret


def test_ctrl_c_in_a_question_stores_nothing(home: Path) -> None:
    terminal = Terminal("keys", "add", "prod", "--url", "http://127.0.0.1:1", "--api-key", "k")
    terminal.wait_for("not shown")
    terminal.type("\x03")
    assert terminal.end() == 130, terminal.screen
    assert b"Traceback" not in terminal.screen
    assert not (home / "config" / "config.toml").exists()


def test_add_asks_for_url_key_and_secret_whatever_is_current(sandbox: Sandbox, home: Path) -> None:
    config = home / "config" / "config.toml"
    config.parent.mkdir()
    config.write_text('current = "prod"\n[profiles.prod]\nurl = "http://127.0.0.1:9"\napi_key = "prod-key"\n')
    config.chmod(0o600)
    terminal = Terminal("keys", "add", "new")
    terminal.wait_for("URL of the cluster")
    terminal.type(sandbox.url + "\n")
    terminal.wait_for("API key: ")
    terminal.type(sandbox.api_key + "\n")
    terminal.wait_for("API secret (not shown): ")
    terminal.type(sandbox.api_secret + "\n")
    assert terminal.end() == 0, terminal.screen
    stored = tomllib.loads(config.read_text())["profiles"]["new"]
    assert (stored["url"], stored["api_key"]) == (sandbox.url, sandbox.api_key)
