"""Files and hosts that the installed program opens: its own files, its profile's host, nothing else."""

import os
import subprocess
from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.support.sandboxes import EMQXCTL, sandbox_env

WATCHER = """
import sys, os
def watch(event, arguments):
    if event in {"open", "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.exec"}:
        what = arguments[1] if event == "socket.connect" else arguments[0]
        os.write(int(os.environ["WATCH"]), (event + " " + repr(what) + "\\n").encode())
sys.addaudithook(watch)
"""


@pytest.fixture
def audit_folder(tmp_path: Path) -> Path:
    """Return a folder with a sitecustomize that reports what is opened."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(WATCHER)
    return folder


def run_and_record(audit_folder: Path, home: Path, arguments: list[str], **env: str) -> tuple[int, list[str]]:
    """Run the installed program; return its exit code and its audit events."""
    reader, writer = os.pipe()
    with subprocess.Popen(
        [EMQXCTL, *arguments],
        pass_fds=[writer],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(audit_folder), "HOME": str(home), "WATCH": str(writer), **env},
    ) as child:
        os.close(writer)
        with os.fdopen(reader) as stream:
            events = stream.read().splitlines()
        child.communicate(timeout=60)
    return child.returncode, events


@pytest.fixture
def decoy_home(home: Path, sandbox: Sandbox) -> Path:
    """Return a home with a .netrc and similar files for the very host."""
    for name in (".netrc", "_netrc", ".curlrc", ".wgetrc", ".pgpass"):
        (home / name).write_text("machine 127.0.0.1 login netrc-user password netrc-pass\n")
        (home / name).chmod(0o600)
    return home


@pytest.mark.parametrize(
    "arguments", [["status"], ["nodes", "list"], ["publish", "a", "b"], ["clients", "kick", "x", "--yes"]]
)
def test_a_command_opens_only_its_own_files_and_its_host(
    audit_folder: Path, decoy_home: Path, sandbox: Sandbox, arguments: list[str]
) -> None:
    code, events = run_and_record(audit_folder, decoy_home, arguments, **sandbox_env(sandbox))
    assert code == {"clients": 6, "status": 8}.get(arguments[0], 0)
    connected = {event for event in events if event.startswith("socket.connect ")}
    assert connected == {f"socket.connect ('127.0.0.1', {sandbox.url.rpartition(':')[2]})"}
    assert {event for event in events if event.startswith("socket.getaddrinfo")} == {
        "socket.getaddrinfo '127.0.0.1'"
    }
    opened = [event for event in events if event.startswith("open ")]
    assert any("/config/config.toml" in event for event in opened)
    assert [event for event in opened if str(decoy_home) in event and "/config/" not in event] == []
    assert not [event for event in events if event.startswith(("subprocess", "os."))]
    schemes = {sandbox.requests[0].headers.get("authorization", "")[:6]}
    assert schemes == ({""} if arguments == ["status"] else {"Basic "})


def test_no_module_is_imported_from_the_working_folder(tmp_path: Path, sandbox: Sandbox, home: Path) -> None:
    for name in ("requests", "typer", "json", "emqxctl", "rich"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('taken from the folder')\n")
    result = subprocess.run(
        [EMQXCTL, "nodes", "list", "-o", "name"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, **sandbox_env(sandbox)},
        check=False,
        timeout=60,
    )
    assert (result.returncode, result.stdout.count("\n")) == (0, 3), result.stderr
