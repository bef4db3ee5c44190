"""The names of the traces that `traces tail` creates, and the removal of those of killed processes."""

import os
import re
import socket
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from zlib import crc32

from emqxctl.api.response import page_rows
from emqxctl.cli.session import Session
from emqxctl.errors import EmqxctlError
from emqxctl.output.results import Row

PREFIX = "emqxctl-tail-"
END_MARGIN = 60  # seconds after which the server ends a trace that was not removed in time


def process_scope() -> str:
    """Return a name of this host, user and PID namespace: a process id is only meaningful within them."""
    host = re.sub(r"[^A-Za-z0-9]", "", socket.gethostname().partition(".")[0])[:16] or "host"
    try:
        namespace = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        namespace = ""
    user = os.getuid() if hasattr(os, "getuid") else 0
    return f"{host}-{crc32(f'{socket.gethostname()} {user} {namespace}'.encode()):08x}"


def new_name() -> str:
    """Return the name of a new trace of this process; EMQX allows letters, digits, `-` and `_`."""
    return f"{PREFIX}{process_scope()}-{os.getpid()}-{token_hex(2)}"


def is_stale(trace: Row) -> bool:
    """Return whether a trace was left behind: it has stopped, or its process no longer exists."""
    name = str(trace.get("name"))
    if not name.startswith(PREFIX):
        return False
    if trace.get("status") == "stopped":
        return True
    match = re.fullmatch(rf"{re.escape(PREFIX + process_scope())}-(\d+)-[0-9a-f]+", name)
    if match is None:
        return False
    from emqxctl.cli.sandbox_process import is_process_alive

    return not is_process_alive(int(match[1]))


def remove_stale_traces(session: Session) -> datetime:
    """Remove the traces that were left behind, and return the server's time (ours if it sends none)."""
    from emqxctl.api.request import build_request

    response = session.client.send(build_request("GET", "/trace"))
    for trace in page_rows(response.json()):
        if is_stale(trace):
            remove_trace(session, str(trace["name"]))
    return parse_server_time(response.headers.get("date", ""))


def remove_trace(session: Session, name: str) -> None:
    """Remove a trace that was left behind; a failure is only a warning."""
    try:
        session.client.delete("/trace/{name}", name)
    except EmqxctlError as error:
        session.info(f"warning: cannot delete the unused trace {name!r}: {error.message}")


def parse_server_time(header: str) -> datetime:
    """Parse a Date header: the server's clock decides when a trace ends."""
    from email.utils import parsedate_to_datetime

    try:
        time = parsedate_to_datetime(header)
    except ValueError:
        return datetime.now(UTC)
    return time if time.tzinfo else time.replace(tzinfo=UTC)
