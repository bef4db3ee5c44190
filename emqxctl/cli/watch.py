"""--watch: a list or an object read again and again.

On a terminal the table is redrawn; elsewhere, and with -o jsonl, each change is one line of JSON: `at`,
`change` (added, changed or removed), `fields` (those that changed) and `object`. The first read reports every
object as added.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from io import StringIO
from time import monotonic, sleep
from typing import Any

from emqxctl.cli.interrupts import InterruptGuard, stdout_closed
from emqxctl.cli.session import Session
from emqxctl.errors import EmqxctlError, ExitCode, UsageError
from emqxctl.output.results import Record, Result, Row, Rows
from emqxctl.output.view import Format, Note, View
from emqxctl.text.nouns import count_noun

DEFAULT_INTERVAL, MIN_INTERVAL = 2.0, 0.5  # seconds
# Errors that may pass while the cluster is watched; others end the watch.
PASSING_ERRORS = frozenset(
    {ExitCode.NOT_FOUND, ExitCode.SERVER, ExitCode.UNREACHABLE, ExitCode.TIMED_OUT, ExitCode.NOT_READY}
)
QUIT_KEYS = frozenset({"q", "gone"})
Read = Callable[[], Result]


def watch(session: Session, read: Read, view: View) -> ExitCode:
    """Show what a command returns until it is interrupted; `q` ends the display. Raises Interrupted."""
    interval = float(session.options.get("interval") or DEFAULT_INTERVAL)
    if interval < MIN_INTERVAL:
        message = f"--interval: must be at least {MIN_INTERVAL:g}s"
        raise UsageError(message)
    if view.is_terminal and view.format.is_human_readable and session.environ.get("TERM") != "dumb":
        return watch_screen(session, read, view, interval)
    if view.format not in {Format.TABLE, Format.JSONL} or view.query is not None:
        message = "--watch prints a table on a terminal, or the changes as -o jsonl"
        raise UsageError(message, hint="use -o jsonl, without --query")
    write_changes(session, read, view, interval)
    return ExitCode.OK


def watch_screen(session: Session, read: Read, view: View, interval: float) -> ExitCode:
    """Redraw the table until `q` or Ctrl-C. Raises an error of the first read before the screen is used."""
    from emqxctl.output.terminal import Screen

    text = render_text(read(), view)
    session.is_silent = True  # lines on stderr would corrupt the display
    error, due = "", monotonic() + interval
    with InterruptGuard() as guard, Screen() as screen:
        while True:
            guard.raise_pending()
            columns, lines = screen.get_size()
            screen.draw(fit_screen(format_headline(session, interval, error), text, columns, lines))
            keys = screen.wait_for_keys(due - monotonic())
            if QUIT_KEYS.intersection(keys):
                return ExitCode.OK
            if monotonic() < due:
                continue
            try:
                text, error = render_text(read(), view._replace(width=screen.get_size()[0])), ""
            except EmqxctlError as failure:
                require_passing(failure)
                error = failure.message
            due = monotonic() + interval


def render_text(result: Result, view: View) -> str:
    """Return the text of a result with its notes below."""
    from emqxctl.output.render import render

    text, notes = StringIO(), StringIO()
    for chunk in render(result, view):
        if isinstance(chunk, Note):
            notes.write(f"{chunk.text}\n")
        else:
            text.write(chunk if isinstance(chunk, str) else chunk.decode("utf-8", "replace"))
    return text.getvalue() + notes.getvalue()


def format_headline(session: Session, interval: float, error: str) -> str:
    """Return the first line of the screen: the command, the cluster, the time, and the last error."""
    from emqxctl.text.escaping import escape_control_characters

    clock = datetime.now().astimezone().strftime("%H:%M:%S")
    line = f"{session.command} on {session.target_name}, every {interval:g}s (q quits)  {clock}"
    return f"{line}  {escape_control_characters(error)}" if error else line


def fit_screen(head: str, text: str, columns: int, lines: int) -> list[str]:
    """Return the lines of a frame; the rows that do not fit are counted on the last one."""
    body = text.splitlines()
    room = max(1, lines - 2)
    if len(body) > room:
        body = [*body[: room - 1], f"({count_noun(len(body) - room + 1, 'more line')})"]
    return [head[:columns], "", *body]


def write_changes(session: Session, read: Read, view: View, interval: float) -> None:
    """Write the changes between reads as JSON lines until stdout is closed. Raises Interrupted."""
    from emqxctl.output.streams import write_chunk

    objects: dict[str, Row] = {}
    is_first = True
    with InterruptGuard() as guard:
        while True:
            try:
                new_objects = index_rows(read(), view)
            except EmqxctlError as error:
                if is_first:
                    raise
                require_passing(error)
                session.report_error(error)
                new_objects = {} if error.exit_code is ExitCode.NOT_FOUND else objects
            is_first = False
            lines = [json.dumps(change, ensure_ascii=False) for change in find_changes(objects, new_objects)]
            if lines:
                write_chunk("\n".join(lines) + "\n", "utf-8")
            objects = new_objects
            pause(interval, guard)
            if stdout_closed():
                return


def pause(interval: float, guard: InterruptGuard) -> None:
    """Wait for the next read; a signal or a closed stdout ends the wait. Raises Interrupted."""
    due = monotonic() + interval
    while monotonic() < due and not stdout_closed():
        guard.raise_pending()
        sleep(min(0.2, max(0.0, due - monotonic())))
    guard.raise_pending()


def require_passing(error: EmqxctlError) -> None:
    """Raise an error that does not pass by itself, such as a revoked API key."""
    if error.exit_code not in PASSING_ERRORS:
        raise error


def index_rows(result: Result, view: View) -> dict[str, Row]:
    """Return the rows of a result by their identity: the key, or the whole row if it has none."""
    from emqxctl.output.query.fields import keep_fields
    from emqxctl.output.render import render

    keys = identity_fields(result)
    whole = view._replace(format=Format.JSONL, fields=(*view.fields, *keys) if view.fields else ())
    text = "".join(chunk for chunk in render(result, whole) if isinstance(chunk, str))
    rows: list[Row] = [json.loads(line) for line in text.splitlines() if line.strip()]
    indexed: dict[str, Row] = {}
    for row in rows:
        identity = json.dumps([row.get(key) for key in keys] if keys else row)
        indexed[identity] = keep_fields(row, view.fields) if view.fields else row
    return indexed


def identity_fields(result: Result) -> tuple[str, ...]:
    """Return the fields that identify a row of a result."""
    if isinstance(result, Rows) and result.name_fields:
        return result.name_fields
    return (result.key,) if isinstance(result, Rows | Record) and result.key else ()


def find_changes(before: Mapping[str, Row], after: Mapping[str, Row]) -> Iterator[dict[str, Any]]:
    """Yield what differs between two reads: added, changed and removed objects."""
    time = datetime.now(UTC).isoformat(timespec="milliseconds")
    for identity, row in after.items():
        previous_row = before.get(identity)
        if previous_row is None:
            yield {"at": time, "change": "added", "object": row}
        elif previous_row != row:
            fields = [name for name in {**previous_row, **row} if previous_row.get(name) != row.get(name)]
            yield {"at": time, "change": "changed", "fields": fields, "object": row}
    for identity, row in before.items():
        if identity not in after:
            yield {"at": time, "change": "removed", "object": row}
