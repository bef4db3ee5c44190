"""The report of a bulk change as JSON lines: the result of each target, and the targets to resume with."""

import json
import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Self

from emqxctl.cli.input.files import read_text
from emqxctl.config.profiles import expand_path
from emqxctl.errors import EmqxctlError, UsageError

PENDING = "pending"  # the status of a target that no request was sent for, or whose request was not executed
UNKNOWN = "unknown"
UNFINISHED = frozenset({PENDING, UNKNOWN})  # the statuses that --resume continues with
STARTED = "started"  # the key of the line with the targets of a request that is about to be sent


class BulkReport:
    """A report being written: each request is recorded before it is sent, each result before the next one.

    The header names all targets, so that the pending ones are known however a run ends; a target of a
    request without a result counts as unknown. The report that is resumed is brought up to date, so that
    resuming it again repeats nothing. Without files nothing is written. Raises EmqxctlError when a file
    cannot be written or is in use.
    """

    def __init__(  # noqa: PLR0913  # the header's fields
        self,
        file: str,
        verb: str,
        url: str,
        targets: Sequence[str],
        resumed: str = "",
        *,
        key_kind: str = "",
        options: Mapping[str, object] | None = None,
    ) -> None:
        """Set the new file, the resumed file and the header, which is checked when a run is resumed."""
        self.paths = {expand_path(name).resolve(): name for name in (resumed, file) if name}
        self.resumed_path = expand_path(resumed).resolve() if resumed else None
        self.header: dict[str, Any] = {"verb": verb, "url": url, "targets": list(targets)}
        if key_kind:
            self.header["kind"] = key_kind
        if options:
            self.header["options"] = dict(options)
        self.streams: dict[str, IO[str]] = {}
        self.lock = threading.Lock()

    def __enter__(self) -> Self:
        """Open the files, and write the header of a new one."""
        for path, name in self.paths.items():
            is_resumed = path == self.resumed_path
            try:
                if not is_resumed:
                    refuse_other_file(path, name)
                self.streams[name] = stream = open_locked(path, name)
                position = repaired_size(path) if is_resumed else 0
                stream.truncate(position)
                if not is_resumed:
                    stream.write(json.dumps(self.header) + "\n")
                stream.flush()
            except OSError as error:
                raise report_write_error(name, error) from error
        return self

    def __exit__(self, *_: object) -> None:
        """Close the files."""
        for stream in self.streams.values():
            with suppress(OSError):
                stream.close()

    def write_rows(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows, one per line, and flush them."""
        if not self.streams:
            return
        lines = [json.dumps(row) + "\n" for row in rows]
        with self.lock:
            for name, stream in self.streams.items():
                try:
                    stream.writelines(lines)
                    stream.flush()
                except OSError as error:
                    raise report_write_error(name, error) from error

    def write_started(self, targets: Sequence[str]) -> None:
        """Record that a request for these targets is about to be sent."""
        self.write_rows([{STARTED: list(targets)}])


def refuse_other_file(path: Path, name: str) -> None:
    """Raise UsageError for an existing file that is not a report, such as that of --ids. Raises OSError."""
    if not path.is_file():
        return
    with path.open("rb") as stream:
        line = stream.readline()
    try:
        is_report = not line or "targets" in json.loads(line)
    except (ValueError, TypeError):
        is_report = False
    if not is_report:
        message = f"--report {name}: the file exists and is not a report"
        raise UsageError(message, hint="choose another file: --report FILE")


def open_locked(path: Path, name: str) -> IO[str]:
    """Open a report for appending, and keep other runs from writing it. Raises OSError, UsageError."""
    stream = path.open("a", encoding="utf-8")
    if os.name == "posix" and path.is_file():
        import fcntl

        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            stream.close()
            message = f"report {name} is in use by another run"
            raise UsageError(message, hint="wait until that run has ended") from error
        except OSError:  # some network file systems have no locks
            pass
    return stream


def repaired_size(path: Path) -> int:
    """Return the size of a report without the last line that a killed run left incomplete.

    A line that only lacks its end gets it.
    """
    content = path.read_bytes()
    complete_size = content.rfind(b"\n") + 1
    if complete_size == len(content):
        return complete_size
    try:
        json.loads(content[complete_size:])
    except ValueError:
        return complete_size
    with path.open("ab") as stream:
        stream.write(b"\n")
    return len(content) + 1


def read_statuses(file: str, verb: str, url: str, key_field: str) -> dict[str, str]:
    """Read the status of each target after the earlier runs of a report, also if one was killed.

    An incomplete last line is ignored. Raises UsageError when the file is not a report, or a report of
    another command or cluster.
    """
    if file == "-":
        message = "--resume - is not supported: the report is brought up to date"
        raise UsageError(message, hint="save the report to a file: --resume FILE")
    lines = [line for line in complete_lines(read_text(file, "--resume")) if line]
    try:
        header, *rows = [json.loads(line) for line in lines]
        statuses = dict.fromkeys(map(str, header.get("targets", ())), PENDING)
        for row in rows:
            if STARTED in row:
                statuses |= dict.fromkeys(map(str, row[STARTED]), UNKNOWN)
            else:
                statuses[str(row[key_field])] = str(row["status"])
        report_of = (header["verb"], header["url"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise not_a_report_error(file, verb) from error
    if report_of != (verb, url):
        message = f"--resume {file}: report of {report_of[0]} on {report_of[1]}, not of {verb} on {url}"
        raise UsageError(message)
    return statuses


def not_a_report_error(file: str, verb: str = "") -> UsageError:
    """Return the error for a file that is not a report, or not one of a command."""
    message = f"--resume {file}: not a report of {verb}" if verb else f"--resume {file}: not a report"
    return UsageError(message, hint="use the file that --report, or an interrupted run, has written")


def check_key_kind(file: str, key_kind: str) -> None:
    """Raise UsageError for a report of another kind of keys: a client ID is not a username."""
    report_kind = json.loads(read_text(file, "--resume").partition("\n")[0]).get("kind", key_kind)
    if report_kind != key_kind:
        message = f"--resume {file}: report of {report_kind}, not of {key_kind}"
        raise UsageError(message)


def unfinished_targets(file: str, verb: str, url: str, key_field: str) -> list[str]:
    """Read the targets that earlier runs left unfinished. Raises UsageError."""
    statuses = read_statuses(file, verb, url, key_field)
    return [target for target, status in statuses.items() if status in UNFINISHED]


def complete_lines(text: str) -> list[str]:
    """Split a report into lines, without the last one if the run was killed while it was written."""
    *lines, last_line = text.split("\n")
    try:
        json.loads(last_line)
    except ValueError:
        return lines
    return [*lines, last_line]  # only its line end is missing: this target must not be changed again


def report_write_error(file: str, error: OSError) -> EmqxctlError:
    """Return the error for a report that could not be written."""
    message = f"cannot write the report {file}: {error.strerror or error}"
    return EmqxctlError(message, code="CANNOT_WRITE", hint="choose another file: --report FILE")
