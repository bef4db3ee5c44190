"""The sandbox that keeps running: its state file, starting and stopping it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from emqxctl.config.atomic_file import replace_file
from emqxctl.config.profiles import state_path
from emqxctl.errors import ConfigError, EmqxctlError

STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class SandboxProcess:
    """A running sandbox: its URL, credentials and process id."""

    url: str
    api_key: str
    api_secret: str
    pid: int


def state_file(environ: Mapping[str, str]) -> Path:
    """Return the file that holds the running sandbox."""
    return state_path(environ) / "sandbox.json"


def find_running_sandbox(environ: Mapping[str, str]) -> SandboxProcess | None:
    """Return the running sandbox, None if there is none."""
    try:
        process = SandboxProcess(**json.loads(state_file(environ).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return process if is_sandbox_running(process.pid) else None


def is_first_notice(environ: Mapping[str, str]) -> bool:
    """Return whether this session of a terminal or script has not shown yet that the cluster is simulated.

    The last session is remembered in a file; without it the notice is shown each time.
    """
    session_id = os.getsid(0) if hasattr(os, "getsid") else os.getppid()
    path = state_path(environ) / "sandbox_notice"
    try:
        if path.read_text() == str(session_id):
            return False
    except (OSError, ValueError):
        pass
    with suppress(OSError, ConfigError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_file(path, str(session_id).encode())
    return True


def is_sandbox_running(pid: int) -> bool:
    """Return whether a process exists and, if the system shows its command, is a sandbox."""
    command_line = Path(f"/proc/{pid}/cmdline")
    try:
        return is_process_alive(pid) and (
            not command_line.exists() or b"emqxctl.sandbox" in command_line.read_bytes()
        )
    except OSError:
        return False


def is_process_alive(pid: int) -> bool:
    """Return whether a process exists; True on Windows, where the check would end the process."""
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def start_sandbox(
    environ: Mapping[str, str],
    port: int,
    *,
    still: bool = False,
    edition: str = "community",
    clients: int = 24,
) -> SandboxProcess:
    """Start a sandbox that keeps running after this command. Raises EmqxctlError when it does not start."""
    command = [sys.executable, "-m", "emqxctl.sandbox", "--port", str(port), *(["--still"] if still else [])]
    command += ["--edition", edition, "--clients", str(clients)]
    process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    line = process.stdout.readline() if process.stdout else b""
    try:
        credentials = json.loads(line)
        sandbox = SandboxProcess(
            credentials["url"], credentials["api_key"], credentials["api_secret"], process.pid
        )
    except (ValueError, KeyError, TypeError) as error:
        process.kill()
        last_line = process.communicate()[1].decode(errors="replace").strip().rpartition("\n")[2]
        message = f"cannot start the sandbox: {last_line or 'no output'}"
        hint = "if the port is in use, --port 0 chooses a free port"
        raise EmqxctlError(message, code="SANDBOX_FAILED", hint=hint) from error
    path = state_file(environ)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_file(path, json.dumps(asdict(sandbox)).encode())
    return sandbox


def stop_sandbox(environ: Mapping[str, str], process: SandboxProcess) -> None:
    """Stop the running sandbox and delete its state file."""
    with suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while is_sandbox_running(process.pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    state_file(environ).unlink(missing_ok=True)
