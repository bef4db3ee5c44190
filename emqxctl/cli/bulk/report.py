"""The report of a bulk change as JSON lines: the result of each target, and the targets to resume with."""

import json
from collections.abc import Iterable, Sequence
from typing import IO, Any, Self

from emqxctl.cli.input.files import read_text
from emqxctl.config.profiles import expand_path
from emqxctl.errors import EmqxctlError, UsageError

PENDING = "pending"  # the status of a target that no request was sent for
UNFINISHED = frozenset({PENDING, "unknown"})  # the statuses that --resume continues with


class BulkReport:
    """A report being written: each result is on disk before the next request is sent.

    The header names all targets, so that the pending ones are known however a run ends. Without a file
    nothing is written. Raises EmqxctlError when the file cannot be written.
    """

    def __init__(self, file: str, verb: str, url: str, targets: Sequence[str]) -> None:
        """Set the file and the header; its verb and cluster URL are checked when a run is resumed."""
        self.file = file
        self.header: dict[str, Any] = {"verb": verb, "url": url, "targets": list(targets)}
        self.stream: IO[str] | None = None

    def __enter__(self) -> Self:
        """Open the file and write the header."""
        if self.file:
            try:
                self.stream = expand_path(self.file).open("w", encoding="utf-8")
            except OSError as error:
                raise report_write_error(self.file, error) from error
            self.write_rows([self.header])
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        if self.stream is not None:
            self.stream.close()

    def write_rows(self, rows: Iterable[dict[str, Any]]) -> None:
        """Write rows, one per line, and flush them."""
        if self.stream is None:
            return
        try:
            self.stream.writelines(json.dumps(row) + "\n" for row in rows)
            self.stream.flush()
        except OSError as error:
            raise report_write_error(self.file, error) from error


def unfinished_targets(file: str, verb: str, url: str, key_field: str) -> list[str]:
    """Read the targets that an earlier run left unfinished, also if that run was killed.

    An incomplete last line is ignored. Raises UsageError when the file is not a report, or a report of
    another command or cluster.
    """
    lines = [line for line in complete_lines(read_text(file, "--resume")) if line]
    try:
        header, *rows = [json.loads(line) for line in lines]
        statuses = {str(row[key_field]): row["status"] for row in rows}
        all_targets = dict.fromkeys([*map(str, header.get("targets", ())), *statuses])
        targets = [target for target in all_targets if statuses.get(target, PENDING) in UNFINISHED]
        report_of = (header["verb"], header["url"])
    except (ValueError, KeyError, TypeError) as error:
        message = f"--resume {file}: not a report of {verb}"
        hint = "use the file that --report, or an interrupted run, has written"
        raise UsageError(message, hint=hint) from error
    if report_of != (verb, url):
        message = f"--resume {file}: report of {report_of[0]} on {report_of[1]}, not of {verb} on {url}"
        raise UsageError(message)
    return targets


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
