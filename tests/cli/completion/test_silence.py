"""TAB never prints an error and never hangs, whatever the cluster and the user's files are."""

import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.completion import press_tab
from tests.support.sandboxes import EMQXCTL

# The limit is half a second after the start; the rest is the start of Python on a busy machine.
MAX_SECONDS = 6.0


@pytest.fixture
def silent_server() -> Iterator[str]:
    """Yield the URL of a server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        connections: list[socket.socket] = []

        def accept() -> None:
            try:
                while True:
                    connections.append(server.accept()[0])
            except OSError:
                return

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        for connection in connections:
            connection.close()


def test_a_cluster_that_is_away_gives_nothing(tmp_path: Path, silent_server: str) -> None:
    urls = ("http://127.0.0.1:1", "https://127.0.0.1:1", "http://no-such-host.invalid", "http://10.255.255.1")
    for url in (*urls, silent_server, "not a url", "http://u:p@h"):
        env = {"EMQXCTL_CONFIG": str(tmp_path), "EMQXCTL_URL": url, "EMQXCTL_API_KEY": "k"}
        answer = press_tab("nodes get ", {**env, "EMQXCTL_API_SECRET": "s"})
        assert answer.stderr == "", url
        assert answer.values == [], url
        assert answer.seconds < MAX_SECONDS, url


@pytest.mark.parametrize(
    "line",
    [
        "-p nowhere nodes get ",
        "nodes nothing ",
        "nodes list --limit x ",
        "'",
        '"$(reboot)',
        "\\",
        "-- ",
        "api-keys get ",
        "--no-such ",
        "nodes get --fields=",
    ],
)
def test_a_line_that_makes_no_sense_prints_no_error(line: str, tmp_path: Path) -> None:
    assert press_tab(line, {"EMQXCTL_CONFIG": str(tmp_path)}).stderr == ""


def test_broken_files_print_no_error(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("not = [toml")
    env = {"EMQXCTL_CONFIG": str(tmp_path)}
    for line in ("nodes get ", "-p ", "keys use ", "nodes li"):
        answer = press_tab(line, env)
        assert answer.stderr == ""
    assert answer.values == ["list"]


def test_the_script_is_printed_whatever_the_profile_is(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("not = [toml")
    env = {"EMQXCTL_CONFIG": str(tmp_path), "EMQXCTL_PROFILE": "nowhere", "EMQXCTL_OUTPUT": "x"}
    result = subprocess.run(
        [EMQXCTL, "completion", "bash"], env=env, capture_output=True, text=True, check=True
    )
    assert "complete -" in result.stdout
    assert result.stderr == ""
