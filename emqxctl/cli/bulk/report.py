"""The report of a bulk change as JSON lines: what became of each target, and what is left to resume with."""

import json
from collections.abc import Iterable, Sequence
from typing import IO, Any, Self

from emqxctl.cli.input.files import read_text
from emqxctl.config.profiles import expand_path
from emqxctl.errors import EmqxctlError, UsageError

UNFINISHED = frozenset({"left", "unknown"})  # what --resume continues with


class BulkReport:
    """A report being written: each outcome reaches the disk before the next request is sent.

    The head names all targets, so that those never reached are known however a run ended. Without a file it
    only counts. Raises EmqxctlError when the disk refuses.
    """

    def __init__(self, file: str, verb: str, place: str, targets: Sequence[str]) -> None:
        """Remember where to write; `verb` and `place` make sure that a resume fits."""
        self.file = file
        self.header: dict[str, Any] = {"verb": verb, "place": place, "targets": list(targets)}
        self.stream: IO[str] | None = None

    def __enter__(self) -> Self:
        """Open the file and write the head."""
        if self.file:
            try:
                self.stream = expand_path(self.file).open("w", encoding="utf-8")
            except OSError as error:
                raise report_write_error(self.file, error) from error
            self.write([self.header])
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        if self.stream is not None:
            self.stream.close()

    def write(self, rows: Iterable[dict[str, Any]]) -> None:
        """Write rows, a line each, and flush them."""
        if self.stream is None:
            return
        try:
            self.stream.writelines(json.dumps(row) + "\n" for row in rows)
            self.stream.flush()
        except OSError as error:
            raise report_write_error(self.file, error) from error


def unfinished_targets(file: str, verb: str, place: str, field: str) -> list[str]:
    """Read the targets that an earlier run left open, or never reached because it was killed.

    A last line that is cut off counts as not written. Raises UsageError when the file is no report, or one of
    another command or cluster.
    """
    lines = [line for line in complete_lines(read_text(file, "--resume")) if line]
    try:
        head, *rows = [json.loads(line) for line in lines]
        states = {str(row[field]): row["status"] for row in rows}
        named = dict.fromkeys([*map(str, head.get("targets", ())), *states])
        found = [one for one in named if states.get(one, "left") in UNFINISHED]
        told = (head["verb"], head["place"])
    except (ValueError, KeyError, TypeError) as error:
        message = f"--resume {file}: not a report of {verb}"
        raise UsageError(
            message, hint="give the file that --report, or an interrupted run, has written"
        ) from error
    if told != (verb, place):
        message = f"--resume {file}: it is a report of {told[0]} on {told[1]}, not of {verb} on {place}"
        raise UsageError(message)
    return found


def complete_lines(text: str) -> list[str]:
    """Split a report into lines, without the last one if the run was killed while it wrote that."""
    *lines, last = text.split("\n")
    try:
        json.loads(last)
    except ValueError:
        return lines
    return [*lines, last]  # only its end of line is missing: this target must not be done again


def report_write_error(file: str, error: OSError) -> EmqxctlError:
    """Say that the report could not be written."""
    message = f"cannot write the report {file}: {error.strerror or error}"
    return EmqxctlError(message, code="CANNOT_WRITE", hint="--report FILE takes another place")
