"""The sandbox that keeps running: where it is, starting and stopping it."""

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
from emqxctl.errors import EmqxctlError

STARTING, STOPPING = 10.0, 5.0  # seconds


@dataclass(frozen=True, slots=True)
class SandboxProcess:
    """A sandbox process: where it listens, its key, its process id."""

    url: str
    api_key: str
    api_secret: str
    pid: int


def state_file(environ: Mapping[str, str]) -> Path:
    """Find the file that remembers the running sandbox."""
    return state_path(environ) / "sandbox.json"


def find_running_sandbox(environ: Mapping[str, str]) -> SandboxProcess | None:
    """Find the sandbox that runs, None when there is none (any more)."""
    try:
        found = SandboxProcess(**json.loads(state_file(environ).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return found if is_alive(found.pid) else None


def is_alive(pid: int) -> bool:
    """Tell whether a process is there and is a sandbox, as far as the system tells."""
    try:
        os.kill(pid, 0)
        command = Path(f"/proc/{pid}/cmdline")
        return b"emqxctl.sandbox" in command.read_bytes() if command.exists() else True
    except (OSError, OverflowError):
        return False


def start_sandbox(environ: Mapping[str, str], port: int, *, still: bool = False) -> SandboxProcess:
    """Start a sandbox that outlives this command. Raises EmqxctlError when it does not come up."""
    command = [sys.executable, "-m", "emqxctl.sandbox", "--port", str(port), *(["--still"] if still else [])]
    process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    line = process.stdout.readline() if process.stdout else b""
    try:
        told = json.loads(line)
        found = SandboxProcess(told["url"], told["api_key"], told["api_secret"], process.pid)
    except (ValueError, KeyError, TypeError) as error:
        process.kill()
        said = process.communicate()[1].decode(errors="replace").strip().rpartition("\n")[2]
        message = f"the sandbox did not start: {said or 'it said nothing'}"
        raise EmqxctlError(
            message, code="SANDBOX_FAILED", hint="is the port taken? --port 0 takes a free one"
        ) from error
    path = state_file(environ)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_file(path, json.dumps(asdict(found)).encode())
    return found


def stop_sandbox(environ: Mapping[str, str], found: SandboxProcess) -> None:
    """Stop the running sandbox and forget it."""
    with suppress(ProcessLookupError):
        os.kill(found.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOPPING
    while is_alive(found.pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    state_file(environ).unlink(missing_ok=True)
