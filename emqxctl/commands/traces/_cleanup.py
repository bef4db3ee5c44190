"""The names of traces that are only followed, and those that a killed process left behind."""

import os
import re
import socket
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from zlib import crc32

from emqxctl.api.pagination import page_rows
from emqxctl.cli.session import Session
from emqxctl.errors import EmqxctlError
from emqxctl.output.results import Row

PREFIX = "emqxctl-tail-"
END_MARGIN = 60  # seconds after which the server ends a trace that nobody removed in time


def place() -> str:
    """Name this host, user and space of process ids, so that only a process of ours is judged by its id."""
    host = re.sub(r"[^A-Za-z0-9]", "", socket.gethostname().partition(".")[0])[:16] or "host"
    try:
        space = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        space = ""
    user = os.getuid() if hasattr(os, "getuid") else 0
    return f"{host}-{crc32(f'{socket.gethostname()} {user} {space}'.encode()):08x}"


def new_name() -> str:
    """Name a trace of this process; EMQX takes letters, digits, `-` and `_`."""
    return f"{PREFIX}{place()}-{os.getpid()}-{token_hex(2)}"


def is_stale(trace: Row) -> bool:
    """Tell whether a trace was left behind by a process that is gone: it has ended, or its process has."""
    name = str(trace.get("name"))
    if not name.startswith(PREFIX):
        return False
    if trace.get("status") == "stopped":
        return True
    found = re.fullmatch(rf"{re.escape(PREFIX + place())}-(\d+)-[0-9a-f]+", name)
    return found is not None and not is_alive(int(found[1]))


def is_alive(pid: int) -> bool:
    """Tell whether a process is there; yes where the system cannot be asked without harm (Windows)."""
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def tidy(session: Session) -> datetime:
    """Remove what was left behind, and give the server's time, ours where it does not tell."""
    from emqxctl.api.request import build_request

    answer = session.client.send(build_request("GET", "/trace"))
    for trace in page_rows(answer.json()):
        if is_stale(trace):
            remove(session, str(trace["name"]))
    return server_time(answer.headers.get("date", ""))


def remove(session: Session, name: str) -> None:
    """Remove a trace that was left behind; whoever cannot may leave it to the next one."""
    try:
        session.client.delete("/trace/{name}", name)
    except EmqxctlError as error:
        session.info(f"warning: the trace {name!r}, left behind, is still there: {error.message}")


def server_time(text: str) -> datetime:
    """Read a Date header: the end of a trace is judged by the server's clock, not by ours."""
    from email.utils import parsedate_to_datetime

    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return datetime.now(UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
